package message

import (
	"github.com/gotd/td/tg"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Counters are the numbers that Telegram shows with a message (views, forwards,
// replies, reactions of all kinds together) and the channel's audience, for an
// observation. What is unknown is absent. The views of a forward are those of the
// original post and must not be added to them.
func Counters(channel Channel, m *tg.Message) *doxtrailv1.Counters {
	c := countsOf(m)
	c.audience = int64(channel.Audience)
	return c.record()
}

// counts are counters; a negative one is unknown.
type counts struct {
	views, forwards, replies, reactions, audience int64
}

func unknown() counts { return counts{-1, -1, -1, -1, -1} }

// countsOf reads the counters of one message, all but the audience. Who replied
// and who reacted is passed over.
func countsOf(m *tg.Message) counts {
	c := unknown()
	// What came over the network says which numbers it has, and 0 is one of them.
	if _, ok := m.GetViews(); ok || m.Views != 0 {
		c.views = int64(m.Views)
	}
	if _, ok := m.GetForwards(); ok || m.Forwards != 0 {
		c.forwards = int64(m.Forwards)
	}
	if _, ok := m.GetReplies(); ok || !m.Replies.Zero() {
		c.replies = int64(m.Replies.Replies)
	}
	if _, ok := m.GetReactions(); ok || !m.Reactions.Zero() {
		c.reactions = 0
		for _, r := range m.Reactions.Results {
			c.reactions += int64(max(r.Count, 0))
		}
	}
	return c
}

// atLeast raises counters to those of another item of the same album: Telegram
// shows the numbers of the whole with one of them or with each, so they are not
// added up.
func (c *counts) atLeast(other counts) {
	c.views = max(c.views, other.views)
	c.forwards = max(c.forwards, other.forwards)
	c.replies = max(c.replies, other.replies)
	c.reactions = max(c.reactions, other.reactions)
}

func (c *counts) record() *doxtrailv1.Counters {
	record := &doxtrailv1.Counters{}
	for _, counter := range [...]struct {
		n   int64
		set func(int64)
	}{
		{c.views, record.SetViewCount},
		{c.forwards, record.SetForwardCount},
		{c.replies, record.SetReplyCount},
		{c.reactions, record.SetReactionCount},
		{c.audience, record.SetAudience},
	} {
		if counter.n >= 0 {
			counter.set(counter.n)
		}
	}
	return record
}
