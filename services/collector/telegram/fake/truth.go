package fake

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"
	"time"

	"github.com/gotd/td/tg"
)

// Truth is what really happened in a channel, seen by somebody or not.
type Truth struct {
	Channel  int64
	Username string
	Pts      int
	Posts    []PostTruth // all there ever were, by id
	Events   []Event     // since Fill if there was one, by pts
}

// PostTruth is the last state of one post.
type PostTruth struct {
	ID       int
	Date     time.Time
	Edited   time.Time // zero if it never was
	Service  bool      // a service message, not a post
	Deleted  bool
	Withheld bool
	Served   bool // sent to some client, by any way
}

// Event is a post that appeared, was edited, or posts that were deleted.
type Event struct {
	Kind   Kind
	IDs    []int // one, or several deleted at once
	Pts    int   // the channel's after it
	At     time.Time
	Served bool // sent to some client, by push or difference
}

// Truth is what really happened in all channels, by channel id.
func (s *Server) Truth() []Truth {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Truth
	for _, c := range s.channels {
		all = append(all, c.truth())
	}
	slices.SortFunc(all, func(a, b Truth) int { return cmp.Compare(a.Channel, b.Channel) })
	return all
}

// Truth is what really happened in the channel. It makes every post of a filled
// channel, one after another.
func (c *Channel) Truth() Truth {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.truth()
}

func (c *Channel) truth() Truth {
	t := Truth{Channel: c.spec.ID, Username: c.spec.Username, Pts: c.pts}
	for _, id := range slices.Sorted(maps.Keys(c.posts)) {
		if !c.filled.has(id) {
			t.Posts = append(t.Posts, c.postTruth(id))
		}
	}
	if c.filled.compose != nil {
		made := make([]PostTruth, 0, c.filled.last-c.filled.first+1)
		for id := c.filled.first; id <= c.filled.last; id++ {
			made = append(made, c.postTruth(id))
		}
		at, _ := slices.BinarySearchFunc(t.Posts, c.filled.first, func(p PostTruth, id int) int { return cmp.Compare(p.ID, id) })
		t.Posts = slices.Insert(t.Posts, at, made...)
	}
	for _, e := range c.events {
		t.Events = append(t.Events, Event{Kind: e.kind, IDs: slices.Clone(e.ids), Pts: e.pts, At: e.at, Served: e.served})
	}
	return t
}

func (c *Channel) postTruth(id int) PostTruth {
	m := c.message(id)
	t := PostTruth{
		ID: id, Date: time.Unix(int64(messageDate(m)), 0).UTC(),
		Deleted: !c.up(id), Withheld: c.withheld(id), Served: c.served.has(id),
	}
	switch m := m.(type) {
	case *tg.Message:
		if m.EditDate != 0 {
			t.Edited = time.Unix(int64(m.EditDate), 0).UTC()
		}
	case *tg.MessageService:
		t.Service = true
	}
	return t
}

// Served are the ids of posts that were sent to some client, rising. Sent is not
// read: a connection may have been cut with the answer on its way.
func (c *Channel) Served() []int {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.served.all()
}

// Served are the ids of posts that were sent to some client, by channel id.
func (s *Server) Served() map[int64][]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[int64][]int{}
	for id, c := range s.channels {
		all[id] = c.served.all()
	}
	return all
}

// bitset is a set of post ids: 31 KB for 250,000 of them.
type bitset []uint64

func (b *bitset) add(id int) {
	if need := id/64 + 1; need > len(*b) {
		*b = append(*b, make([]uint64, need-len(*b))...)
	}
	(*b)[id/64] |= 1 << (id % 64)
}

func (b bitset) has(id int) bool { return id/64 < len(b) && b[id/64]>>(id%64)&1 == 1 }

func (b bitset) all() []int {
	var ids []int
	for i, word := range b {
		for ; word != 0; word &= word - 1 {
			ids = append(ids, 64*i+bits.TrailingZeros64(word))
		}
	}
	return ids
}
