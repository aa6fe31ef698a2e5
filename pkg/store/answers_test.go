package store_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Card keys follow from family and path alone; see cardKey.
func (w *world) nameCards(family string, paths ...string) {
	for _, p := range paths {
		w.names = append(w.names, cardKey(family, w.key("path "+p)), "card "+family+p)
	}
}

func lines(text ...string) string { return strings.Join(text, "\n") }

func TestQueriesOverSmallWorld(t *testing.T) {
	w := smallWorld(t)
	w.nameCards("red", "/c1", "/c2")
	w.nameCards("blue", "/c1")
	c1, c2 := w.names[len(w.names)-6], w.names[len(w.names)-4]
	for _, tc := range []struct {
		name, query string
		params      map[string]string
		want        string
	}{
		{
			"one line a card, the most carried first, with the last known audience of each channel once", "card_spread", nil, lines(
				"red card red/c1 2020-01-01T10:00:00Z telegram 2020-01-01T12:00:00Z 3 3 2 3 177 3",
				"red card red/c2 2020-01-02T09:00:00Z telegram 2020-01-08T00:00:00Z 3 3 2 1 127 2",
				"blue card blue/c1 2020-01-08T00:00:00Z twitter 2020-01-08T00:00:00Z 1 1 1 1 - 0"),
		},
		{
			"one family alone", "card_spread",
			map[string]string{"family": "blue"},
			"blue card blue/c1 2020-01-08T00:00:00Z twitter 2020-01-08T00:00:00Z 1 1 1 1 - 0",
		},
		{
			"an unknown family has no cards", "card_spread", map[string]string{"family": "green"}, "",
		},
		{
			"first sightings with their bounds, basis, label and site", "first_sightings", nil, lines(
				"blue card blue/c1 twitter 2020-01-08T00:00:00Z - 2020-01-08T00:00:01Z forward Y - four.example p6",
				"red card red/c1 telegram 2020-01-01T10:00:00Z 2020-01-01T10:00:00Z 2020-01-01T10:00:01Z direct A alpha one.example p1",
				"red card red/c1 twitter 2020-01-01T12:00:00Z - 2020-01-01T12:00:01Z direct X - three.example p3",
				"red card red/c2 telegram 2020-01-02T09:00:00Z 2020-01-02T09:00:00Z 2020-01-02T09:00:01Z direct A alpha one.example p4",
				"red card red/c2 twitter 2020-01-02T09:00:00Z - 2020-01-02T09:00:01Z quoted X - one.example p5"),
		},
		{
			"first sightings of one card", "first_sightings", map[string]string{"card": c2}, lines(
				"red card red/c2 telegram 2020-01-02T09:00:00Z 2020-01-02T09:00:00Z 2020-01-02T09:00:01Z direct A alpha one.example p4",
				"red card red/c2 twitter 2020-01-02T09:00:00Z - 2020-01-02T09:00:01Z quoted X - one.example p5"),
		},
		{
			"growth by day", "spread_timeline", map[string]string{"family": "red"}, lines(
				"2020-01-01T00:00:00Z telegram 2 2 2 1 1 170 2",
				"2020-01-01T00:00:00Z twitter 1 1 1 1 0 7 1",
				"2020-01-02T00:00:00Z telegram 1 1 0 1 0 120 1",
				"2020-01-02T00:00:00Z twitter 1 1 0 1 0 7 1",
				"2020-01-08T00:00:00Z twitter 1 1 1 1 1 - 0"),
		},
		{
			"growth of one card by hour", "spread_timeline", map[string]string{"card": c1, "bucket": "hour"}, lines(
				"2020-01-01T10:00:00Z telegram 2 2 2 1 0 170 2",
				"2020-01-01T12:00:00Z twitter 1 1 1 1 0 7 1"),
		},
		{
			"growth by week, which begins on Monday", "spread_timeline", map[string]string{"bucket": "week"}, lines(
				"2019-12-30T00:00:00Z telegram 3 2 2 2 1 170 2",
				"2019-12-30T00:00:00Z twitter 2 1 1 2 0 7 1",
				"2020-01-06T00:00:00Z twitter 1 1 1 2 1 - 0"),
		},
		{
			"who carried most and first, under the key and label that count", "channel_spread", nil, lines(
				"A alpha telegram channel 2 2 2 2 0 2020-01-01T10:00:00Z 2020-01-02T09:00:00Z 120",
				"X - twitter account 2 2 0 2 1 2020-01-01T12:00:00Z 2020-01-02T09:00:00Z 7",
				"Y - twitter - 1 2 1 1 1 2020-01-08T00:00:00Z 2020-01-08T00:00:00Z -",
				"B - telegram - 1 1 0 0 1 2020-01-01T10:30:00Z 2020-01-01T10:30:00Z 50"),
		},
		{
			"cards and pages of each site", "mirror_spread", nil, lines(
				"blue four.example site four 1 1 1 1 2020-01-08T00:00:00Z 2020-01-08T00:00:00Z 0",
				"red one.example site one 2 5 4 2 2020-01-01T10:00:00Z 2020-01-08T00:00:00Z 2",
				"red mirror.two.example host mirror.two 1 1 1 1 2020-01-01T10:00:00Z 2020-01-01T10:00:00Z 0",
				"red three.example site three 1 1 1 1 2020-01-01T12:00:00Z 2020-01-01T12:00:00Z 0"),
		},
		{
			"edges by channel, the source found through its post where only that is named", "share_edges", nil, lines(
				"A B telegram forward 1 1 2020-01-01T10:30:00Z 2020-01-01T10:30:00Z",
				"A Y twitter link 1 2 2020-01-08T00:00:00Z 2020-01-08T00:00:00Z",
				"X X twitter quote 1 1 2020-01-02T09:00:00Z 2020-01-02T09:00:00Z",
				"X Y twitter repost 1 2 2020-01-08T00:00:00Z 2020-01-08T00:00:00Z"),
		},
		{
			"edges of one kind and family", "share_edges",
			map[string]string{"family": "blue", "kind": "repost"},
			"X Y twitter repost 1 1 2020-01-08T00:00:00Z 2020-01-08T00:00:00Z",
		},
		{
			"lag between platforms for a family", "platform_lag", nil,
			"red - telegram twitter 2 0 3600 7200 1",
		},
		{
			"lag between platforms for each card", "platform_lag", map[string]string{"per": "card"}, lines(
				"red card red/c1 telegram twitter 1 7200 7200 7200 0",
				"red card red/c2 telegram twitter 1 0 0 0 1"),
		},
		{
			"channels and posts two families share", "family_overlap", nil, "blue red 1 1 1 4 1 6",
		},
		{
			"files whose counts add up, with links and sightings from coverage", "import_ledger", nil, lines(
				"i1 - telegram_desktop telegram 5 3 1 1 0 0 4 4 3 100 true true 2020-01-01T09:00:00Z 2020-01-03T00:00:00Z -",
				"i2 - twarc2 twitter 4 3 1 0 0 0 5 4 3 100 true true 2020-01-01T12:00:00Z 2020-01-08T00:00:00Z -"),
		},
		{
			"where we looked", "coverage", nil, lines(
				"telegram A alpha - archive full 2020-01-01T09:00:00Z 2020-01-03T00:00:00Z - true 3 0",
				"telegram B - - history full 2020-01-01T08:00:00Z 2020-01-08T01:00:00Z - true 2 0",
				"twitter - - q1 archive search 2020-01-01T12:00:00Z 2020-01-08T00:00:00Z - false 3 1"),
		},
		{
			"where we looked on one platform", "coverage",
			map[string]string{"platform": "twitter"},
			"twitter - - q1 archive search 2020-01-01T12:00:00Z 2020-01-08T00:00:00Z - false 3 1",
		},
	} {
		t.Run(tc.query+": "+tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, w.query(tc.query, tc.params)); diff != "" {
				t.Errorf("result differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCoverageLines(t *testing.T) {
	got, err := smallWorld(t).store.CoverageLines(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"telegram: 4 posts from 2020-01-01 to 2020-01-08, 2 channels; no gap reported.",
		"twitter: 3 posts from 2020-01-01 to 2020-01-08, 0 channels, 1 search; 1 gap reported.",
		"Watch list of generation 3: 2 families, 4 sites.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sentences differ (-want +got):\n%s", diff)
	}
}

func TestRefusedQuestions(t *testing.T) {
	w := smallWorld(t)
	for _, tc := range []struct {
		name, query string
		params      map[string]string
		want        string
	}{
		{"an unknown bucket", "spread_timeline", map[string]string{"bucket": "year"}, "bucket must be hour, day or week"},
		{"an unknown grouping", "platform_lag", map[string]string{"per": "post"}, "per must be family or card"},
		{"a card key that is none", "first_sightings", map[string]string{"card": "c1"}, "UUID"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := w.store.StreamQuery(t.Context(), &strings.Builder{}, tc.query, tc.params, "csv")
			var refused *store.QueryError
			if !errors.As(err, &refused) || !strings.Contains(refused.Message, tc.want) {
				t.Errorf("got %v, want ClickHouse to say %q", err, tc.want)
			}
		})
	}
}

// An album is one post, whichever of its items is passed on; the more complete
// reading of it counts.
func TestAShareOfAnItemFindsItsAlbum(t *testing.T) {
	w := newWorld(t)
	w.post(post{name: "a1", channel: "A", at: "01-01 10:00:00", platform: telegram, items: []string{"a2", "a3"}})
	w.post(post{name: "a2", channel: "A", at: "01-01 10:00:00", platform: telegram, items: []string{"a3"}})
	w.post(post{name: "a4", channel: "A", at: "01-01 10:00:00", platform: telegram})
	for i, source := range []string{"a1", "a2", "a3", "a4", "unseen", ""} {
		p := post{name: "b" + source, channel: "B", at: "01-02 00:00:00", platform: telegram}
		w.share(p, doxtrailv1.ShareKind(1+i%2*4), "", source)
	}
	w.insert()
	var b bytes.Buffer
	if err := w.store.Stream(t.Context(), &b, "SELECT post_key, source_post_key FROM "+w.store.Research()+".shares ORDER BY post_key", nil, "tsv"); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\n")
	if diff := cmp.Diff("b - ba1 a1 ba2 a1 ba3 a1 ba4 a4 bunseen unseen", strings.Join(sorted(strings.Split(w.named(body), "\n")), " ")); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
	// No share names its channel: each edge is drawn through the post.
	if got := w.query("share_edges", nil); !strings.HasPrefix(got, "A B telegram forward 2 0") || strings.Count(got, "\n") != 1 {
		t.Errorf("edges are:\n%s", got)
	}
}

func TestBucketNarrowerThanStampsIsRefused(t *testing.T) {
	w := newWorld(t)
	w.site(site{host: "one", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE})
	w.add(store.KindLinks, telegram, coarseLink(w, 86_400))
	w.insert()
	err := w.store.StreamQuery(t.Context(), &strings.Builder{}, "spread_timeline", map[string]string{"bucket": "hour"}, "csv")
	var refused *store.QueryError
	if !errors.As(err, &refused) || !strings.Contains(refused.Message, "bucket is narrower than the stamps") {
		t.Errorf("an hour over stamps of a day: got %v", err)
	}
	if got := w.query("spread_timeline", nil); got != "2020-01-01T00:00:00Z telegram 1 1 1 1 0 - 0" {
		t.Errorf("a day over stamps of a day: got %q", got)
	}
}
