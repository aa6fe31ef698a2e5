package store_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestUnlistedSitesOfLabels(t *testing.T) {
	c := &changing{world: newWorld(t)}
	c.site(site{host: "one", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE, generation: 1})
	c.site(site{host: "a.two", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_HOST, generation: 1})
	c.site(site{host: "four", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE, generation: 1, unlisted: true})
	c.add(store.KindChannelAliases, telegram, doxtrailv1.ChannelAlias_builder{AliasKey: c.key("Cname"), ChannelKey: c.key("C")}.Build())
	for _, l := range []changingLink{
		{post: "p1", host: "one", domain: "one", path: "/c", minute: 1},
		{post: "p2", host: "a.two", domain: "two", path: "/c", minute: 2}, // listed itself
		{post: "p3", host: "b.two", domain: "two", path: "/c", minute: 5},
		{post: "p4", host: "two", domain: "two", path: "/c", minute: 4},
		{post: "p4", host: "two", domain: "two", path: "/d", minute: 4},
		{post: "p5", host: "three", domain: "three", path: "/", minute: 3},
		{post: "p6", host: "four", domain: "four", path: "/c", minute: 6},
		{post: "p7", host: "six", domain: "six", path: "/c", minute: 7},
	} {
		c.put(l)
		c.put(l) // delivered twice
	}
	c.insert()
	labels := map[[16]byte]bool{}
	if err := c.store.EachLabel(t.Context(), func(label [16]byte) { labels[label] = true }); err != nil {
		t.Fatal(err)
	}
	if len(labels) != 5 || !labels[[16]byte(c.key("label six"))] {
		t.Errorf("%d labels", len(labels))
	}
	var wanted [][16]byte
	for _, domain := range []string{"one", "two", "three", "four", "five"} {
		wanted = append(wanted, [16]byte(c.key("label "+domain)))
	}
	got, err := c.store.UnlistedSites(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	minute := func(n int64) time.Time { return time.UnixMilli(n * 60_000).UTC() }
	key := func(name string) [16]byte { return [16]byte(c.key(name)) }
	want := []store.UnlistedSite{
		{key("site three"), key("label three"), 1, 1, 1, 1, minute(3), minute(3)},
		{key("site two"), key("label two"), 2, 3, 2, 1, minute(4), minute(5)},
		{key("site four"), key("label four"), 1, 1, 1, 1, minute(6), minute(6)},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// As many as one statement takes, and one more.
	many := make([][16]byte, 0, 2002)
	for n := range uint64(2001) {
		many = append(many, [16]byte(binary.BigEndian.AppendUint64(make([]byte, 8), n)))
	}
	if got, err = c.store.UnlistedSites(t.Context(), append(many, wanted...)); err != nil || len(got) != 3 {
		t.Errorf("among many labels %d sites, %v", len(got), err)
	}
}

// BenchmarkMirrors measures a million links of which 2,000, of posts before all others,
// lead to a mirror that was listed later: the ten cards that they show were first seen
// there.
func BenchmarkMirrors(b *testing.B) {
	const links, planted = 1_000_000, 2_000
	s := storetest.New(b)
	rows := store.NewRows()
	put := func(kind store.Kind, m proto.Message) {
		record, err := proto.Marshal(m)
		if err == nil {
			err = rows.Append(kind, telegram, record)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	key := func(purpose string, n uint64) [16]byte { return [16]byte(mixed(purpose, n)) }
	for n := range uint64(links) {
		l := benchLink(n)
		// A thousandth of all hosts are the family's; the last one is the mirror.
		host := n % 300_000
		if n%20 == 0 {
			host = n / 20 % 14
		}
		if n%(links/planted) == 1 {
			host = 1 << 40
			l.SetPostedAt(1_500_000_000_000 + int64(n))
		}
		l.SetHostKey(mixed("host", host))
		l.SetSiteKey(mixed("site", host))
		l.SetLabelKey(mixed("label", host))
		put(store.KindLinks, l)
		if n%50_000 == 49_999 {
			if err := s.Insert(b.Context(), rows); err != nil {
				b.Fatal(err)
			}
			rows.Reset()
		}
	}
	changes := []store.Change{{Key: key("site", 1<<40), Since: 2}}
	for host := range uint64(15) {
		if host == 14 {
			host = 1 << 40
		}
		put(store.KindSites, doxtrailv1.Site_builder{
			MatchKey: mixed("site", host), Match: doxtrailv1.SiteMatch_SITE_MATCH_SITE.Enum(), Host: proto.String(fmt.Sprintf("h%d.example", host)),
			Family: proto.String("red"), Listed: proto.Bool(true), Generation: proto.Uint64(2),
		}.Build())
	}
	if err := s.Insert(b.Context(), rows); err != nil {
		b.Fatal(err)
	}
	b.Run("rematch", func(b *testing.B) {
		for b.Loop() {
			r, err := s.Rematch(b.Context(), "red", changes, 2)
			if err != nil {
				b.Fatal(err)
			}
			if r.Found.Links != planted || r.Found.Posts != planted || len(r.Sites) != 1 || r.Found.FirstSightings != 10 {
				b.Fatalf("found %+v", r.Found)
			}
			b.ReportMetric(float64(r.Found.FirstSightings), "firsts")
		}
	})
	b.Run("labels", func(b *testing.B) {
		for b.Loop() {
			n := 0
			if err := s.EachLabel(b.Context(), func([16]byte) { n++ }); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(n), "labels")
		}
	})
	b.Run("unlisted", func(b *testing.B) {
		var labels [][16]byte
		for host := range uint64(800) {
			labels = append(labels, key("label", 20+host))
		}
		for b.Loop() {
			found, err := s.UnlistedSites(b.Context(), slices.Clone(labels))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(found)), "sites")
		}
	})
}
