package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
)

const sample = "SELECT toUInt64(18446744073709551615) AS n, CAST(NULL AS Nullable(String)) AS nothing, " +
	"toDateTime64('2020-01-31 15:04:05.678', 3, 'UTC') AS at, toUUID('00000000-0000-0000-0000-000000000001') AS k, true AS b, {word:String} AS word; "

func TestStreamFormats(t *testing.T) {
	s := storetest.New(t)
	for _, tc := range []struct{ format, want string }{
		{"csv", `"n","nothing","at","k","b","word"` + "\n" + `18446744073709551615,,"2020-01-31T15:04:05.678Z","00000000-0000-0000-0000-000000000001",true,"a,b"` + "\n"},
		{"tsv", "n\tnothing\tat\tk\tb\tword\n18446744073709551615\t\\N\t2020-01-31T15:04:05.678Z\t00000000-0000-0000-0000-000000000001\ttrue\ta,b\n"},
		{"jsonl", `{"n":18446744073709551615,"nothing":null,"at":"2020-01-31T15:04:05.678Z","k":"00000000-0000-0000-0000-000000000001","b":true,"word":"a,b"}` + "\n"},
		{"json", "[\n" + `{"n":18446744073709551615,"nothing":null,"at":"2020-01-31T15:04:05.678Z","k":"00000000-0000-0000-0000-000000000001","b":true,"word":"a,b"}` + "\n]\n"},
	} {
		t.Run(tc.format, func(t *testing.T) {
			var b bytes.Buffer
			if err := s.Stream(t.Context(), &b, sample, map[string]string{"word": "a,b"}, tc.format); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, b.String()); diff != "" {
				t.Errorf("output differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStreamOfManyRowsIsOneDocument(t *testing.T) {
	s := storetest.New(t)
	const many = 200_000
	read := func(format string) []byte {
		var b bytes.Buffer
		if err := s.Stream(t.Context(), &b, "SELECT number AS n FROM numbers(200000)", nil, format); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	var rows []struct{ N uint64 }
	if err := json.Unmarshal(read("json"), &rows); err != nil || len(rows) != many || rows[many-1].N != many-1 {
		t.Errorf("json: %d rows, %v", len(rows), err)
	}
	if n := bytes.Count(read("csv"), []byte("\n")); n != many+1 {
		t.Errorf("csv: %d lines, want %d and a heading", n, many)
	}
	if n := bytes.Count(read("table"), []byte("\n")); n < many {
		t.Errorf("table: %d lines, want all %d rows", n, many)
	}
	if p := read("parquet"); !bytes.HasPrefix(p, []byte("PAR1")) || !bytes.HasSuffix(p, []byte("PAR1")) {
		t.Error("parquet: not one parquet file")
	}
	if bytes.Contains(read("table"), []byte("\x1b[")) {
		t.Error("table: coloured")
	}
}

func TestStreamOfNothingIsStillADocument(t *testing.T) {
	s := storetest.New(t)
	var b bytes.Buffer
	if err := s.Stream(t.Context(), &b, "SELECT 1 AS n WHERE 0", nil, "json"); err != nil {
		t.Fatal(err)
	}
	if b.String() != "[]\n" {
		t.Errorf("got %q, want an empty array", b.String())
	}
}

func TestStreamErrors(t *testing.T) {
	s := storetest.New(t)
	if err := s.Stream(t.Context(), brokenPipe{}, "SELECT 1", nil, "json"); !errors.Is(err, errBroken) {
		t.Errorf("a reader that went away: got %v", err)
	}
	if err := s.Stream(t.Context(), &bytes.Buffer{}, "SELECT 1", nil, "xml"); err == nil || !strings.Contains(err.Error(), "want table, csv") {
		t.Errorf("unknown format: got %v", err)
	}
	for name, sql := range map[string]string{
		"wrong statement":           "SELEKT 1",
		"unknown column":            "SELECT nobody FROM " + s.Research() + ".posts",
		"a fault in the middle":     "SELECT throwIf(number = 150000) FROM numbers(200000)",
		"a parameter without value": "SELECT {x:String}",
	} {
		t.Run(name, func(t *testing.T) {
			err := s.Stream(t.Context(), &bytes.Buffer{}, sql, nil, "csv")
			var refused *store.QueryError
			if !errors.As(err, &refused) || refused.Message == "" {
				t.Fatalf("got %v, want ClickHouse's own words", err)
			}
			if store.Classify(err) != store.Permanent {
				t.Errorf("class of code %d: want permanent", refused.Code)
			}
		})
	}
}

func TestResearcherReadsAndNoMore(t *testing.T) {
	w := smallWorld(t)
	r := storetest.Researcher(t, w.store)
	var b bytes.Buffer
	if err := r.StreamQuery(t.Context(), &b, "card_spread", nil, "table"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "first_platform") {
		t.Errorf("no table: %s", b.String())
	}
	if err := r.Stream(t.Context(), &b, "SELECT count() FROM sightings", nil, "csv"); err != nil {
		t.Errorf("a view without its database: %v", err)
	}
	if err := r.Migrate(t.Context()); err == nil {
		t.Error("a researcher could migrate")
	}
}

var errBroken = errors.New("broken pipe")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }
