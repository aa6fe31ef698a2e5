package normaliser

import (
	"slices"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// resolution is what a collector learnt of one short link of the post in hand.
type resolution struct {
	// short is the short link in canonical form.
	short string
	// from and to are where the links of its target lie among those that were found.
	from, to int
	state    doxtrailv1.LinkState
}

// resolutions adds the targets of short links to the links that were found, behind the
// post's own: one that the post also shows whole is that one.
func (c *converter) resolutions(marked []*doxtrailv1.RawLink, unread bool) {
	clear(c.resolved)
	c.resolved = c.resolved[:0]
	for _, m := range marked {
		if !m.HasResolves() || unread && m.GetSource() == doxtrailv1.LinkSource_LINK_SOURCE_TEXT {
			continue // of a text that could not be read nothing is kept, nor where it leads
		}
		short, err := cardlink.Canonicalise(m.GetResolves())
		if err != nil {
			continue
		}
		r := resolution{short: short.URL, from: len(c.found), state: m.GetState()}
		c.found = c.finder.Marked(c.found, m.GetUrl(), m.GetSource(), doxtrailv1.LinkExpansion_LINK_EXPANSION_RESOLVED)
		r.to = len(c.found)
		c.resolved = append(c.resolved, r)
	}
}

// stateOf is what a collector learnt of the short link that a found link is, or is the
// target of; of several the one that says most, whatever their order.
func (c *converter) stateOf(i int) (state doxtrailv1.LinkState) {
	for _, r := range c.resolved {
		if r.short == c.found[i].URL || i >= c.resolved[0].from && c.leadsTo(r, c.found[i].URL) {
			state = max(state, r.state)
		}
	}
	return state
}

// leadsTo says whether a link is a short link's target, or what that carries.
func (c *converter) leadsTo(r resolution, url string) bool {
	return slices.ContainsFunc(c.found[r.from:r.to], func(l cardlink.Link) bool { return l.URL == url })
}
