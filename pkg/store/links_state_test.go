package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	linkUnasked    = doxtrailv1.LinkState_LINK_STATE_UNSPECIFIED
	linkUnanswered = doxtrailv1.LinkState_LINK_STATE_UNANSWERED
	linkGone       = doxtrailv1.LinkState_LINK_STATE_GONE
	linkResolved   = doxtrailv1.LinkState_LINK_STATE_RESOLVED
	linkBlocked    = doxtrailv1.LinkState_LINK_STATE_BLOCKED_BY_PLATFORM
)

// short is a link in a post that a shortener was asked about, or that it told.
type short struct {
	post, at, host, path string
	platform             doxtrailv1.Platform
	state                doxtrailv1.LinkState
	told                 bool
	role                 doxtrailv1.LinkRole // 0: a link
	generation           uint64
}

func (w *world) short(s short) {
	w.t.Helper()
	expanded := doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE
	if s.told {
		expanded = doxtrailv1.LinkExpansion_LINK_EXPANSION_RESOLVED
	}
	m := doxtrailv1.Link_builder{
		PostKey: w.key(s.post), ChannelKey: w.key("A"), PostedAt: proto.Int64(at(w.t, s.at)), PostedPrecisionS: proto.Uint32(1),
		HostKey: w.key("host " + s.host), SiteKey: w.key("site " + s.host), PathKey: w.key("path " + s.path), Depth: proto.Uint32(1),
		Role: doxtrailv1.LinkRole_LINK_ROLE_LINK.Enum(), CanonVersion: proto.Uint32(1), Generation: proto.Uint64(max(s.generation, 1)), ExpandedBy: expanded.Enum(),
	}
	if s.role != 0 {
		m.Role = s.role.Enum()
	}
	if s.state != linkUnasked {
		m.State = s.state.Enum()
	}
	w.add(store.KindLinks, s.platform, m.Build())
}

// A post comes again with what was learnt, and by other legs without it, in any order.
func TestTheLinkStandsOfWhichMostIsKnown(t *testing.T) {
	w := newWorld(t)
	rows := []short{{state: linkUnasked}, {state: linkUnanswered}, {state: linkBlocked}, {state: linkResolved}}
	for _, order := range []struct {
		path string
		rows []int
	}{{"/a", []int{0, 1, 2, 3}}, {"/b", []int{3, 2, 1, 0}}, {"/c", []int{2, 0, 3, 1}}, {"/d", []int{0, 0}}, {"/e", []int{1, 0}}} {
		for _, i := range order.rows {
			s := rows[i]
			s.post, s.at, s.host, s.path, s.platform = "P", "01-01 10:00:00", "short", order.path, telegram
			w.short(s)
			w.insert()
		}
	}
	// Newer rules win over what was learnt under older ones: they may say another thing.
	w.short(short{post: "P", at: "01-01 10:00:00", host: "short", path: "/e", platform: telegram, generation: 2})
	w.insert()
	want := []string{"path /a blocked_by_platform", "path /b blocked_by_platform", "path /c blocked_by_platform", "path /d none", "path /e none"}
	got := w.select1("SELECT concat(toString(path_key), ' ', ifNull(toString(state), 'none')) AS line FROM " + w.store.Research() + ".links")
	if diff := cmp.Diff(want, sorted(got)); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

func TestWhatBecameOfShortLinks(t *testing.T) {
	w := newWorld(t)
	w.site(site{host: "cards", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_HOST, generation: 1})
	w.site(site{host: "mirror", family: "blue", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE, generation: 1})
	w.site(site{host: "former", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_HOST, unlisted: true, generation: 1})
	const january, february = "01-31 23:00:00", "02-01 00:00:00"
	for _, s := range []short{
		{post: "1", at: january, host: "short", path: "/a", platform: telegram, state: linkResolved},
		{post: "1", at: january, host: "short", path: "/a", platform: telegram, state: linkResolved, role: doxtrailv1.LinkRole_LINK_ROLE_PREVIEW},
		{post: "1", at: january, host: "cards", path: "/1", platform: telegram, state: linkResolved, told: true},
		{post: "1", at: january, host: "short", path: "/b", platform: telegram, state: linkGone},
		{post: "2", at: january, host: "short", path: "/a", platform: telegram, state: linkBlocked},
		{post: "2", at: january, host: "cards", path: "/1", platform: telegram, state: linkBlocked, told: true},
		{post: "3", at: february, host: "short", path: "/c", platform: twitter, state: linkResolved},
		{post: "3", at: february, host: "mirror", path: "/1", platform: twitter, state: linkResolved, told: true},
		{post: "4", at: february, host: "short", path: "/d", platform: twitter, state: linkResolved},
		{post: "4", at: february, host: "former", path: "/1", platform: twitter, state: linkResolved, told: true},
		{post: "5", at: february, host: "short", path: "/e", platform: twitter},
		{post: "5", at: february, host: "cards", path: "/2", platform: twitter},
	} {
		w.short(s)
	}
	w.insert()
	const (
		all  = "2020-01-01 - telegram 2 3 1 1 1 0 0 0"
		red  = "2020-01-01 red telegram 2 2 1 1 0 0 0 0"
		onX  = "2020-02-01 - twitter 2 2 2 0 0 0 0 0"
		blue = "2020-02-01 blue twitter 1 1 1 0 0 0 0 0"
	)
	if diff := cmp.Diff(all+"\n"+red+"\n"+onX+"\n"+blue, w.query("short_links", nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := w.query("short_links", map[string]string{"family": "red"}); got != red {
		t.Errorf("of one family: %s", got)
	}
}

func TestTheStateOfALinkIsExplained(t *testing.T) {
	w := newWorld(t)
	w.site(site{host: "cards", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_HOST, generation: 1})
	w.post(post{name: "P", channel: "A", at: "01-01 10:00:00", platform: telegram})
	w.short(short{post: "P", at: "01-01 10:00:00", host: "cards", path: "/1", platform: telegram, state: linkBlocked, told: true})
	w.short(short{post: "P", at: "01-01 10:00:00", host: "other", path: "/1", platform: telegram})
	w.insert()
	key, _ := privacy.KeyFromBytes(w.key("P"))
	e, found, err := w.store.Explain(t.Context(), key)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	states := map[string]string{}
	for _, l := range e.Links {
		states[l.Family] = l.State
	}
	if diff := cmp.Diff(map[string]string{"red": "blocked_by_platform", "": ""}, states); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
