package store_test

import (
	"encoding/binary"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// unlistedWorld lists one as a whole, one host of two, and four no more.
func unlistedWorld(t *testing.T) *changing {
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
	return c
}

func TestUnlistedSitesOfLabels(t *testing.T) {
	c := unlistedWorld(t)
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
