package message

import (
	"testing"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"google.golang.org/protobuf/proto"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestCounters(t *testing.T) {
	m := &tg.Message{Views: 100, Forwards: 5}
	m.SetReplies(tg.MessageReplies{Comments: true, Replies: 7, ChannelID: 9, RecentRepliers: []tg.PeerClass{&tg.PeerUser{UserID: 42}}})
	m.SetReactions(tg.MessageReactions{Results: []tg.ReactionCount{{Count: 3}, {Count: 4}, {Count: -2}}})
	channel := invented()
	channel.Audience = 1000
	diff(t, "counters", Counters(channel, m), doxtrailv1.Counters_builder{
		ViewCount: proto.Int64(100), ForwardCount: proto.Int64(5), ReplyCount: proto.Int64(7), ReactionCount: proto.Int64(7), Audience: proto.Int64(1000),
	}.Build())
}

func TestWhatIsUnknownIsNot0(t *testing.T) {
	diff(t, "unknown", Counters(invented(), &tg.Message{}), &doxtrailv1.Counters{})
	if post(t, &tg.Message{}).HasCounters() {
		t.Error("a post of which no number is known has counters")
	}
	// As it comes over the network: 0, and told.
	told := &tg.Message{PeerID: &tg.PeerChannel{ChannelID: 1111}}
	told.SetViews(0)
	told.SetForwards(0)
	told.SetReplies(tg.MessageReplies{})
	told.SetReactions(tg.MessageReactions{})
	var b bin.Buffer
	if err := told.Encode(&b); err != nil {
		t.Fatal(err)
	}
	var received tg.Message
	if err := received.Decode(&b); err != nil {
		t.Fatal(err)
	}
	want := doxtrailv1.Counters_builder{
		ViewCount: proto.Int64(0), ForwardCount: proto.Int64(0), ReplyCount: proto.Int64(0), ReactionCount: proto.Int64(0),
	}.Build()
	diff(t, "told", Counters(invented(), &received), want)
}

func TestRestrictions(t *testing.T) {
	const (
		other     = doxtrailv1.RestrictionKind_RESTRICTION_KIND_OTHER
		terms     = doxtrailv1.RestrictionKind_RESTRICTION_KIND_TERMS
		copyright = doxtrailv1.RestrictionKind_RESTRICTION_KIND_COPYRIGHT
		porn      = doxtrailv1.RestrictionKind_RESTRICTION_KIND_PORNOGRAPHY
		violence  = doxtrailv1.RestrictionKind_RESTRICTION_KIND_VIOLENCE
		sensitive = doxtrailv1.RestrictionKind_RESTRICTION_KIND_SENSITIVE
		law       = doxtrailv1.RestrictionKind_RESTRICTION_KIND_LAW
	)
	for _, tc := range []struct {
		reasons []string
		want    []doxtrailv1.RestrictionKind
	}{
		{nil, nil},
		{[]string{"terms"}, []doxtrailv1.RestrictionKind{terms}},
		{[]string{"Porno", "pornography"}, []doxtrailv1.RestrictionKind{porn}},
		{[]string{"local-law", "violence", "copyright", "dmca"}, []doxtrailv1.RestrictionKind{copyright, violence, law}},
		{[]string{"sensitive", "something new", ""}, []doxtrailv1.RestrictionKind{other, sensitive}},
	} {
		var reasons []tg.RestrictionReason
		for _, reason := range tc.reasons {
			reasons = append(reasons, tg.RestrictionReason{Platform: "android-ios", Reason: reason, Text: "shown to users"})
		}
		diff(t, "restrictions", Restrictions(reasons), tc.want)
	}
}
