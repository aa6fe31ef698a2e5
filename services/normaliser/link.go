package normaliser

import (
	"strings"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// linkIdentity is what makes two links of one post the same row.
type linkIdentity struct {
	host, path privacy.Key
	role       doxtrailv1.LinkRole
}

// cardIdentity is what makes two links of one post the same sighting: the
// family, or without a watch list the site, and the path.
type cardIdentity struct {
	family string
	site   privacy.Key
	path   privacy.Key
}

// links finds the links of a post, those the platform marked first because
// they are whole where the text's are cut, and the targets of short links last,
// and adds a row for each, up to maxLinks. It looks at no more marked ones than that
// either, since each link of the text is compared with all of them.
func (c *converter) links(raw *doxtrailv1.RawPost, facts *postFacts, out rows) {
	marked := raw.GetLinks()
	if len(marked) > c.maxLinks {
		marked, facts.linksCapped = marked[:c.maxLinks], true
	}
	c.found = c.found[:0]
	for _, m := range marked {
		if !m.HasResolves() {
			c.found = c.finder.Marked(c.found, m.GetUrl(), m.GetSource(), m.GetExpandedBy())
		}
	}
	text := raw.GetText()
	if facts.text.unread {
		text = ""
	}
	fromText := len(c.found)
	c.found = c.finder.Text(c.found, text)
	toText := len(c.found)
	c.resolutions(marked, facts.text.unread)

	c.seen, c.cards = emptied(c.seen), emptied(c.cards)
	for i := range c.found {
		link := &c.found[i]
		if fromText <= i && i < toText && covered(marked, text[link.Start:link.End]) {
			continue
		}
		if !c.link(link, c.stateOf(i), raw, facts, out) {
			facts.linksCapped = true
			return
		}
	}
}

// covered says whether a link in the text stands among the marked links
// already: as the short form of one that the platform gave in full, or as the
// beginning of one that the text scan had to cut (at Chinese letters in a path).
func covered(marked []*doxtrailv1.RawLink, found string) bool {
	for _, m := range marked {
		if m.HasResolves() {
			continue // it leads elsewhere, and the short link stays
		}
		if m.GetReplaces() == found {
			return true
		}
		if m.GetSource() == doxtrailv1.LinkSource_LINK_SOURCE_ENTITY && strings.HasPrefix(m.GetUrl(), found) {
			return true
		}
	}
	return false
}

// link adds the row of one link, unless the post has it already, and a share
// if the link leads to another post. A link from a post to itself, as Twitter
// gives for each of its pictures, is none. It returns false if the post has as
// many links as are kept, and this would be one more.
func (c *converter) link(link *cardlink.Link, state doxtrailv1.LinkState, raw *doxtrailv1.RawPost, facts *postFacts, out rows) bool {
	ref, toPost := link.Post()
	if toPost && c.itself(ref, raw, facts) {
		return true
	}
	host, path := c.keyer.Host(link.Host), c.keyer.Path(link.Path)
	identity := linkIdentity{host: host, path: path, role: link.Role}
	if _, again := c.seen[identity]; again {
		return true
	}
	if len(c.seen) == c.maxLinks {
		return false
	}
	c.seen[identity] = struct{}{}
	site := c.keyer.Site(link.Site)
	c.sighting(link, host, site, path)
	c.locateURL(link, facts.platform, host, site, path, out)
	out.add(bus.KindLinks, facts.platform, c.encode(c.linkRow(link, state, facts, host, site, path)))
	// What a quoted post links to, that post passes on, not this one.
	if toPost && link.Role != doxtrailv1.LinkRole_LINK_ROLE_QUOTED {
		out.add(bus.KindShares, facts.platform, c.encode(c.linkShare(ref, facts)))
	}
	return true
}

// itself says whether a link leads to the post that it stands in. A post whose
// channel has an id is keyed by it, and a link may name the channel.
func (c *converter) itself(ref cardlink.PostRef, raw *doxtrailv1.RawPost, facts *postFacts) bool {
	if ref.Platform != facts.platform || ref.PostID != raw.GetPostId() {
		return false
	}
	if ref.ChannelName != "" && strings.EqualFold(ref.ChannelName, raw.GetChannelName()) {
		return true
	}
	return c.postKey(ref.Platform, ref.ChannelID, ref.ChannelName, ref.PostID) == facts.post
}

// linkRow fills the row of a link.
func (c *converter) linkRow(link *cardlink.Link, state doxtrailv1.LinkState, facts *postFacts, host, site, path privacy.Key) *doxtrailv1.Link {
	canon := uint32(cardlink.CanonVersion)
	return doxtrailv1.Link_builder{
		PostKey:          facts.post[:],
		ChannelKey:       facts.channel[:],
		PostedAt:         &facts.postedAt,
		PostedPrecisionS: facts.precision.pointer(),
		EditedAt:         facts.editedAt.pointer(),
		HostKey:          host[:],
		SiteKey:          site.Bytes(),
		LabelKey:         c.keyer.Label(link.Label).Bytes(),
		PathKey:          path[:],
		DirKey:           c.keyer.Dir(link.Dir).Bytes(),
		Depth:            &link.Depth,
		ExtensionClass:   known(link.Extension),
		Disguises:        link.Disguises,
		ExpandedBy:       known(link.ExpandedBy),
		Role:             &link.Role,
		Source:           known(link.Source),
		CanonVersion:     &canon,
		Generation:       &c.generation,
		PostKind:         facts.kind.pointer(),
		State:            known(state),
	}.Build()
}

// sighting notes the card that a link shows, under today's watch list. The
// figure only goes into the import's report: tables work sightings out anew
// for every question.
func (c *converter) sighting(link *cardlink.Link, host, site, path privacy.Key) {
	if link.Depth == 0 {
		return // a start page is a sighting of the site, not of a card
	}
	if c.matcher.Empty() {
		c.cards[cardIdentity{site: site, path: path}] = struct{}{}
		return
	}
	family, ok := c.matcher.Match(host, site)
	if ok && !c.matcher.IsPage(family, path) {
		c.cards[cardIdentity{family: family, path: path}] = struct{}{}
	}
}
