package gateway

import (
	"net/http"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

// limitedServer is a server whose reader has limits that a test can reach.
func limitedServer(t *testing.T) *server {
	t.Helper()
	s := newServer(t)
	for i := range s.gateway.cfg.Accounts {
		if a := &s.gateway.cfg.Accounts[i]; a.Limited {
			a.Settings = []chdb.Setting{
				{Name: "readonly", Value: "1"},
				{Name: "max_memory_usage", Value: "300000000"},
				{Name: "max_execution_time", Value: "1"},
				{Name: "max_result_rows", Value: "50000"},
			}
		}
	}
	return s
}

// What takes too much ends with ClickHouse's own code, and the process stays
// about as large as it was.
func TestLimitsOfAReaderHold(t *testing.T) {
	s := limitedServer(t)
	s.ask(t, "SELECT 1")
	before := memory(t)
	for _, tt := range []struct {
		name, sql string
		codes     string // one of these
		options   []string
	}{
		{"arrays of arrays of arrays", "SELECT length(arrayMap(x -> arrayMap(y -> range(1000), range(1000)), range(1000)))", "241 69", nil},
		{"one long array", "SELECT length(range(100000000))", "69", nil},
		{"a long text", "SELECT length(repeat('a', 1000000)) + length(repeat(repeat('a', 1000000), 100000))", "131", nil},
		{"a text that doubles", "WITH RECURSIVE r AS (SELECT 'a' AS s UNION ALL SELECT s || s FROM r) SELECT max(length(s)) FROM r", "241", nil},
		{"a recursion without an end", "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count() FROM r", "306", nil},
		{"many groups", "SELECT uniqExact(number) FROM numbers(100000000)", "241", nil},
		{"a sort", "SELECT number FROM numbers(1000000000) ORDER BY sipHash64(number) LIMIT 3 OFFSET 900000000", "241", nil},
		{"a join of all with all", "SELECT count() FROM numbers(1000000) a, numbers(1000000) b WHERE a.number + b.number = -1", "159", nil},
		{"an endless count", "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)", "159", nil},
		{"an endless fill", "SELECT number FROM numbers(1) ORDER BY number WITH FILL FROM 0 TO 1000000000000", "396 241", nil},
		{"nesting in parentheses", "SELECT " + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000), "62 306 167", nil},
		{"nesting in queries", "SELECT * FROM " + strings.Repeat("(SELECT * FROM ", 1000) + "numbers(1)" + strings.Repeat(")", 1000), "62 306 167", nil},
		{"a long sum", "SELECT 1" + strings.Repeat("+1", 50_000), "167 306", nil},
		{"a statement of half a megabyte", "SELECT 1 IN (" + strings.Repeat("1,", 250_000) + "1)", "62", nil},
		{"too many rows", "SELECT number FROM numbers(60000)", "396", nil},
		{"too many rows, as JSON", "SELECT number FROM numbers(60000) FORMAT JSON", "396", nil},
		{"what is built whole", "SELECT repeat('x', 20000) AS x FROM numbers(40000) FORMAT XML", "396 241", nil},
		{"what is built whole, by the request", "SELECT number FROM numbers(40000) FORMAT Parquet", "396", []string{"max_result_bytes=100000"}},
		{"what is built whole, and no limit asked", "SELECT repeat('x', 20000) AS x FROM numbers(40000) FORMAT Arrow", "396 241", []string{"max_result_bytes=0"}},
	} {
		a := s.do(t, "reader", "r3ad", tt.sql, tt.options...)
		code := a.header.Get("X-ClickHouse-Exception-Code")
		if code == "" { // it came after rows
			_, text, _ := strings.Cut(a.body, "Code: ")
			code, _, _ = strings.Cut(text, ".")
		}
		// On a slow machine any of them may be ended by its time.
		if a.status == http.StatusOK && a.err == nil || !strings.Contains(" "+tt.codes+" 159 ", " "+code+" ") {
			t.Errorf("%s: got %d, code %q, want %s: %.200q", tt.name, a.status, code, tt.codes, a.body[max(0, len(a.body)-200):])
		}
	}
	waitIdle(t, s)
	// The engine gives back what it took in its own time; what counts is that
	// no statement took many times its limit.
	if grown := memory(t) - before; grown > 1200<<20 {
		t.Errorf("the process grew by %d MiB", grown>>20)
	}
	if a := s.do(t, "reader", "r3ad", "SELECT 1"); a.body != "1\n" {
		t.Errorf("afterwards: %d %q", a.status, a.body)
	}
}
