package store_test

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// cardKey is the twin of the view's card_key.
func cardKey(family string, path []byte) string {
	sum := sha256.Sum256([]byte(family + "\x00" + uuidText(path)))
	return uuidText(sum[:16])
}

func coarseLink(w *world, precision uint32) *doxtrailv1.Link {
	return doxtrailv1.Link_builder{
		PostKey: w.key("p"), ChannelKey: w.key("C"), PostedAt: proto.Int64(at(w.t, "01-01 00:00:00")), PostedPrecisionS: proto.Uint32(precision),
		HostKey: w.key("host one"), SiteKey: w.key("site one"), PathKey: w.key("path /c1"), Depth: proto.Uint32(1),
		Role: doxtrailv1.LinkRole_LINK_ROLE_LINK.Enum(),
	}.Build()
}

// sightings gives the view's rows: family, path, site, basis, post.
func (w *world) sightings() string {
	w.t.Helper()
	var b bytes.Buffer
	sql := "SELECT family, path_key, site_key, site, is_site_sighting, basis, post_key FROM " + w.store.Research() + ".sightings ORDER BY ALL"
	if err := w.store.Stream(w.t.Context(), &b, sql, nil, "tsv"); err != nil {
		w.t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\n")
	return w.named(body)
}

func TestSiteListedLaterMakesOldLinksSightings(t *testing.T) {
	w := smallWorld(t)
	w.nameCards("red", "/c1")
	before := w.query("first_sightings", map[string]string{"family": "red"})
	// p7 linked to this host a week after the first sighting; a post nobody
	// took note of was earlier than all others.
	w.post(post{name: "p0", channel: "Z", at: "01-01 06:00:00", platform: telegram, links: []string{"old.six /c1"}})
	w.insert()
	if got := w.query("first_sightings", map[string]string{"family": "red"}); got != before {
		t.Fatalf("a link to an unlisted site changed the answer:\n%s", cmp.Diff(before, got))
	}
	site := site{host: "six", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE, generation: 4}
	w.site(site)
	w.insert()
	got := strings.Split(w.query("first_sightings", map[string]string{"family": "red"}), "\n")[0]
	want := "red card red/c1 telegram 2020-01-01T06:00:00Z - 2020-01-01T06:00:01Z direct Z - six.example p0"
	if got != want {
		t.Errorf("first sighting after listing:\n got %s\nwant %s", got, want)
	}
	if got := strings.Split(w.query("card_spread", nil), "\n")[0]; got != "red card red/c1 2020-01-01T06:00:00Z telegram 2020-01-01T12:00:00Z 4 4 2 4 177 3" {
		t.Errorf("spread after listing: %s", got)
	}
	site.unlisted, site.generation = true, 5
	w.site(site)
	w.insert()
	if got := w.query("first_sightings", map[string]string{"family": "red"}); got != before {
		t.Errorf("taking the site off again left a trace:\n%s", cmp.Diff(before, got))
	}
}

func TestSightings(t *testing.T) {
	siteMatch, hostMatch := doxtrailv1.SiteMatch_SITE_MATCH_SITE, doxtrailv1.SiteMatch_SITE_MATCH_HOST
	for _, tc := range []struct {
		name  string
		sites []site
		links []string
		kind  doxtrailv1.PostKind
		want  string
	}{
		{
			name: "the same card twice on one site is one sighting", sites: []site{{host: "one", family: "red", match: siteMatch}},
			links: []string{"a.one /c", "b.one /c"}, want: "red path /c site one one.example false direct p",
		},
		{
			name: "the same card on two sites is two", sites: []site{{host: "one", family: "red", match: siteMatch}, {host: "two", family: "red", match: siteMatch}},
			links: []string{"one /c", "two /c"}, want: lines("red path /c site one one.example false direct p", "red path /c site two two.example false direct p"),
		},
		{
			name: "a listed host goes before its domain", sites: []site{{host: "one", family: "red", match: siteMatch}, {host: "a.one", family: "blue", match: hostMatch}},
			links: []string{"a.one /c", "b.one /c"}, want: lines("blue path /c host a.one a.one.example false direct p", "red path /c site one one.example false direct p"),
		},
		{
			name: "pages count for every site of the family, and once a post", sites: []site{
				{host: "one", family: "red", match: siteMatch, pages: []string{"/list"}},
				{host: "two", family: "red", match: hostMatch},
			},
			links: []string{"two /list", "two /"}, want: "red - host two two.example true direct p",
		},
		{
			name: "a link of its own outweighs a quoted one", sites: []site{{host: "one", family: "red", match: siteMatch}},
			links: []string{"one /c quoted", "one /c", "one /d quoted"},
			kind:  doxtrailv1.PostKind_POST_KIND_QUOTE,
			want:  lines("red path /c site one one.example false direct p", "red path /d site one one.example false quoted p"),
		},
		{
			name: "what a forward carries is forwarded", sites: []site{{host: "one", family: "red", match: siteMatch}},
			links: []string{"one /c"}, kind: doxtrailv1.PostKind_POST_KIND_FORWARD, want: "red path /c site one one.example false forward p",
		},
		{
			name: "only sites taken off the list: as if there were no list", sites: []site{{host: "one", family: "red", match: siteMatch, unlisted: true}},
			links: []string{"one /c"}, want: "site one path /c site one - false direct p",
		},
		{
			name: "no list: every domain is a family of its own", links: []string{"a.one /c", "b.one /c", "two /c", "two /"},
			want: lines("site one path /c site one - false direct p", "site two - site two - true direct p", "site two path /c site two - false direct p"),
		},
		{
			name: "no link to a listed site: nothing", sites: []site{{host: "one", family: "red", match: siteMatch}}, links: []string{"two /c"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			for _, s := range tc.sites {
				w.site(s)
			}
			// Keys come out in the order in which they are made.
			for _, name := range []string{"path /c", "path /d", "path /", "path /list"} {
				w.key(name)
			}
			w.post(post{name: "p", channel: "C", at: "01-01 00:00:00", platform: telegram, kind: tc.kind, links: tc.links})
			w.insert()
			got := strings.Split(w.sightings(), "\n")
			if diff := cmp.Diff(sorted(strings.Split(tc.want, "\n")), sorted(got)); diff != "" {
				t.Errorf("sightings differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCardKeyIsTheHeadOfASHA256(t *testing.T) {
	w := newWorld(t)
	w.site(site{host: "one", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE})
	w.add(store.KindLinks, telegram, coarseLink(w, 1))
	w.insert()
	var rows []struct {
		Card string `ch:"card_key"`
	}
	if err := w.store.Select(t.Context(), &rows, "SELECT toString(card_key) AS card_key FROM "+w.store.Research()+".sightings", nil); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || rows[0].Card != cardKey("red", w.key("path /c1")) {
		t.Errorf("got %v, want %s", rows, cardKey("red", w.key("path /c1")))
	}
}
