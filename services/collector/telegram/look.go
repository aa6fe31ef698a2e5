package telegram

import (
	"context"
	"slices"
	"time"

	"github.com/gotd/td/tg"
)

// part is what one call asks for among other things, in order of the ids. Due gets
// each post in turn, nil for what is gone, until it says that their time has not
// come.
type part struct {
	ids []int
	due func(id int, m *tg.Message) bool
}

// fitted cuts parts so that one call can ask for all of them. The first ones have
// precedence.
func fitted(parts []part) (cut []part) {
	room := askLimit
	for _, p := range parts {
		p.ids = p.ids[:min(len(p.ids), room)]
		if room -= len(p.ids); len(p.ids) > 0 {
			cut = append(cut, p)
		}
	}
	return cut
}

// union lists the ids that are in any of the lists, ascending.
func union(lists [][]int) []int {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// look asks for posts and puts on RAW what became of them, as far as their time has
// come.
func (r *repoll) look(ctx context.Context, parts []part, again bool) error {
	var asked [][]int
	for _, p := range parts {
		asked = append(asked, p.ids)
	}
	byID, err := r.ch.byID(ctx, r.ch.withAlbums(union(asked)))
	if err != nil {
		return err
	}
	r.remember(byID)
	now, before := time.Now(), r.state.clone()
	var seen [][]int
	for _, p := range parts {
		n := 0
		for n < len(p.ids) && p.due(p.ids[n], byID[p.ids[n]]) {
			n++
		}
		if n > 0 {
			seen = append(seen, p.ids[:n])
		}
	}
	if len(seen) > 0 {
		absent := slices.DeleteFunc(union(seen), func(id int) bool { return byID[id] != nil })
		if err := r.tell(ctx, before, seen, byID, r.ch.missed(absent, now, again), now); err != nil {
			return err
		}
		r.ch.progressed(now)
	}
	return r.ch.keep(ctx, "repoll", r.state)
}

// remember keeps when posts were posted: whoever is due next is told from that.
func (r *repoll) remember(byID map[int]*tg.Message) {
	var posts []*tg.Message
	for _, m := range byID {
		if m != nil {
			posts = append(posts, m)
		}
	}
	r.new(posts)
}

// byID asks for messages; what is gone is there as nil.
func (ch *channel) byID(ctx context.Context, ids []int) (map[int]*tg.Message, error) {
	list, err := ch.messages(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[int]*tg.Message, len(ids))
	for _, id := range ids {
		byID[id] = nil
	}
	for _, m := range list {
		if post, ok := m.(*tg.Message); ok {
			byID[post.ID] = post
		}
	}
	return byID, nil
}

// withAlbums adds the neighbours of albums, as far as there is room: should one have
// been edited, it need not be asked for apart.
func (ch *channel) withAlbums(ids []int) []int {
	with := ids
	for _, id := range ids {
		if ch.known.get(id) != markItem && ch.known.get(id+1) != markItem {
			continue
		}
		for near := max(id-neighbours, 1); near <= id+neighbours; near++ {
			if at, has := slices.BinarySearch(with, near); !has && len(with) < askLimit && ch.known.get(near).there() {
				with = slices.Insert(slices.Clip(with), at, near)
			}
		}
	}
	return with
}

// among takes the items of a message's album from what was asked for; false if some
// of them may not have been.
func (ch *channel) among(m *tg.Message, asked map[int]*tg.Message) (items []*tg.Message, all bool) {
	for near := max(m.ID-neighbours, 1); near <= m.ID+neighbours; near++ {
		item, was := asked[near]
		if !was && ch.known.get(near).there() {
			return nil, false
		}
		if item != nil && item.GroupedID == m.GroupedID {
			items = append(items, item)
		}
	}
	return items, true
}
