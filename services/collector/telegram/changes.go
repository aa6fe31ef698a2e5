package telegram

import (
	"context"
	"slices"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
)

// changes is what happened in a channel, in the order of its updates.
type changes struct {
	posted  []*tg.Message
	edited  []*tg.Message
	deleted []int
}

func (c *changes) empty() bool { return len(c.posted)+len(c.edited)+len(c.deleted) == 0 }

// addMessages takes messages as lists of them hold them; service messages and
// empty ones are no posts.
func (c *changes) addMessages(list []tg.MessageClass) {
	for _, m := range list {
		if post, ok := m.(*tg.Message); ok {
			c.posted = append(c.posted, post)
		}
	}
}

// addUpdate takes one update of the channel. What is neither post, edit nor
// deletion only counts.
func (c *changes) addUpdate(u tg.UpdateClass) {
	switch u := u.(type) {
	case *tg.UpdateNewChannelMessage:
		c.addMessages([]tg.MessageClass{u.Message})
	case *tg.UpdateEditChannelMessage:
		if post, ok := u.Message.(*tg.Message); ok {
			c.edited = append(c.edited, post)
		}
	case *tg.UpdateDeleteChannelMessages:
		c.deleted = append(c.deleted, u.Messages...)
	}
}

// newest is the highest id among the posts.
func (c *changes) newest() (id int) {
	for _, m := range c.posted {
		id = max(id, m.ID)
	}
	return id
}

// haulOf turns changes into records, with what of the deletions is to be told, and
// gives the messages of each post.
func (ch *channel) haulOf(ctx context.Context, c *changes, gone missing, now time.Time) (haul.Haul, [][]*tg.Message, error) {
	h := haul.Haul{Leg: doxtrailv1.Leg_LEG_TAIL, Lane: bus.LaneLive, LookedAt: now}
	albums, err := ch.whole(hastily(ctx), slices.Concat(c.posted, c.edited), nil)
	if err != nil {
		return h, nil, err
	}
	for _, items := range albums {
		h.Add(ch.read(items, now))
		ch.noted(items, now)
	}
	h.Observations = append(h.Observations, gone.observations(ch)...)
	gone.note(ch)
	return h, albums, nil
}

// noted keeps what is known of a post that is there, and whom it names. What went
// or is withheld stays so until the re-poll has looked and told that it is back: a
// page of history or an update may be older than the deletion.
func (ch *channel) noted(items []*tg.Message, now time.Time) {
	if ch.known.get(items[0].ID) == markNone { // else it was counted before
		at := ch.place()
		sources := slices.DeleteFunc(message.Sources(items), func(s message.Source) bool { return s.Is(at) })
		ch.account.proposals.note(ch.watched.Label, sources, now)
	}
	beheaded := ch.known.get(items[0].ID) == markItem
	for i, m := range items {
		switch was := ch.known.get(m.ID); {
		case was.missing(), was == markWithheld:
		case i > 0, beheaded:
			ch.known.set(m.ID, markItem)
		case len(m.RestrictionReason) > 0:
			ch.known.set(m.ID, markWithheld)
		default:
			ch.known.set(m.ID, markUp)
		}
	}
}

// neighbours is how far from each other the items of one album can lie.
const neighbours = 9

// whole groups messages into posts and asks for the items of albums that may be
// missing: an update or a slice of them may hold one item alone. The last version
// of a message counts. What was just asked for, if that is given, is not asked for
// again.
func (ch *channel) whole(ctx context.Context, list []*tg.Message, just map[int]*tg.Message) ([][]*tg.Message, error) {
	byID := map[int]*tg.Message{}
	for _, m := range list {
		byID[m.ID] = m
	}
	asked := map[int64]bool{}
	for _, m := range list {
		if m.GroupedID == 0 || asked[m.GroupedID] {
			continue
		}
		asked[m.GroupedID] = true
		found, all := ch.among(m, just)
		if just == nil || !all {
			var err error
			if found, err = ch.around(ctx, m); err != nil {
				return nil, err
			}
		}
		for _, item := range found {
			if _, known := byID[item.ID]; !known {
				byID[item.ID] = item
			}
		}
	}
	all := make([]*tg.Message, 0, len(byID))
	for _, m := range byID {
		all = append(all, m)
	}
	return message.Albums(all), nil
}

// around asks for all items of a message's album.
func (ch *channel) around(ctx context.Context, m *tg.Message) ([]*tg.Message, error) {
	ids := make([]int, 0, 2*neighbours+1)
	for id := max(m.ID-neighbours, 1); id <= m.ID+neighbours; id++ {
		ids = append(ids, id)
	}
	list, err := ch.messages(ctx, ids)
	if err != nil {
		return nil, err
	}
	var items []*tg.Message
	for _, other := range list {
		if item, ok := other.(*tg.Message); ok && item.GroupedID == m.GroupedID {
			items = append(items, item)
		}
	}
	return items, nil
}
