package message

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gotd/td/tg"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// posted is when invented messages were posted.
const posted = 1588334400

func readAt() time.Time { return time.UnixMilli(1600000000123) }

// invented is the channel that invented messages are read in.
func invented() Channel {
	return Channel{ID: 1111, Username: "inventedchannel", Kind: doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL, Audience: -1}
}

func diff(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, protocmp.Transform()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func hasFlag(post *doxtrailv1.RawPost, flag doxtrailv1.PostFlag) bool {
	return slices.Contains(post.GetFlags(), flag)
}

// link is a link of a raw post.
func link(url string, source doxtrailv1.LinkSource) *doxtrailv1.RawLink {
	return doxtrailv1.RawLink_builder{Url: &url, Source: &source, ExpandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE.Enum()}.Build()
}

const (
	entityLink  = doxtrailv1.LinkSource_LINK_SOURCE_ENTITY
	textLink    = doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK
	buttonLink  = doxtrailv1.LinkSource_LINK_SOURCE_BUTTON
	previewLink = doxtrailv1.LinkSource_LINK_SOURCE_PREVIEW
	quotedLink  = doxtrailv1.LinkSource_LINK_SOURCE_QUOTED
	fieldLink   = doxtrailv1.LinkSource_LINK_SOURCE_FIELD
)

func TestAPlainPost(t *testing.T) {
	got := post(t, &tg.Message{Message: "新卡"})
	diff(t, "post", got, doxtrailv1.RawPost_builder{
		ChannelId:   proto.String("1111"),
		ChannelKind: doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL.Enum(),
		PostId:      proto.String("77"),
		Kind:        doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(),
		PostedAt:    proto.Int64(1588334400000),
		CollectedAt: proto.Int64(1600000000123),
		Text:        proto.String("新卡"),
	}.Build())
}

func TestAChannelOfWhichOnlyTheNameIsKnown(t *testing.T) {
	m := &tg.Message{ID: 3, Date: posted, ReplyTo: &tg.MessageReplyHeader{ReplyToMsgID: 2}}
	got := Post(Channel{Username: "inventedchannel", Audience: -1}, []*tg.Message{m}, readAt())
	if got.HasChannelId() || got.GetChannelName() != "inventedchannel" || got.GetShares()[0].GetChannelName() != "inventedchannel" {
		t.Errorf("got %v", got)
	}
}

func TestNoItemsAreNoPost(t *testing.T) {
	if got := Post(invented(), nil, readAt()); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestEditsThatTelegramHidesAreNone(t *testing.T) {
	for name, tc := range map[string]struct {
		m    tg.Message
		want int64
	}{
		"edited":           {tg.Message{EditDate: posted + 60}, (posted + 60) * 1000},
		"hidden":           {tg.Message{EditDate: posted + 60, EditHide: true}, 0},
		"before the post":  {tg.Message{EditDate: posted - 1}, 0},
		"at the same time": {tg.Message{EditDate: posted}, posted * 1000},
		"never":            {tg.Message{}, 0},
	} {
		got := post(t, &tc.m)
		if got.GetEditedAt() != tc.want || got.HasEditedAt() != (tc.want != 0) {
			t.Errorf("%s: edited at %d, want %d", name, got.GetEditedAt(), tc.want)
		}
	}
}

func TestAnAlbumIsOnePost(t *testing.T) {
	forward := func(id int) tg.MessageFwdHeader {
		return tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: 9}, ChannelPost: id, Date: posted - 100}
	}
	items := []*tg.Message{
		{ID: 5, Date: posted, Media: &tg.MessageMediaPhoto{Photo: &tg.Photo{ID: 50}}, FwdFrom: forward(40), Views: 10},
		{ID: 6, Date: posted + 1, Media: &tg.MessageMediaPhoto{Photo: &tg.Photo{ID: 60}}, FwdFrom: forward(41), Views: 12, EditDate: posted + 9, Message: "the caption"},
		{ID: 8, Date: posted + 1, Media: &tg.MessageMediaContact{}, FwdFrom: forward(43), Views: 11},
	}
	got := Post(invented(), items, readAt())
	if got.GetPostId() != "5" || got.GetText() != "the caption" || got.GetPostedAt() != posted*1000 || got.GetEditedAt() != (posted+9)*1000 {
		t.Errorf("got %v", got)
	}
	diff(t, "items", got.GetItemIds(), []string{"6", "8"})
	diff(t, "shares", got.GetShares(), []*doxtrailv1.RawShare{doxtrailv1.RawShare_builder{
		Kind: doxtrailv1.ShareKind_SHARE_KIND_FORWARD.Enum(), ChannelId: proto.String("9"), PostId: proto.String("40"), PostedAt: proto.Int64((posted - 100) * 1000),
	}.Build()})
	if len(got.GetMedia()) != 2 || got.GetCounters().GetViewCount() != 12 || len(got.GetPersonalData()) != 2 {
		t.Errorf("got %v", got)
	}
}

func TestAuthorsAreKeptInGroupsOnly(t *testing.T) {
	for name, tc := range map[string]struct {
		kind doxtrailv1.ChannelKind
		from tg.PeerClass
		want string
	}{
		"a person in a group":        {doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP, &tg.PeerUser{UserID: 42}, "42"},
		"a person in a channel":      {doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL, &tg.PeerUser{UserID: 42}, ""},
		"a person somewhere unknown": {0, &tg.PeerUser{UserID: 42}, ""},
		"a channel in a group":       {doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP, &tg.PeerChannel{ChannelID: 9}, "channel9"},
		"the group itself":           {doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP, &tg.PeerChannel{ChannelID: 1111}, ""},
		"a small group":              {doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP, &tg.PeerChat{ChatID: 4}, "chat4"},
		"nobody":                     {doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP, nil, ""},
	} {
		channel := invented()
		channel.Kind = tc.kind
		got := Post(channel, []*tg.Message{{ID: 1, Date: posted, FromID: tc.from}}, readAt())
		if got.GetAccountId() != tc.want {
			t.Errorf("%s: account %q, want %q", name, got.GetAccountId(), tc.want)
		}
	}
}

func TestARecordNeverGrowsBeyondItsBound(t *testing.T) {
	long := strings.Repeat("卡", maxText)
	m := &tg.Message{ID: 1 << 30, Date: posted, Message: long + "\xff", PostAuthor: long, RichMessage: tg.RichMessage{}}
	for range 5000 {
		m.Entities = append(m.Entities, &tg.MessageEntityTextURL{Length: 1, URL: "https://cards.example/" + long[:90]})
		m.RichMessage.Photos = append(m.RichMessage.Photos, &tg.Photo{ID: -1 << 63})
	}
	m.RichMessage.Blocks = []tg.PageBlockClass{&tg.PageBlockParagraph{Text: &tg.TextPlain{Text: long}}}
	items := slices.Repeat([]*tg.Message{m}, 5000)
	channel := invented()
	channel.Audience = 1 << 30
	for name, c := range map[string][]*tg.Message{"one": items[:1], "many": items[:200]} {
		got := Post(channel, c, readAt())
		if size := proto.Size(got); size > bus.MaxRecordBytes || size < maxText {
			t.Errorf("%s: %d bytes", name, size)
		}
		if !hasFlag(got, doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED) {
			t.Errorf("%s: not flagged", name)
		}
		if _, err := proto.Marshal(got); err != nil {
			t.Errorf("%s: the record cannot be encoded", name)
		}
	}
}

func TestFlags(t *testing.T) {
	reason := func(words ...string) (list []tg.RestrictionReason) {
		for _, w := range words {
			list = append(list, tg.RestrictionReason{Platform: "all", Reason: w, Text: "shown to users"})
		}
		return list
	}
	for name, tc := range map[string]struct {
		m    tg.Message
		want []doxtrailv1.PostFlag
	}{
		"none":      {tg.Message{Noforwards: true, TTLPeriod: 5, ViaBusinessBotID: 3}, nil},
		"by a bot":  {tg.Message{ViaBotID: 3}, []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_VIA_BOT}},
		"withheld":  {tg.Message{RestrictionReason: reason("terms")}, []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_WITHHELD}},
		"sensitive": {tg.Message{RestrictionReason: reason("terms", "sensitive")}, []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_SENSITIVE, doxtrailv1.PostFlag_POST_FLAG_WITHHELD}},
	} {
		diff(t, name, post(t, &tc.m).GetFlags(), tc.want)
	}
}
