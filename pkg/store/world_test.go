package store_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// post is one post of a hand-made world and what it links to.
type post struct {
	name, channel, at string
	platform          doxtrailv1.Platform
	kind              doxtrailv1.PostKind
	audience          int64    // 0: unknown
	links             []string // "host path" or "host path quoted"
	items             []string // of an album, besides itself
	generation        uint64
	collected         string // "": unknown
}

func (w *world) post(p post) {
	w.t.Helper()
	if p.kind == 0 {
		p.kind = doxtrailv1.PostKind_POST_KIND_ORIGINAL
	}
	m := doxtrailv1.Post_builder{
		PostKey: w.key(p.name), PostNoKey: w.key(p.name + "-no"), ChannelKey: w.key(p.channel), Kind: p.kind.Enum(),
		PostedAt: proto.Int64(at(w.t, p.at)), PostedPrecisionS: proto.Uint32(1),
	}
	if p.generation > 0 {
		m.Generation = proto.Uint64(p.generation)
	}
	if p.collected != "" {
		m.CollectedAt = proto.Int64(at(w.t, p.collected))
	}
	for _, item := range p.items {
		m.ItemKeys = append(m.ItemKeys, w.key(item))
	}
	if p.audience > 0 {
		m.Counters = doxtrailv1.Counters_builder{Audience: proto.Int64(p.audience)}.Build()
	}
	w.add(store.KindPosts, p.platform, m.Build())
	for _, link := range p.links {
		w.link(p, link)
	}
}

func (w *world) link(p post, link string) {
	w.t.Helper()
	host, path, role := link, "", doxtrailv1.LinkRole_LINK_ROLE_LINK
	for i := range link {
		if link[i] == ' ' {
			host, path = link[:i], link[i+1:]
			break
		}
	}
	if n := len(path) - len(" quoted"); n > 0 && path[n:] == " quoted" {
		path, role = path[:n], doxtrailv1.LinkRole_LINK_ROLE_QUOTED
	}
	depth := uint32(1)
	if path == "/" {
		depth = 0
	}
	// A host "a.b" belongs to the registrable domain "b".
	site := host
	for i := range host {
		if host[i] == '.' {
			site = host[i+1:]
		}
	}
	w.add(store.KindLinks, p.platform, doxtrailv1.Link_builder{
		PostKey: w.key(p.name), ChannelKey: w.key(p.channel), PostedAt: proto.Int64(at(w.t, p.at)), PostedPrecisionS: proto.Uint32(1),
		HostKey: w.key("host " + host), SiteKey: w.key("site " + site), PathKey: w.key("path " + path), Depth: proto.Uint32(depth),
		Role: role.Enum(), PostKind: p.kind.Enum(), CanonVersion: proto.Uint32(1), Generation: proto.Uint64(1),
	}.Build())
}

type site struct {
	host, family string
	match        doxtrailv1.SiteMatch
	pages        []string
	unlisted     bool
	generation   uint64
}

func (w *world) site(s site) {
	w.t.Helper()
	name := "site " + s.host
	if s.match == doxtrailv1.SiteMatch_SITE_MATCH_HOST {
		name = "host " + s.host
	}
	var pages [][]byte
	for _, p := range s.pages {
		pages = append(pages, w.key("path "+p))
	}
	w.add(store.KindSites, web, doxtrailv1.Site_builder{
		MatchKey: w.key(name), Match: s.match.Enum(), Host: proto.String(s.host + ".example"), Family: proto.String(s.family),
		PageKeys: pages, Listed: proto.Bool(!s.unlisted), Generation: proto.Uint64(s.generation),
	}.Build())
}

func (w *world) share(p post, kind doxtrailv1.ShareKind, sourceChannel, sourcePost string) {
	w.t.Helper()
	w.add(store.KindShares, p.platform, doxtrailv1.Share_builder{
		PostKey: w.key(p.name), ChannelKey: w.key(p.channel), PostedAt: proto.Int64(at(w.t, p.at)), Kind: kind.Enum(),
		SourceChannelKey: w.key(sourceChannel), SourcePostKey: w.key(sourcePost),
	}.Build())
}

// look is one row of coverage.
type look struct {
	name, channel, query, importID, from, to string
	lookedAt                                 string
	leg                                      doxtrailv1.Leg // 0: of an archive
	platform                                 doxtrailv1.Platform
	selection                                doxtrailv1.Selection
	gap                                      bool
	posts, links, sightings                  uint64
	fromNo, toNo                             int64
	first, records                           uint64 // no records: the source counts none
	generation                               uint64
}

func (w *world) look(l look) {
	w.t.Helper()
	state, leg := doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE, doxtrailv1.Leg_LEG_ARCHIVE
	if l.gap {
		state = doxtrailv1.CoverageState_COVERAGE_STATE_GAP
	}
	if l.selection == 0 {
		l.selection = doxtrailv1.Selection_SELECTION_FULL
	}
	if l.leg != 0 {
		leg = l.leg
	}
	m := doxtrailv1.Coverage_builder{
		CoverageKey: w.key(l.name), ChannelKey: w.key(l.channel), QueryKey: w.key(l.query), ImportId: w.key(l.importID),
		Leg: leg.Enum(), Selection: l.selection.Enum(), State: state.Enum(),
		PostCount: proto.Uint64(l.posts), LinkCount: proto.Uint64(l.links), SightingCount: proto.Uint64(l.sightings),
	}
	if l.from != "" {
		m.FromAt, m.ToAt = proto.Int64(at(w.t, l.from)), proto.Int64(at(w.t, l.to))
	}
	if l.lookedAt != "" {
		m.LookedAt = proto.Int64(at(w.t, l.lookedAt))
	}
	if l.toNo > 0 {
		m.FromNo, m.ToNo = proto.Int64(l.fromNo), proto.Int64(l.toNo)
	}
	if l.records > 0 {
		m.FirstRecord, m.RecordCount = proto.Uint64(l.first), proto.Uint64(l.records)
	}
	if l.generation > 0 {
		m.Generation = proto.Uint64(l.generation)
	}
	w.add(store.KindCoverage, l.platform, m.Build())
}

// smallWorld is the campaign that the expected figures of the query tests were
// worked out for by hand. Its families are red, on the sites one and three and
// the host mirror.two, and blue, on four. List pages are no cards.
//
//	01-01 10:00  p1  A      telegram  c1 on one, c1 on mirror.two, start page of one
//	01-01 10:30  p2  B      telegram  c1 on one, forwarded from A
//	01-01 12:00  p3  X      twitter   c1 on three
//	01-02 09:00  p4  Aname  telegram  c2 on sub.one (Aname is A)
//	01-02 09:00  p5  X      twitter   c2 quoted on one
//	01-08 00:00  p6  Y      twitter   c2 on one, list page of one, c1 of blue
//	01-08 01:00  p7  B      telegram  an unlisted host of two, no sighting
func smallWorld(t *testing.T) *world {
	w := newWorld(t)
	registrable, host := doxtrailv1.SiteMatch_SITE_MATCH_SITE, doxtrailv1.SiteMatch_SITE_MATCH_HOST
	w.site(site{host: "one", family: "red", match: registrable, pages: []string{"/list"}, generation: 3})
	w.site(site{host: "mirror.two", family: "red", match: host, generation: 3})
	w.site(site{host: "three", family: "red", match: registrable, generation: 3})
	w.site(site{host: "four", family: "blue", match: registrable, generation: 3})
	w.site(site{host: "five", family: "red", match: registrable, generation: 3, unlisted: true})

	forward, repost, quote := doxtrailv1.PostKind_POST_KIND_FORWARD, doxtrailv1.PostKind_POST_KIND_REPOST, doxtrailv1.PostKind_POST_KIND_QUOTE
	p2 := post{name: "p2", channel: "B", at: "01-01 10:30:00", platform: telegram, kind: forward, audience: 50, links: []string{"one /c1"}}
	p5 := post{name: "p5", channel: "X", at: "01-02 09:00:00", platform: twitter, kind: quote, audience: 7, links: []string{"one /c2 quoted"}}
	p6 := post{name: "p6", channel: "Y", at: "01-08 00:00:00", platform: twitter, kind: repost, links: []string{"one /c2", "one /list", "four /c1"}}
	w.post(post{name: "p1", channel: "A", at: "01-01 10:00:00", platform: telegram, audience: 100, links: []string{"one /c1", "mirror.two /c1", "one /"}})
	w.post(p2)
	w.post(post{name: "p3", channel: "X", at: "01-01 12:00:00", platform: twitter, audience: 5, links: []string{"three /c1"}})
	w.post(post{name: "p4", channel: "Aname", at: "01-02 09:00:00", platform: telegram, audience: 120, links: []string{"sub.one /c2"}})
	w.post(p5)
	w.post(p6)
	w.post(post{name: "p7", channel: "B", at: "01-08 01:00:00", platform: telegram, links: []string{"other.two /c1"}})

	w.share(p2, doxtrailv1.ShareKind_SHARE_KIND_FORWARD, "Aname", "")
	w.share(p5, doxtrailv1.ShareKind_SHARE_KIND_QUOTE, "", "p3")
	w.share(p6, doxtrailv1.ShareKind_SHARE_KIND_REPOST, "X", "p5")
	w.share(p6, doxtrailv1.ShareKind_SHARE_KIND_LINK, "A", "")
	w.share(p6, doxtrailv1.ShareKind_SHARE_KIND_REPLY, "", "unseen")

	w.add(store.KindChannelAliases, telegram, doxtrailv1.ChannelAlias_builder{AliasKey: w.key("Aname"), ChannelKey: w.key("A")}.Build())
	w.add(store.KindChannels, telegram, doxtrailv1.Channel_builder{ChannelKey: w.key("A"), Kind: doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL.Enum()}.Build())
	w.add(store.KindChannels, twitter, doxtrailv1.Channel_builder{ChannelKey: w.key("X"), Kind: doxtrailv1.ChannelKind_CHANNEL_KIND_ACCOUNT.Enum()}.Build())
	approved := doxtrailv1.DecisionKind_DECISION_KIND_CHANNEL_APPROVED.Enum()
	w.add(store.KindDecisions, web, doxtrailv1.Decision_builder{Kind: approved, TargetKey: w.key("Aname"), Label: proto.String("alpha"), InForce: proto.Bool(true)}.Build())
	w.add(store.KindDecisions, web, doxtrailv1.Decision_builder{Kind: approved, TargetKey: w.key("B"), Label: proto.String("beta"), InForce: proto.Bool(false)}.Build())

	// A was read from 01-01 09:00 to 01-03, B live from 12-31 to 10:00 and again
	// from 10:30; X only through a search.
	w.look(look{name: "v1", channel: "A", importID: "i1", platform: telegram, from: "01-01 09:00:00", to: "01-01 10:00:00", posts: 2, links: 3, sightings: 3})
	w.look(look{name: "v2", channel: "A", importID: "i1", platform: telegram, from: "01-02 09:00:00", to: "01-03 00:00:00", posts: 1, links: 1, sightings: 1})
	w.look(look{name: "v3", channel: "B", leg: doxtrailv1.Leg_LEG_HISTORY, platform: telegram, from: "01-01 08:00:00", to: "01-01 10:00:00", fromNo: 1, toNo: 4})
	w.look(look{name: "v4", channel: "B", leg: doxtrailv1.Leg_LEG_HISTORY, platform: telegram, from: "01-01 10:30:00", to: "01-08 01:00:00", fromNo: 6, toNo: 9})
	w.look(look{name: "v5", query: "q1", importID: "i2", platform: twitter, selection: doxtrailv1.Selection_SELECTION_SEARCH, from: "01-01 12:00:00", to: "01-08 00:00:00", posts: 3, links: 5, sightings: 4})
	w.look(look{name: "v6", query: "q1", importID: "i2", platform: twitter, selection: doxtrailv1.Selection_SELECTION_SEARCH, gap: true})
	for i, n := range []uint64{5, 4} {
		w.add(store.KindImports, web, doxtrailv1.Import_builder{
			ImportId: w.key([]string{"i1", "i2"}[i]), FileOrdinal: proto.Uint32(uint32(i + 1)),
			Platform: []doxtrailv1.Platform{telegram, twitter}[i].Enum(), Format: doxtrailv1.ArchiveFormat(i + 1).Enum(),
			RecordCount: proto.Uint64(n), PostCount: proto.Uint64(3), NonPostCount: proto.Uint64(1), DuplicateCount: proto.Uint64(uint64(1 - i)),
			ByteCount: proto.Uint64(100), Complete: proto.Bool(true),
		}.Build())
	}
	w.insert()
	return w
}
