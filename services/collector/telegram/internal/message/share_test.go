package message

import (
	"testing"

	"github.com/gotd/td/tg"
	"google.golang.org/protobuf/proto"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestShares(t *testing.T) {
	type share = doxtrailv1.RawShare_builder
	forwardOf := doxtrailv1.ShareKind_SHARE_KIND_FORWARD.Enum()
	replyTo := doxtrailv1.ShareKind_SHARE_KIND_REPLY.Enum()
	const (
		original = doxtrailv1.PostKind_POST_KIND_ORIGINAL
		forward  = doxtrailv1.PostKind_POST_KIND_FORWARD
		reply    = doxtrailv1.PostKind_POST_KIND_REPLY
	)
	for _, tc := range []struct {
		name string
		m    tg.Message
		kind doxtrailv1.PostKind
		want []share
	}{
		{"nothing", tg.Message{}, original, nil},
		{
			"of a channel's post",
			tg.Message{FwdFrom: tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: 9}, ChannelPost: 5, Date: posted - 60, PostAuthor: "Some Name", SavedFromPeer: &tg.PeerChannel{ChannelID: 10}, SavedFromMsgID: 7}},
			forward,
			[]share{{Kind: forwardOf, ChannelId: proto.String("9"), PostId: proto.String("5"), PostedAt: proto.Int64((posted - 60) * 1000)}},
		},
		{
			"of a channel, post unknown",
			tg.Message{FwdFrom: tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: 9}}},
			forward,
			[]share{{Kind: forwardOf, ChannelId: proto.String("9")}},
		},
		{
			"of a person",
			tg.Message{FwdFrom: tg.MessageFwdHeader{FromID: &tg.PeerUser{UserID: 42}, Date: posted - 60}},
			forward,
			[]share{{Kind: forwardOf, IsPerson: proto.Bool(true)}},
		},
		{
			"of a person who hides",
			tg.Message{FwdFrom: tg.MessageFwdHeader{FromName: "Some Name", Date: posted - 60}},
			forward,
			[]share{{Kind: forwardOf, IsPerson: proto.Bool(true)}},
		},
		{
			"of a small group",
			tg.Message{FwdFrom: tg.MessageFwdHeader{FromID: &tg.PeerChat{ChatID: 4}, Date: posted - 60}},
			forward,
			[]share{{Kind: forwardOf}},
		},
		{
			"an answer",
			tg.Message{ReplyTo: &tg.MessageReplyHeader{ReplyToMsgID: 70}},
			reply,
			[]share{{Kind: replyTo, ChannelId: proto.String("1111"), PostId: proto.String("70")}},
		},
		{
			"an answer to another channel",
			tg.Message{ReplyTo: &tg.MessageReplyHeader{ReplyToMsgID: 70, ReplyToPeerID: &tg.PeerChannel{ChannelID: 9}, Quote: true, QuoteText: "words"}},
			reply,
			[]share{{Kind: replyTo, ChannelId: proto.String("9"), PostId: proto.String("70")}},
		},
		{
			"an answer to a person",
			tg.Message{ReplyTo: &tg.MessageReplyHeader{ReplyToMsgID: 70, ReplyToPeerID: &tg.PeerUser{UserID: 42}}},
			reply,
			[]share{{Kind: replyTo, IsPerson: proto.Bool(true)}},
		},
		{
			"an answer to a small group",
			tg.Message{ReplyTo: &tg.MessageReplyHeader{ReplyToMsgID: 70, ReplyToPeerID: &tg.PeerChat{ChatID: 4}}},
			reply,
			[]share{{Kind: replyTo}},
		},
		{
			"an answer to what cannot be seen from here",
			tg.Message{ReplyTo: &tg.MessageReplyHeader{ReplyFrom: tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: 9}, ChannelPost: 5, Date: posted - 60}}},
			reply,
			[]share{{Kind: replyTo, ChannelId: proto.String("9"), PostId: proto.String("5"), PostedAt: proto.Int64((posted - 60) * 1000)}},
		},
		{"an answer to nothing", tg.Message{ReplyTo: &tg.MessageReplyHeader{}}, original, nil},
		{"an answer to a story", tg.Message{ReplyTo: &tg.MessageReplyStoryHeader{Peer: &tg.PeerUser{UserID: 42}, StoryID: 3}}, original, nil},
		{
			"a forward that answers",
			tg.Message{ReplyTo: &tg.MessageReplyHeader{ReplyToMsgID: 70}, FwdFrom: tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: 9}}},
			forward,
			[]share{{Kind: replyTo, ChannelId: proto.String("1111"), PostId: proto.String("70")}, {Kind: forwardOf, ChannelId: proto.String("9")}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := post(t, &tc.m)
			if got.GetKind() != tc.kind {
				t.Errorf("kind %v", got.GetKind())
			}
			var want []*doxtrailv1.RawShare
			for _, s := range tc.want {
				want = append(want, s.Build())
			}
			diff(t, "shares", got.GetShares(), want)
		})
	}
}
