package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/store"
)

func TestQueriesAreComplete(t *testing.T) {
	all, err := store.Queries()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, q := range all {
		names = append(names, q.Name)
		if !strings.HasSuffix(q.Question, "?") && !strings.Contains(q.Question, "? ") {
			t.Errorf("%s: its question does not ask: %q", q.Name, q.Question)
		}
		if !strings.Contains(q.SQL, "ORDER BY") {
			t.Errorf("%s: the order of its rows is not fixed", q.Name)
		}
		if strings.Contains(q.SQL, "FROM doxtrail.") || strings.Contains(q.SQL, "JOIN doxtrail.") {
			t.Errorf("%s: reads a table, not a view", q.Name)
		}
		for _, p := range q.Parameters {
			if p.Help == "" || !p.Optional() && p.Default == "" {
				t.Errorf("%s: parameter %s lacks a help or a default", q.Name, p.Name)
			}
		}
	}
	want := []string{
		"card_candidates", "card_spread", "channel_spread", "coverage", "coverage_line", "family_overlap", "first_sightings", "import_ledger", "mirror_spread", "persistence",
		"platform_lag", "post_states", "share_edges", "short_links", "spread_timeline",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names differ (-want +got):\n%s", diff)
	}
}

func TestEveryQueryRunsOnAnEmptyStore(t *testing.T) {
	w := newWorld(t)
	all, err := store.Queries()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		if got := w.query(q.Name, nil); got != "" {
			t.Errorf("%s: got rows from nothing: %s", q.Name, got)
		}
	}
	sentences, err := w.store.CoverageLines(t.Context())
	if err != nil || len(sentences) != 1 || sentences[0] != "Nothing was collected yet." {
		t.Errorf("coverage of nothing: got %q, %v", sentences, err)
	}
}

func TestFindUnknownQuery(t *testing.T) {
	if _, err := store.Find("who_did_it"); !errors.Is(err, store.ErrNoQuery) {
		t.Errorf("got %v, want ErrNoQuery", err)
	}
}

func TestBind(t *testing.T) {
	q, err := store.Find("spread_timeline")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name  string
		given map[string]string
		want  map[string]string
		fails string
	}{
		{"defaults", nil, map[string]string{"family": `\N`, "card": `\N`, "bucket": "day"}, ""},
		{"an empty optional value is absent", map[string]string{"family": ""}, map[string]string{"family": `\N`, "card": `\N`, "bucket": "day"}, ""},
		{"control characters are escaped", map[string]string{"family": "a\tb\\N"}, map[string]string{"family": `a\tb\\N`, "card": `\N`, "bucket": "day"}, ""},
		{"an unknown parameter", map[string]string{"channel": "x"}, nil, "unknown parameter channel"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := q.Bind(tc.given)
			if tc.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tc.fails) {
					t.Errorf("got %v, want %q", err, tc.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("bound values differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestQueryFilesWithFaults(t *testing.T) {
	head := "-- Question: what?\n-- Coverage: all.\n-- Limits: none.\n"
	for _, tc := range []struct{ name, text, want string }{
		{"no question", "-- Coverage: all.\n-- Limits: none.\nSELECT 1", "lacks a question"},
		{"a parameter nobody explains", head + "SELECT {a:String}", "parameters without a line in its head: a"},
		{"a parameter nobody uses", head + "-- Parameter a: x. Default: y\nSELECT 1", "parameter a is not used"},
		{"a parameter of two types", head + "-- Parameter a: x. Default: y\nSELECT {a:String}, {a:UUID}", "parameter a has two types"},
		{"an unknown line", head + "-- Author: me\nSELECT 1", "unknown line"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := store.ParseQuery("q", tc.text); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func FuzzParseQuery(f *testing.F) {
	f.Add("-- Question: what?\n-- Parameter a: x. Default: y\n-- Coverage: c\n-- Limits: l\nSELECT {a:String}")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := store.ParseQuery("q", text)
		if err == nil && (q.Question == "" || q.SQL != text) {
			t.Errorf("took a file without a question: %+v", q)
		}
	})
}
