package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// One answer in every format: all of them hold the same cells, and stdout holds
// nothing else.
func TestEveryFormatSaysTheSame(t *testing.T) {
	t.Parallel()
	c := smallCampaign(71)
	s := newStudy(t, c, c.Sites())
	defer s.up()()
	s.importAll("archives")
	if r := s.run("sql", "SELECT 1 FORMAT TSV"); r.code != 1 || !strings.Contains(r.stderr, "choose with --format") {
		t.Errorf("a FORMAT of the statement's own: exit %d\n%s", r.code, r.stderr)
	}
	columns := []string{
		"family", "card_key", "first_at", "first_platform", "last_at", "posts", "channels", "platforms", "sites", "reach", "audience_known",
	}
	const selection = "SELECT toString(post_key) AS post, platform, posted_at, audience, flags FROM posts ORDER BY posted_at"
	for _, of := range []struct {
		what    []string
		columns []string
	}{
		{[]string{"query", "card_spread"}, columns},
		{[]string{"sql", selection}, []string{"post", "platform", "posted_at", "audience", "flags"}},
	} {
		in := func(format string) string { return s.must(append(slices.Clone(of.what), "--format", format)...) }
		want := fromJSON(t, in("json"), of.columns)
		if len(want) < 10 {
			t.Fatalf("%s has %d rows", of.what[0], len(want))
		}
		for format, got := range map[string][][]string{
			"jsonl": fromJSON(t, "["+strings.ReplaceAll(strings.TrimSpace(in("jsonl")), "\n", ",")+"]", of.columns),
			"csv":   fromSeparated(t, in("csv"), ',', of.columns),
			"tsv":   fromSeparated(t, in("tsv"), '\t', of.columns),
		} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s as %s (-json +%s):\n%.2000s", of.what[0], format, format, diff)
			}
		}
		parquet := []byte(in("parquet"))
		if magic := []byte("PAR1"); !bytes.HasPrefix(parquet, magic) || !bytes.HasSuffix(parquet, magic) || len(parquet) < 1000 {
			t.Errorf("%s as parquet is %d bytes, without the format's marks", of.what[0], len(parquet))
		}
		if lines := strings.Count(in("table"), "\n"); lines < len(want)+2 {
			t.Errorf("%s as table has %d lines for %d rows", of.what[0], lines, len(want))
		}
	}
}

// fromJSON is the text of every cell of an array of row objects, "" for null.
func fromJSON(t *testing.T, text string, columns []string) [][]string {
	t.Helper()
	var rows []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
	cells := make([][]string, 0, len(rows))
	for _, row := range rows {
		line := make([]string, 0, len(columns))
		for _, column := range columns {
			cell, known := row[column]
			if !known || len(row) != len(columns) {
				t.Fatalf("a row has not the columns %v: %v", columns, row)
			}
			line = append(line, plainCell(string(cell)))
		}
		cells = append(cells, line)
	}
	return cells
}

// plainCell takes off what JSON, or the list syntax of CSV, puts around a text.
func plainCell(cell string) string {
	if cell == "null" || cell == `\N` {
		return ""
	}
	return strings.NewReplacer(`"`, "", "'", "").Replace(cell)
}

// fromSeparated is the text of every cell of a table with a header.
func fromSeparated(t *testing.T, text string, comma rune, columns []string) [][]string {
	t.Helper()
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma, reader.LazyQuotes = comma, comma == '\t'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
	if diff := cmp.Diff(columns, rows[0]); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	for _, row := range rows[1:] {
		for i := range row {
			row[i] = plainCell(row[i])
		}
	}
	return rows[1:]
}
