package store_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
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
			"a gap parts what lies before it in its file from what lies behind",
			[]look{
				{channel: "C", importID: "i", first: 0, records: 5, from: "01-01 00:00:00", to: "01-02 00:00:00"},
				{channel: "C", importID: "i", first: 5, records: 5, from: "01-03 00:00:00", to: "01-04 00:00:00"},
				{importID: "i", first: 10, records: 1, gap: true},
				{channel: "C", importID: "i", first: 11, records: 5, from: "01-05 00:00:00", to: "01-06 00:00:00"},
				{channel: "C", importID: "i", first: 16, records: 5, from: "01-07 00:00:00", to: "01-08 00:00:00"},
			},
			lines("C 2020-01-01T00:00:00Z 2020-01-04T00:00:00Z 1", "C 2020-01-05T00:00:00Z 2020-01-08T00:00:00Z 1"),
		},
		{
			"within a gap nobody knows what lies between two posts",
			[]look{
				{importID: "i", first: 0, records: 20, gap: true},
				{channel: "C", importID: "i", first: 0, records: 5, from: "01-01 00:00:00", to: "01-02 00:00:00"},
				{channel: "C", importID: "i", first: 6, records: 5, from: "01-03 00:00:00", to: "01-04 00:00:00"},
				{channel: "C", importID: "i", first: 20, records: 5, from: "01-05 00:00:00", to: "01-06 00:00:00"},
			},
			lines("C 2020-01-01T00:00:00Z 2020-01-02T00:00:00Z 1", "C 2020-01-03T00:00:00Z 2020-01-04T00:00:00Z 1", "C 2020-01-05T00:00:00Z 2020-01-06T00:00:00Z 1"),
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

func TestCoveredRecordsOfAnImport(t *testing.T) {
	w := newWorld(t)
	for i, l := range []look{
		{importID: "i", first: 512, records: 88, generation: 2},
		{importID: "i", first: 0, records: 512, generation: 2},
		{importID: "i", first: 600, records: 1, gap: true, generation: 2},
		{importID: "i", first: 601, records: 20, generation: 3},
		{importID: "i", first: 610, records: 1, generation: 3},
		{importID: "i", first: 621, records: 9, generation: 1},
		{importID: "i", from: "01-01 00:00:00", to: "01-02 00:00:00", generation: 3}, // from before ranges were known
		{importID: "other", first: 0, records: 4000, generation: 3},
	} {
		l.name, l.platform = string(rune('a'+i)), telegram
		w.look(l)
	}
	for importID, complete := range map[string]bool{"i": true, "broken off": false} {
		w.add(store.KindImports, web, doxtrailv1.Import_builder{ImportId: w.key(importID), Platform: telegram.Enum(), Complete: &complete}.Build())
	}
	w.insert()
	researcher := storetest.Researcher(t, w.store)
	for _, tc := range []struct {
		importID   string
		generation uint64
		want       []store.CoveredRange
		finished   bool
	}{
		{"i", 2, []store.CoveredRange{{From: 0, To: 600}, {From: 601, To: 621}}, true},
		{"i", 3, []store.CoveredRange{{From: 601, To: 621}}, true},
		{"i", 0, []store.CoveredRange{{From: 0, To: 600}, {From: 601, To: 630}}, true},
		{"broken off", 0, nil, false},
		{"unheard of", 0, nil, false},
	} {
		got, finished, err := researcher.Covered(t.Context(), [16]byte(w.key(tc.importID)), tc.generation)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" || finished != tc.finished {
			t.Errorf("%s from generation %d: finished %v, ranges (-want +got):\n%s", tc.importID, tc.generation, finished, diff)
		}
	}
}

// Rows of before ranges were known count until the file is read again, and gaps
// until what they lack is there.
func TestCoverageOfAnImportThatIsReadAgain(t *testing.T) {
	w := newWorld(t)
	count := func(when, want string) {
		t.Helper()
		w.insert()
		var b bytes.Buffer
		sql := "SELECT sum(post_count), countIf(state = 'gap') FROM " + w.store.Research() + ".coverage"
		if err := w.store.Stream(t.Context(), &b, sql, nil, "tsv"); err != nil {
			t.Fatal(err)
		}
		if _, got, _ := strings.Cut(b.String(), "\n"); strings.TrimSpace(got) != want {
			t.Errorf("%s: posts and gaps are %q, want %q", when, got, want)
		}
	}
	w.look(look{name: "old", importID: "i", platform: telegram, posts: 7})
	w.look(look{name: "live", channel: "C", platform: telegram, posts: 100})
	count("from before", "107\t0")
	w.look(look{name: "lost", importID: "i", platform: telegram, first: 0, records: 512, gap: true, generation: 3})
	count("a gap alone", "107\t1")
	w.look(look{name: "half", importID: "i", platform: telegram, first: 0, records: 256, posts: 5, generation: 2})
	count("half of it read", "105\t1")
	w.look(look{name: "other half", importID: "i", platform: telegram, first: 256, records: 256, posts: 3, generation: 2})
	count("all of it read", "108\t0")
}

// Of one look a gap never takes the place of what was read, whatever the watch
// list was.
func TestWhatWasReadStandsBeforeItsGap(t *testing.T) {
	for _, order := range [][]bool{{true, false}, {false, true}} {
		w := newWorld(t)
		for _, gap := range order {
			l := look{name: "one", importID: "i", platform: telegram, first: 0, records: 9, gap: gap, posts: 9, generation: 1}
			if gap {
				l.posts, l.generation = 0, 5
			}
			w.look(l)
			w.insert()
		}
		if got := w.coverageStates(); got != "complete" {
			t.Errorf("gap first %v: %q", order[0], got)
		}
	}
}

func (w *world) coverageStates() string {
	w.t.Helper()
	var b bytes.Buffer
	if err := w.store.Stream(w.t.Context(), &b, "SELECT state FROM "+w.store.Research()+".coverage", nil, "tsv"); err != nil {
		w.t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\n")
	return strings.TrimSpace(body)
}
