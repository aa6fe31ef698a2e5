package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// changing is a world in which sites come and go: what is stored, and beside it what a
// twin of Rematch works from.
type changing struct {
	*world
	sites []changingSite
	links []changingLink
}

type changingSite struct {
	site

	since uint64
}

type changingLink struct {
	post, host, domain, path, platform string
	quoted                             bool
	generation, minute                 uint64
}

// randomChanges makes one.
func randomChanges(t *testing.T, seed uint64) *changing {
	c := &changing{world: newWorld(t)}
	r := rand.New(rand.NewPCG(seed, 7))
	hostMatch, siteMatch := doxtrailv1.SiteMatch_SITE_MATCH_HOST, doxtrailv1.SiteMatch_SITE_MATCH_SITE
	for i, host := range []string{"one", "two", "three", "four", "five", "a.one", "b.six", "a.five"} {
		s := changingSite{site: site{host: host, family: []string{"red", "red", "blue"}[r.IntN(3)], match: siteMatch, unlisted: r.IntN(3) == 0, generation: 9}, since: r.Uint64N(8)}
		if strings.Contains(host, ".") {
			s.match = hostMatch
		}
		if r.IntN(4) > 0 || i == 0 {
			s.pages = []string{"/list"}
			c.sites = append(c.sites, s)
			c.site(s.site)
		}
	}
	for n := range 60 {
		p := changingLink{post: fmt.Sprintf("p%02d", n), minute: uint64(r.IntN(50)*60 + n), generation: 1 + r.Uint64N(7), platform: "telegram"}
		if r.IntN(2) == 0 {
			p.platform = "twitter"
		}
		seen := map[string]bool{}
		for range 1 + r.IntN(3) {
			l := p
			l.domain = []string{"one", "two", "three", "four", "five", "six", "seven"}[r.IntN(7)]
			l.host = []string{"", "a.", "b."}[r.IntN(3)] + l.domain
			l.path = []string{"/", "/list", "/c1", "/c2", "/c3", "/c4"}[r.IntN(6)]
			l.quoted = r.IntN(4) == 0
			if id := l.host + l.path + fmt.Sprint(l.quoted); !seen[id] {
				seen[id] = true
				c.links = append(c.links, l)
				c.put(l)
			}
		}
		c.add(store.KindPosts, telegram, doxtrailv1.Post_builder{
			PostKey: c.key(p.post), PostNoKey: c.key(p.post + "-no"), ChannelKey: c.key("C"), Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(),
			PostedAt: proto.Int64(int64(p.minute) * 60_000), PostedPrecisionS: proto.Uint32(1), Generation: &p.generation,
		}.Build())
	}
	c.insert()
	return c
}

func (c *changing) put(l changingLink) {
	role, platform := doxtrailv1.LinkRole_LINK_ROLE_LINK, telegram
	if l.quoted {
		role = doxtrailv1.LinkRole_LINK_ROLE_QUOTED
	}
	if l.platform == "twitter" {
		platform = twitter
	}
	depth := uint32(1)
	if l.path == "/" {
		depth = 0
	}
	c.add(store.KindLinks, platform, doxtrailv1.Link_builder{
		PostKey: c.key(l.post), ChannelKey: c.key("C"), PostedAt: proto.Int64(int64(l.minute) * 60_000), PostedPrecisionS: proto.Uint32(1),
		HostKey: c.key("host " + l.host), SiteKey: c.key("site " + l.domain), LabelKey: c.key("label " + l.domain), PathKey: c.key("path " + l.path),
		Depth: &depth, Role: &role, PostKind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(), CanonVersion: proto.Uint32(1), Generation: &l.generation,
	}.Build())
}

func (c *changing) changes() (changes []store.Change) {
	for _, s := range c.sites {
		if s.family == "red" {
			changes = append(changes, store.Change{Key: [16]byte(c.matchKey(s)), Since: s.since})
		}
	}
	return changes
}

func (c *changing) matchKey(s changingSite) []byte {
	if s.match == doxtrailv1.SiteMatch_SITE_MATCH_HOST {
		return c.key("host " + s.host)
	}
	return c.key("site " + s.host)
}

// owner finds the site that a link belongs to, among those that are listed or not.
func (c *changing) owner(l changingLink, unlisted bool, family string) *changingSite {
	for _, name := range []string{l.host, l.domain} {
		for i, s := range c.sites {
			isHost := s.match == doxtrailv1.SiteMatch_SITE_MATCH_HOST
			// "one" is a domain, and the host without a part before it.
			if s.host == name && isHost == strings.Contains(name, ".") && s.unlisted == unlisted && (family == "" || s.family == family) {
				return &c.sites[i]
			}
		}
	}
	return nil
}

func TestRematchAgreesWithItsTwin(t *testing.T) {
	some := store.RematchFigures{}
	for seed := range uint64(12) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			c := randomChanges(t, seed)
			got, err := c.store.Rematch(t.Context(), "red", c.changes(), 4)
			if err != nil {
				t.Fatal(err)
			}
			want := c.rematch(4)
			for _, r := range []*store.Rematch{got, want} {
				slices.SortFunc(r.Sites, func(a, b store.RematchSite) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("(-twin +rematch):\n%s", diff)
			}
			for i, f := range []store.RematchFigures{got.Found, got.Retracted} {
				some.Cards += f.Cards
				some.FirstSightings += f.FirstSightings << (8 * i)
			}
			c.agreesWithTheView()
		})
	}
	if some.Cards == 0 || some.FirstSightings < 1<<8 {
		t.Errorf("no world held what is looked for: %+v", some)
	}
}

// agreesWithTheView sees that what was held, found and not retracted is what the view
// sightings shows.
func (c *changing) agreesWithTheView() {
	c.t.Helper()
	var rows []struct {
		Post string `ch:"post"`
		Card string `ch:"card"`
		Site string `ch:"site"`
	}
	sql := "SELECT toString(post_key) AS post, ifNull(toString(path_key), '') AS card, ifNull(site, '') AS site FROM " + c.store.Research() + ".sightings WHERE family = 'red'"
	if err := c.store.Select(c.t.Context(), &rows, sql, nil); err != nil {
		c.t.Fatal(err)
	}
	var view, twin []string
	for _, r := range rows {
		view = append(view, c.named(r.Post+" "+r.Card)+" "+r.Site)
	}
	for _, f := range c.seen() {
		if f.state != "retracted" {
			card := ""
			if f.card != "" {
				card = "path " + f.card
			}
			twin = append(twin, f.post+" "+card+" "+f.site.host+".example")
		}
	}
	if diff := gocmp.Diff(sorted(twin), sorted(view)); diff != "" {
		c.t.Errorf("sightings (-twin +view):\n%s", diff)
	}
}

func TestRematchOfNothing(t *testing.T) {
	w := newWorld(t)
	r, err := w.store.Rematch(t.Context(), "red", nil, 5)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(&store.Rematch{}, r); diff != "" {
		t.Error(diff)
	}
}
