package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// waitIdle waits until no statement runs, so that what one did is done.
func waitIdle(t *testing.T, s *server) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for s.gateway.Stats().Active > 0 {
		if time.Now().After(deadline) {
			t.Fatal("a statement does not end")
		}
		<-time.After(time.Millisecond)
	}
}

// memory is what the process holds, the engine included.
func memory(t *testing.T) int {
	t.Helper()
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(data)
	kilobytes, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}

// wide makes rows of some 250 bytes: a million of them are 250 MB.
const wide = "SELECT number, repeat(toString(number % 10), 250) AS filler FROM numbers(1000000)"

func TestAMillionRowsDoNotFillTheMemory(t *testing.T) {
	s := newServer(t)
	s.ask(t, "SELECT 1")
	before := memory(t)
	highest := 0
	check := func(row int) {
		if row%100_000 == 0 {
			highest = max(highest, memory(t)-before)
		}
	}
	t.Run("native", func(t *testing.T) {
		ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_block_size": 8192}))
		rows, err := s.client(t).Query(ctx, wide)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			n++
			check(n)
		}
		if n != 1_000_000 || rows.Err() != nil {
			t.Errorf("got %d rows, %v", n, rows.Err())
		}
	})
	t.Run("csv", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/?max_block_size=8192", strings.NewReader(wide+" FORMAT CSVWithNames"))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("service", "s3cret")
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		buffer := make([]byte, 1<<20)
		lines := 0
		for err == nil {
			var n int
			n, err = resp.Body.Read(buffer)
			lines += strings.Count(string(buffer[:n]), "\n")
			check(lines / 100 * 100)
		}
		if !errors.Is(err, io.EOF) || lines != 1_000_001 {
			t.Errorf("got %d lines, %v", lines, err)
		}
	})
	t.Run("json", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/?max_block_size=8192", strings.NewReader(wide+" FORMAT JSON"))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("service", "s3cret")
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		buffer := make([]byte, 1<<20)
		rows := 0
		for err == nil {
			var n int
			n, err = resp.Body.Read(buffer)
			rows += strings.Count(string(buffer[:n]), "}")
			check(rows / 100 * 100)
		}
		if !errors.Is(err, io.EOF) || rows < 1_000_000 {
			t.Errorf("got %d rows, %v", rows, err)
		}
	})
	if highest > 150<<20 {
		t.Errorf("got %d MiB more than before, want less than 150", highest>>20)
	}
	t.Logf("at most %d MiB more than before", highest>>20)
}

func TestStreamedDocumentsAreThoseOfTheEngine(t *testing.T) {
	s := newServer(t)
	const sql = "SELECT number AS `a\n\"b`, toString(number) AS c FROM numbers(150000) ORDER BY number"
	for _, name := range []string{
		"TSV", "TSVWithNames", "TSVWithNamesAndTypes", "CSV", "CSVWithNames", "CSVWithNamesAndTypes", "JSONEachRow",
		"JSONCompactEachRow", "JSONCompactEachRowWithNamesAndTypes", "RowBinary", "RowBinaryWithNames", "RowBinaryWithNamesAndTypes", "TSKV",
		"JSON", "JSONCompact", "JSONStrings", "JSONCompactStrings",
	} {
		for _, rows := range []string{"150000", "1", "0"} {
			sql := strings.Replace(sql, "150000", rows, 1)
			streamed := s.do(t, "service", "s3cret", sql, "default_format="+name)
			want := wholeDocument(t, sql, name)
			if strings.HasPrefix(name, "JSON") { // how long it took
				elapsed := regexp.MustCompile(`"elapsed": [0-9.e-]+`)
				streamed.body, want = elapsed.ReplaceAllString(streamed.body, ""), elapsed.ReplaceAllString(want, "")
			}
			if streamed.status != http.StatusOK || streamed.body != want {
				t.Errorf("%s of %s rows: got %d bytes, want %d", name, rows, len(streamed.body), len(want))
			}
		}
	}
}

// Totals, extremes and brackets around all rows are in no chunk, or in each. A
// head with types that are no text has an end that cannot be told.
func TestWhatIsMoreThanRowsIsThatOfTheEngine(t *testing.T) {
	s := newServer(t)
	const grouped = "SELECT number % 2500 AS a, count() AS c FROM numbers(5000) GROUP BY a"
	for _, name := range []string{"JSON", "JSONCompact", "CSVWithNames", "TSVWithNamesAndTypes", "JSONEachRow", "RowBinary", "RowBinaryWithNamesAndTypes", "XML"} {
		for _, tt := range []struct{ sql, option string }{
			{grouped + " WITH TOTALS ORDER BY a", "max_threads=2"},
			{"SELECT * FROM (" + grouped + " WITH TOTALS) ORDER BY a", "max_threads=2"},
			{grouped + " ORDER BY a", "extremes=1"},
			{grouped + " ORDER BY a", "output_format_json_array_of_rows=1"},
			{grouped + " ORDER BY a", "output_format_binary_encode_types_in_binary_format=1"},
		} {
			sql := tt.sql + " SETTINGS max_block_size = 1000, " + tt.option
			clock := regexp.MustCompile(`"elapsed": [0-9.e-]+|<elapsed>[0-9.e-]+`)
			got := s.do(t, "service", "s3cret", tt.sql, "default_format="+name, "max_block_size=1000", tt.option)
			want := clock.ReplaceAllString(wholeDocument(t, sql, name), "")
			if body := clock.ReplaceAllString(got.body, ""); got.status != http.StatusOK || body != want {
				t.Errorf("%s of %s: got %d bytes, want %d", name, sql, len(body), len(want))
			}
		}
	}
}

func TestAnErrorAfterRowsIsFramed(t *testing.T) {
	s := newServer(t)
	a := s.do(t, "service", "s3cret", "SELECT number, throwIf(number = 2900000) FROM numbers(3000000) FORMAT CSV")
	if a.status != http.StatusOK || a.err == nil {
		t.Errorf("got status %d and error %v, want a broken answer", a.status, a.err)
	}
	tag := a.header.Get("X-ClickHouse-Exception-Tag")
	m := regexp.MustCompile(`(?s)\r\n__exception__\r\n(\S{16})\r\n(Code: 395\..*\n)(\d+) (\S{16})\r\n__exception__\r\n$`).FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("got an end of %q", a.body[max(0, len(a.body)-300):])
	}
	if m[1] != tag || m[4] != tag || m[3] != strconv.Itoa(len(m[2])) {
		t.Errorf("got tags %q, %q and length %s, want %q and %d", m[1], m[4], m[3], tag, len(m[2]))
	}
}

func TestAnErrorBeforeMuchWasSentIsAPlainOne(t *testing.T) {
	s := newServer(t)
	a := s.do(t, "service", "s3cret", "SELECT number, throwIf(number = 70000) FROM numbers(80000) FORMAT RowBinary", "max_block_size=1000")
	if a.status != http.StatusInternalServerError || !strings.HasPrefix(a.body, "Code: 395.") {
		t.Errorf("got %d %.100q", a.status, a.body)
	}
}

func TestAStatementEndsWhenItsClientGoes(t *testing.T) {
	s := newServer(t)
	for _, tt := range []struct{ user, password, sql string }{
		{"reader", "r3ad", "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)"},
		{"service", "s3cret", "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)"},
		{"service", "s3cret", "SELECT number FROM numbers(1000000000000)"},
		{"service", "s3cret", "SELECT number FROM numbers(1000000000000) FORMAT JSON"},
		{"service", "s3cret", "SELECT number FROM numbers(1000000000000) FORMAT Arrow"},
	} {
		sql := tt.sql
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, strings.NewReader(sql))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(tt.user, tt.password)
		if resp, err := s.Client().Do(req); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		cancel()
		waitIdle(t, s)
		if got := s.ask(t, "SELECT count() FROM system.processes WHERE query LIKE 'SELECT%numbers(1000000000000)%' AND query NOT LIKE '%processes%'"); got != "0" {
			t.Errorf("%s: still runs", sql)
		}
	}
}
