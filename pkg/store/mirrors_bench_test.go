package store_test

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	benchLinks   = 1_000_000
	benchPlanted = 2_000
	// benchMirror is the number of the planted mirror's keys; those of the others count
	// from 0.
	benchMirror = 1 << 40
)

// mirroredLink is one of a million links: every twentieth leads to one of 14 sites, every
// five-hundredth to a mirror, in posts that were before all others.
func mirroredLink(n uint64) *doxtrailv1.Link {
	l, host := benchLink(n), n%300_000
	if n%20 == 0 {
		host = n / 20 % 14
	}
	if n%(benchLinks/benchPlanted) == 1 {
		host = benchMirror
		l.SetPostedAt(1_500_000_000_000 + int64(n))
	}
	l.SetHostKey(mixed("host", host))
	l.SetSiteKey(mixed("site", host))
	l.SetLabelKey(mixed("label", host))
	return l
}

// mirroredStore holds them, and lists all 15 sites.
func mirroredStore(b *testing.B) *store.Store {
	s, rows := storetest.New(b), store.NewRows()
	put := func(kind store.Kind, m proto.Message) {
		record, err := proto.Marshal(m)
		if err == nil {
			err = rows.Append(kind, telegram, record)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	for n := range uint64(benchLinks) {
		put(store.KindLinks, mirroredLink(n))
		if n%50_000 == 49_999 {
			if err := s.Insert(b.Context(), rows); err != nil {
				b.Fatal(err)
			}
			rows.Reset()
		}
	}
	for host := range uint64(15) {
		if host == 14 {
			host = benchMirror
		}
		put(store.KindSites, doxtrailv1.Site_builder{
			MatchKey: mixed("site", host), Match: doxtrailv1.SiteMatch_SITE_MATCH_SITE.Enum(), Host: proto.String(fmt.Sprintf("h%d.example", host)),
			Family: proto.String("red"), Listed: proto.Bool(true), Generation: proto.Uint64(2),
		}.Build())
	}
	if err := s.Insert(b.Context(), rows); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkMirrors asks a store with a million links after its list changed: the ten
// cards that the mirror shows were first seen there.
func BenchmarkMirrors(b *testing.B) {
	s := mirroredStore(b)
	b.Run("rematch", func(b *testing.B) {
		changes := []store.Change{{Key: [16]byte(mixed("site", benchMirror)), Since: 2}}
		for b.Loop() {
			r, err := s.Rematch(b.Context(), "red", changes, 2)
			if err != nil {
				b.Fatal(err)
			}
			if r.Found.Links != benchPlanted || r.Found.Posts != benchPlanted || len(r.Sites) != 1 || r.Found.FirstSightings != 10 {
				b.Fatalf("found %+v", r.Found)
			}
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
			labels = append(labels, [16]byte(mixed("label", 20+host)))
		}
		for b.Loop() {
			found, err := s.UnlistedSites(b.Context(), labels)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(found)), "sites")
		}
	})
}
