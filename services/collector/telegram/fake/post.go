package fake

import (
	"fmt"
	"slices"
	"sort"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
)

// post is one message of a channel: *tg.Message, or *tg.MessageService.
type post struct {
	message  tg.MessageClass
	deleted  bool
	withheld bool
}

// filling is a history that is made on demand: ids first to last.
type filling struct {
	first, last int
	compose     func(id int) tg.Message
	base        int // the date of the last one, where make sets none
	gone        int // how many were deleted
}

func (f filling) has(id int) bool { return f.compose != nil && id >= f.first && id <= f.last }

// Post adds a post and returns its id. ID, Date, PeerID and Views are set where
// they are not; an id must be higher than any before it.
func (c *Channel) Post(m tg.Message) int {
	return c.post([]tg.Message{m}, false)[0]
}

// PostAlbum adds posts that belong together and returns their ids.
func (c *Channel) PostAlbum(items []tg.Message) []int {
	return c.post(items, true)
}

func (c *Channel) post(items []tg.Message, album bool) []int {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	var (
		ids    []int
		events []*event
	)
	group := c.spec.ID<<20 + int64(c.next)
	for _, m := range items {
		if m.ID == 0 {
			m.ID = c.next
		}
		if m.Date == 0 {
			m.Date = c.server.unix()
		}
		if album {
			m.SetGroupedID(group)
		}
		c.add(m.ID, c.finish(m))
		ids = append(ids, m.ID)
		events = append(events, c.happen(Posted, m.ID))
	}
	c.announce(events)
	return ids
}

// Service adds a service message (a new title, a pinned post, ...) and returns its id.
func (c *Channel) Service(action tg.MessageActionClass) int {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	id := c.next
	c.add(id, &tg.MessageService{
		ID: id, Post: !c.spec.Megagroup, PeerID: c.peer(), Date: c.server.unix(), Action: action,
	})
	c.announce([]*event{c.happen(Posted, id)})
	return id
}

// Fill gives the channel n posts with the next ids that are made when somebody
// asks for them: a long history in constant memory. compose must give the same
// message for the same id each time, must not call the server, and must not let
// dates fall as ids rise. Where it sets no date, posts are a minute apart. What
// happened before Fill is beyond the difference. A channel can be filled once.
func (c *Channel) Fill(n int, compose func(id int) tg.Message) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.filled.compose != nil || n <= 0 {
		panic("fake: a channel is filled once, with at least one post")
	}
	c.filled = filling{first: c.next, last: c.next + n - 1, compose: compose, base: c.server.unix()}
	c.next += n
	c.pts += n
	c.oldest = c.pts
}

// Edit changes a post that is up and reports whether there is one. EditDate is
// now unless change sets it.
func (c *Channel) Edit(id int, change func(*tg.Message)) bool {
	return c.change(id, func(m *tg.Message) {
		m.EditDate = c.server.unix()
		change(m)
	}, true)
}

// SetViews sets a post's counters, without an update, as they move at Telegram.
func (c *Channel) SetViews(id, views, forwards int) bool {
	return c.change(id, func(m *tg.Message) {
		m.SetViews(views)
		m.SetForwards(forwards)
	}, false)
}

// RestrictPost marks a post as blocked for platforms; no reasons lift it.
func (c *Channel) RestrictPost(id int, reasons []tg.RestrictionReason) bool {
	return c.change(id, func(m *tg.Message) { m.RestrictionReason = slices.Clone(reasons) }, false)
}

func (c *Channel) change(id int, change func(*tg.Message), announced bool) bool {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if !c.up(id) {
		return false
	}
	m, ok := c.message(id).(*tg.Message)
	if !ok {
		return false
	}
	changed := *own(m)
	change(&changed)
	changed.ID = id
	c.keep(id).message = c.finish(changed)
	if announced {
		c.announce([]*event{c.happen(Edited, id)})
	}
	return true
}

// Delete takes posts down. Ids that are not up are left out.
func (c *Channel) Delete(ids ...int) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	var gone []int
	for _, id := range ids {
		if !c.up(id) {
			continue
		}
		c.keep(id).deleted = true
		if c.filled.has(id) {
			c.filled.gone++
		} else if i, found := slices.BinarySearch(c.order, id); found {
			c.order = slices.Delete(c.order, i, i+1)
		}
		gone = append(gone, id)
	}
	if len(gone) > 0 {
		c.announce([]*event{c.happen(Deleted, gone...)})
	}
}

// Withhold leaves posts out of history, as Telegram does by local law: pages
// come short, and asked for by id they are empty. Nobody is told.
func (c *Channel) Withhold(ids ...int) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for _, id := range ids {
		if c.up(id) {
			c.keep(id).withheld = true
		}
	}
}

func (c *Channel) peer() tg.PeerClass { return &tg.PeerChannel{ChannelID: c.spec.ID} }

// finish sets what every post of the channel has, and makes the message its own.
func (c *Channel) finish(m tg.Message) *tg.Message {
	m.PeerID, m.Post = c.peer(), !c.spec.Megagroup
	if m.Views == 0 {
		m.SetViews(1)
	}
	return own(&m)
}

// own copies a message with everything it points to, so that nobody else can
// change it later. A message that cannot be written is a mistake of the caller.
func own(m *tg.Message) *tg.Message {
	var copied tg.Message
	if err := copied.Decode(&bin.Buffer{Buf: encode(m)}); err != nil {
		panic(fmt.Sprintf("fake: copy a message: %v", err))
	}
	return &copied
}

func (c *Channel) add(id int, m tg.MessageClass) {
	if id < c.next {
		panic(fmt.Sprintf("fake: id %d is not higher than those before it", id))
	}
	c.next = id + 1
	c.posts[id] = &post{message: m}
	c.order = append(c.order, id)
}

// up reports whether there is a post with this id that is not deleted.
func (c *Channel) up(id int) bool {
	if p, ok := c.posts[id]; ok {
		return !p.deleted
	}
	return c.filled.has(id)
}

func (c *Channel) withheld(id int) bool {
	p, ok := c.posts[id]
	return ok && p.withheld
}

// message is a post that is or was up.
func (c *Channel) message(id int) tg.MessageClass {
	if p, ok := c.posts[id]; ok {
		return p.message
	}
	m := c.filled.compose(id)
	m.ID = id
	if m.Date == 0 {
		m.Date = c.filled.base - 60*(c.filled.last-id)
	}
	return c.finish(m)
}

// keep is the stored form of a post; one made on demand is stored from now on.
func (c *Channel) keep(id int) *post {
	if _, ok := c.posts[id]; !ok {
		c.posts[id] = &post{message: c.message(id)}
	}
	return c.posts[id]
}

// count is how many posts are up.
func (c *Channel) count() int {
	n := len(c.order)
	if c.filled.compose != nil {
		n += c.filled.last - c.filled.first + 1 - c.filled.gone
	}
	return n
}

// below is the highest id of a post that is up under id, 0 if there is none.
func (c *Channel) below(id int) int {
	best := 0
	if i := sort.SearchInts(c.order, id); i > 0 {
		best = c.order[i-1]
	}
	if c.filled.compose == nil {
		return best
	}
	for made := min(id-1, c.filled.last); made >= c.filled.first && made > best; made-- {
		if c.up(made) {
			return made
		}
	}
	return best
}

// above is the lowest id of a post that is up from id on, 0 if there is none.
func (c *Channel) above(id int) int {
	best := 0
	if i := sort.SearchInts(c.order, id); i < len(c.order) {
		best = c.order[i]
	}
	if c.filled.compose == nil {
		return best
	}
	for made := max(id, c.filled.first); made <= c.filled.last && (best == 0 || made < best); made++ {
		if c.up(made) {
			return made
		}
	}
	return best
}
