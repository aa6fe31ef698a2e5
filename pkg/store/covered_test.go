package store_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// coveredRanges gives the view's rows: channel, from, to, looks.
func (w *world) coveredRanges() string {
	w.t.Helper()
	var b bytes.Buffer
	sql := "SELECT channel_key, from_at, to_at, looks FROM " + w.store.Research() + ".covered_ranges ORDER BY channel_key, from_at"
	if err := w.store.Stream(w.t.Context(), &b, sql, nil, "tsv"); err != nil {
		w.t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\n")
	return w.named(body)
}

func TestCoveredRanges(t *testing.T) {
	for _, tc := range []struct {
		name  string
		looks []look
		want  string
	}{
		{
			"a file read in pieces, in any order, is one range for each channel",
			[]look{
				{channel: "C", importID: "i", from: "01-05 00:00:00", to: "01-06 00:00:00"},
				{channel: "C", importID: "i", from: "01-01 00:00:00", to: "01-02 00:00:00"},
				{channel: "D", importID: "i", from: "01-03 00:00:00", to: "01-03 00:00:00"},
			},
			lines("C 2020-01-01T00:00:00Z 2020-01-06T00:00:00Z 1", "D 2020-01-03T00:00:00Z 2020-01-03T00:00:00Z 1"),
		},
		{
			"a gap in the file: what lies between its pieces was not read",
			[]look{
				{channel: "C", importID: "i", from: "01-01 00:00:00", to: "01-02 00:00:00"},
				{channel: "C", importID: "i", from: "01-05 00:00:00", to: "01-06 00:00:00"},
				{importID: "i", gap: true},
				{channel: "C", importID: "other", from: "01-08 00:00:00", to: "01-09 00:00:00"},
			},
			lines("C 2020-01-01T00:00:00Z 2020-01-02T00:00:00Z 1", "C 2020-01-05T00:00:00Z 2020-01-06T00:00:00Z 1", "C 2020-01-08T00:00:00Z 2020-01-09T00:00:00Z 1"),
		},
		{
			"ranges that touch or lie within one another are one",
			[]look{
				{channel: "C", from: "01-01 00:00:00", to: "01-05 00:00:00"},
				{channel: "C", from: "01-02 00:00:00", to: "01-03 00:00:00"},
				{channel: "C", from: "01-05 00:00:00", to: "01-06 00:00:00"},
				{channel: "C", from: "01-06 00:00:01", to: "01-07 00:00:00"},
			},
			lines("C 2020-01-01T00:00:00Z 2020-01-06T00:00:00Z 3", "C 2020-01-06T00:00:01Z 2020-01-07T00:00:00Z 1"),
		},
		{
			"post numbers that follow on join ranges over a silence",
			[]look{
				{channel: "C", from: "01-01 00:00:00", to: "01-02 00:00:00", fromNo: 1, toNo: 9},
				{channel: "C", from: "01-05 00:00:00", to: "01-06 00:00:00", fromNo: 10, toNo: 12},
				{channel: "C", from: "01-08 00:00:00", to: "01-09 00:00:00", fromNo: 14, toNo: 15},
			},
			lines("C 2020-01-01T00:00:00Z 2020-01-06T00:00:00Z 2", "C 2020-01-08T00:00:00Z 2020-01-09T00:00:00Z 1"),
		},
		{
			"searches, captures and gaps cover nothing in full",
			[]look{
				{channel: "C", selection: doxtrailv1.Selection_SELECTION_SEARCH, from: "01-01 00:00:00", to: "01-02 00:00:00"},
				{channel: "C", selection: doxtrailv1.Selection_SELECTION_CAPTURE, from: "01-01 00:00:00", to: "01-02 00:00:00"},
				{channel: "C", gap: true, from: "01-01 00:00:00", to: "01-02 00:00:00"},
			},
			"",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.key("C")
			for i, l := range tc.looks {
				l.name, l.platform = string(rune('a'+i)), telegram
				w.look(l)
			}
			w.insert()
			if diff := cmp.Diff(tc.want, w.coveredRanges()); diff != "" {
				t.Errorf("ranges differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFirstSightingBounds(t *testing.T) {
	card := post{name: "p", channel: "C", at: "01-05 12:00:00", platform: telegram, links: []string{"one /c"}}
	for _, tc := range []struct {
		name  string
		looks []look
		want  string
	}{
		{"nothing is known of the time before", nil, "-"},
		{"the first post that was read bounds nothing", []look{{from: "01-05 12:00:00", to: "01-09 00:00:00"}}, "-"},
		{"read from before the post on: it was the first", []look{{from: "01-05 11:59:59", to: "01-05 12:00:00"}}, "2020-01-05T12:00:00Z"},
		{"read some days before: not before the end of that", []look{{from: "01-01 00:00:00", to: "01-02 00:00:00"}, {from: "01-03 00:00:00", to: "01-04 00:00:00"}, {from: "01-05 12:00:00", to: "01-06 00:00:00"}}, "2020-01-04T00:00:00Z"},
		{"read only after the post", []look{{from: "01-06 00:00:00", to: "01-07 00:00:00"}}, "-"},
		{"another channel was read", []look{{channel: "D", from: "01-01 00:00:00", to: "01-09 00:00:00"}}, "-"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.site(site{host: "one", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE})
			w.post(card)
			for i, l := range tc.looks {
				l.name, l.platform = string(rune('a'+i)), telegram
				if l.channel == "" {
					l.channel = "C"
				}
				w.look(l)
			}
			w.insert()
			if got := strings.Fields(w.query("first_sightings", nil))[4]; got != tc.want {
				t.Errorf("not_before: got %s, want %s", got, tc.want)
			}
		})
	}
}
