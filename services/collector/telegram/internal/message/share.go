package message

import (
	"strconv"

	"github.com/gotd/td/tg"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// passedOn takes what a message answers and forwards.
func (d *draft) passedOn(m *tg.Message) {
	if header, ok := m.ReplyTo.(*tg.MessageReplyHeader); ok {
		d.reply(header)
	}
	if !m.FwdFrom.Zero() {
		d.forwarded = true
		d.addShare(doxtrailv1.ShareKind_SHARE_KIND_FORWARD, originOf(&m.FwdFrom))
	}
}

// reply takes the post that is answered. A quote inside a reply is a reply: the
// quoted words are Telegram's way of showing what it answers, and an export has
// none of them. Answers to stories are none, stories being no posts.
func (d *draft) reply(header *tg.MessageReplyHeader) {
	var answered passed
	switch peer := header.ReplyToPeerID.(type) {
	case nil:
		answered.channel, answered.post = d.channel.ID, header.ReplyToMsgID
		if d.channel.ID == 0 {
			answered.name = d.channel.Username
		}
	case *tg.PeerChannel:
		answered.channel, answered.post = peer.ChannelID, header.ReplyToMsgID
	case *tg.PeerUser:
		// A number within a private chat says nothing outside it.
		answered.person = true
	}
	if header.ReplyToMsgID == 0 {
		if header.ReplyFrom.Zero() {
			return
		}
		// The post cannot be seen from here; its origin is told as that of a forward.
		answered = originOf(&header.ReplyFrom)
	}
	d.replied = true
	d.addShare(doxtrailv1.ShareKind_SHARE_KIND_REPLY, answered)
}

// passed is a post or a channel that is passed on or answered; what is unknown is
// 0 or empty.
type passed struct {
	channel int64
	name    string
	post    int
	date    int
	person  bool
}

// originOf reads where a forward comes from. Of a person, whether named by id or
// hidden behind a name, only that it was one is taken; what was saved on the way
// (SavedFrom) is no origin.
func originOf(header *tg.MessageFwdHeader) passed {
	switch from := header.FromID.(type) {
	case *tg.PeerChannel:
		return passed{channel: from.ChannelID, post: header.ChannelPost, date: header.Date}
	case *tg.PeerUser:
		return passed{person: true}
	case nil:
		return passed{person: header.FromName != ""}
	default:
		return passed{} // a small group, whose ids say nothing outside it
	}
}

// addShare adds a share. The items of an album come from one post: only the first
// of each channel counts, whose id is the original's.
func (d *draft) addShare(kind doxtrailv1.ShareKind, p passed) {
	if len(d.shares) == maxShares {
		return
	}
	share := &doxtrailv1.RawShare{}
	share.SetKind(kind)
	if p.channel > 0 {
		share.SetChannelId(decimal(p.channel))
	}
	if p.name != "" {
		share.SetChannelName(mended(p.name))
	}
	if p.post != 0 {
		share.SetPostId(strconv.Itoa(p.post))
	}
	if p.date > 0 {
		share.SetPostedAt(milliseconds(p.date))
	}
	if p.person {
		share.SetIsPerson(true)
	}
	for _, other := range d.shares {
		if other.GetKind() == kind && other.GetChannelId() == share.GetChannelId() && other.GetIsPerson() == p.person {
			return
		}
	}
	d.shares = append(d.shares, share)
}
