package normaliser

import (
	"bytes"
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
// they are whole where the text's are cut, and adds a row for each.
func (c *converter) links(raw *doxtrailv1.RawPost, facts *postFacts, out rows) {
	marked := raw.GetLinks()
	c.found = c.found[:0]
	for _, m := range marked {
		c.found = c.finder.Marked(c.found, m.GetUrl(), m.GetSource(), m.GetExpandedBy())
	}
	text := raw.GetText()
	fromText := len(c.found)
	c.found = c.finder.Text(c.found, text)

	clear(c.seen)
	clear(c.cards)
	for i := range c.found {
		link := &c.found[i]
		if i >= fromText && covered(marked, text[link.Start:link.End]) {
			continue
		}
		if len(c.seen) == c.maxLinks {
			facts.textCapped = true
			break
		}
		c.link(link, facts, out)
	}
	if !raw.GetRepeatedInFile() {
		facts.posts, facts.links, facts.sightings = 1, uint64(len(c.seen)), uint64(len(c.cards))
	}
}

// covered says whether a link in the text stands among the marked links
// already: as the short form of one that the platform gave in full, or as the
// beginning of one that the text scan had to cut (at Chinese letters in a path).
func covered(marked []*doxtrailv1.RawLink, found string) bool {
	for _, m := range marked {
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
// gives for each of its pictures, is none.
func (c *converter) link(link *cardlink.Link, facts *postFacts, out rows) {
	share := c.linkShare(link, facts)
	if share != nil && bytes.Equal(share.GetSourcePostKey(), facts.post[:]) {
		return
	}
	host, path := c.keyer.Host(link.Host), c.keyer.Path(link.Path)
	identity := linkIdentity{host: host, path: path, role: link.Role}
	if _, again := c.seen[identity]; again {
		return
	}
	c.seen[identity] = struct{}{}
	site := c.keyer.Site(link.Site)
	c.sighting(link, host, site, path)

	canon := uint32(cardlink.CanonVersion)
	out.add(bus.KindLinks, facts.platform, c.encode(doxtrailv1.Link_builder{
		PostKey:          facts.post[:],
		ChannelKey:       facts.channel[:],
		PostedAt:         &facts.postedAt,
		PostedPrecisionS: &facts.precision,
		EditedAt:         facts.editedAt,
		HostKey:          host[:],
		SiteKey:          site.Bytes(),
		LabelKey:         c.keyer.Label(link.Label).Bytes(),
		PathKey:          path[:],
		DirKey:           c.keyer.Dir(link.Dir).Bytes(),
		Depth:            &link.Depth,
		ExtensionClass:   &link.Extension,
		Disguises:        link.Disguises,
		ExpandedBy:       &link.ExpandedBy,
		Role:             &link.Role,
		Source:           &link.Source,
		CanonVersion:     &canon,
		Generation:       &c.generation,
		PostKind:         &facts.kind,
	}.Build()))
	if share != nil {
		out.add(bus.KindShares, facts.platform, c.encode(share))
	}
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
