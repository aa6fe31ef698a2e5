package store_test

import (
	"bytes"
	"cmp"
	"fmt"
	"time"

	"github.com/doxtrail/doxtrail/pkg/store"
)

// twinSeen is one row of the twin's sightings.
type twinSeen struct {
	post, card, platform, state string
	site                        *changingSite
	minute, newest              uint64
	basis                       int
	hosts                       map[string]bool
	links                       uint64
}

func (c *changing) seen() (all []*twinSeen) {
	byID := map[string]*twinSeen{}
	for _, l := range c.links {
		s := c.owner(l, false, "")
		counted := s != nil && s.family == "red"
		if s == nil {
			if s = c.owner(l, true, "red"); s == nil || l.generation >= s.since {
				continue
			}
		} else if !counted {
			continue
		}
		card := l.path
		if card == "/" || card == "/list" {
			card = ""
		}
		id := fmt.Sprint(l.post, s.host, card)
		found := byID[id]
		if found == nil {
			found = &twinSeen{post: l.post, card: card, platform: l.platform, site: s, minute: l.minute, basis: 3, hosts: map[string]bool{}}
			byID[id] = found
			all = append(all, found)
		}
		found.newest = max(found.newest, l.generation)
		found.hosts[l.host] = true
		found.links++
		if !l.quoted {
			found.basis = 1
		}
	}
	for _, f := range all {
		switch {
		case f.site.unlisted:
			f.state = "retracted"
		case f.newest < f.site.since:
			f.state = "found"
		default:
			f.state = "held"
		}
	}
	return all
}

// alone counts what only sightings of one state have; "" is nothing.
func alone(seen []*twinSeen, state string, id func(*twinSeen) string) (n uint64) {
	states := map[string]map[string]bool{}
	for _, f := range seen {
		if k := id(f); k != "" {
			if states[k] == nil {
				states[k] = map[string]bool{}
			}
			states[k][f.state] = true
		}
	}
	for _, s := range states {
		if len(s) == 1 && s[state] {
			n++
		}
	}
	return n
}

// firsts counts the first sightings of a state, as if there were none of another.
func (c *changing) firsts(seen []*twinSeen, state, without string) (n uint64) {
	first := map[string]*twinSeen{}
	for _, f := range seen {
		if id := f.card + " " + f.platform; f.card != "" && f.state != without && (first[id] == nil || c.before(f, first[id])) {
			first[id] = f
		}
	}
	for _, f := range first {
		if f.state == state {
			n++
		}
	}
	return n
}

// rematch is the twin.
func (c *changing) rematch(oldest uint64) *store.Rematch {
	r := &store.Rematch{Posts: 60}
	older := map[string]bool{}
	for _, l := range c.links {
		if l.generation < oldest {
			older[l.post] = true
		}
	}
	r.OlderPosts = uint64(len(older))
	seen := c.seen()
	for i, figures := range []*store.RematchFigures{&r.Found, &r.Retracted} {
		state, without := []string{"found", "retracted"}[i], []string{"retracted", "found"}[i]
		figures.Posts = alone(seen, state, func(f *twinSeen) string { return f.post })
		figures.Cards = alone(seen, state, func(f *twinSeen) string { return f.card })
		figures.FirstSightings = c.firsts(seen, state, without)
		for j := range c.sites {
			s := siteFigures(seen, &c.sites[j], state)
			if figures.Hosts, figures.Links = figures.Hosts+s.Hosts, figures.Links+s.Links; s.Links > 0 {
				r.Sites = append(r.Sites, s)
			}
		}
	}
	return r
}

func siteFigures(seen []*twinSeen, of *changingSite, state string) store.RematchSite {
	s := store.RematchSite{Host: of.host + ".example", Listed: state == "found"}
	hosts, posts, cards, first := map[string]bool{}, map[string]bool{}, map[string]bool{}, ^uint64(0)
	for _, f := range seen {
		if f.site != of || f.state != state {
			continue
		}
		for host := range f.hosts {
			hosts[host] = true
		}
		if posts[f.post] = true; f.card != "" {
			cards[f.card] = true
		}
		s.Links, first = s.Links+f.links, min(first, f.minute)
	}
	s.Hosts, s.Posts, s.Cards, s.FirstAt = uint64(len(hosts)), uint64(len(posts)), uint64(len(cards)), time.UnixMilli(int64(first)*60_000).UTC()
	return s
}

// before is the order of first sightings.
func (c *changing) before(a, b *twinSeen) bool {
	return cmp.Or(cmp.Compare(a.minute, b.minute), bytes.Compare(c.key(a.post), c.key(b.post)), cmp.Compare(a.basis, b.basis),
		bytes.Compare(c.matchKey(*a.site), c.matchKey(*b.site))) < 0
}
