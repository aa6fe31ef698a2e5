package message

import (
	"testing"

	"github.com/gotd/td/tg"
)

func TestSources(t *testing.T) {
	forward := func(id int64) *tg.Message {
		return &tg.Message{PeerID: &tg.PeerChannel{ChannelID: 1111}, FwdFrom: tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: id}, ChannelPost: 3}}
	}
	linked := func(url string) *tg.Message {
		return &tg.Message{Message: "x", Entities: []tg.MessageEntityClass{&tg.MessageEntityTextURL{Length: 1, URL: url}}}
	}
	for _, tc := range []struct {
		name  string
		items []*tg.Message
		want  []Source
	}{
		{"nothing", []*tg.Message{{Message: "words"}}, nil},
		{"no items", nil, nil},
		{"a forward", []*tg.Message{forward(9)}, []Source{{ID: 9, Why: SourceForward}}},
		{"an album names its origin once", []*tg.Message{forward(9), forward(9)}, []Source{{ID: 9, Why: SourceForward}}},
		{"its own post again", []*tg.Message{forward(1111)}, nil},
		{"a person's message", []*tg.Message{{FwdFrom: tg.MessageFwdHeader{FromID: &tg.PeerUser{UserID: 42}, FromName: "Some Name"}}}, nil},
		{"a small group's", []*tg.Message{{FwdFrom: tg.MessageFwdHeader{FromID: &tg.PeerChat{ChatID: 4}}}}, nil},
		{"who saved it is no origin", []*tg.Message{{FwdFrom: tg.MessageFwdHeader{FromName: "x", SavedFromPeer: &tg.PeerChannel{ChannelID: 9}}}}, nil},
		{"a link to a post", []*tg.Message{linked("https://t.me/OtherChannel/5")}, []Source{{Name: "otherchannel", Why: SourceLink}}},
		{"one link twice", []*tg.Message{linked("https://t.me/OtherChannel/5"), linked("telegram.me/otherchannel/6")}, []Source{{Name: "otherchannel", Why: SourceLink}}},
		{"a link to a preview of posts", []*tg.Message{linked("https://t.me/s/otherchannel")}, []Source{{Name: "otherchannel", Why: SourceLink}}},
		{"a name alone may be a person's", []*tg.Message{linked("https://t.me/some_person")}, nil},
		{"so may a host", []*tg.Message{linked("https://someperson.t.me")}, nil},
		{"stories are persons', too", []*tg.Message{linked("https://someperson.t.me/s/5"), linked("https://t.me/some_person/s/5")}, nil},
		{"invitations", []*tg.Message{linked("https://t.me/+AbCdEf"), linked("https://t.me/joinchat/AbCdEf")}, nil},
		{"a private channel", []*tg.Message{linked("https://t.me/c/123/45")}, nil},
		{"another platform", []*tg.Message{linked("https://x.com/somebody/status/20")}, nil},
		{"a link in the text", []*tg.Message{{Message: "see t[.]me/otherchannel/5"}}, []Source{{Name: "otherchannel", Why: SourceLink}}},
		{"a mention", []*tg.Message{{Message: "@someperson", Entities: []tg.MessageEntityClass{&tg.MessageEntityMention{Length: 11}}}}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			diff(t, "sources", Sources(tc.items), tc.want)
		})
	}
}

func TestSourcesAreBounded(t *testing.T) {
	var items []*tg.Message
	for i := range 10 * maxSources {
		items = append(items, &tg.Message{FwdFrom: tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: int64(i + 1)}}})
	}
	if got := Sources(items); len(got) != maxSources {
		t.Errorf("%d sources", len(got))
	}
}

func TestASourceKnowsItsChannel(t *testing.T) {
	for _, tc := range []struct {
		source Source
		want   bool
	}{
		{Source{ID: 1111}, true},
		{Source{ID: 9}, false},
		{Source{Name: "inventedchannel"}, true},
		{Source{Name: "otherchannel"}, false},
		{Source{}, false},
	} {
		channel := invented()
		channel.Username = "InventedChannel"
		if got := tc.source.Is(channel); got != tc.want {
			t.Errorf("%v: %v", tc.source, got)
		}
	}
	if (Source{}).Is(Channel{}) {
		t.Error("nothing is the channel that nothing is known of")
	}
}
