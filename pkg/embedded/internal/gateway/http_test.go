package gateway

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

func TestWhatCurlSees(t *testing.T) {
	s := newServer(t)
	s.ask(t, "CREATE TABLE "+s.database+".t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	in := "database=" + s.database
	for _, tt := range []struct {
		name, user, body string
		options          []string
		status           int
		want             string // the body begins with it
		header           string // name=value
	}{
		{"a query in the body", "service", "SELECT 1, 'a'", nil, 200, "1\ta\n", "X-ClickHouse-Format=TabSeparated"},
		{"a query in the URL", "service", "", []string{"query=SELECT 2"}, 200, "2\n", ""},
		{"one in both", "service", " + 3", []string{"query=SELECT 2"}, 200, "5\n", ""},
		{"a format clause", "service", "SELECT 1 AS x FORMAT JSONEachRow", nil, 200, `{"x":1}`, "X-ClickHouse-Format=JSONEachRow"},
		{"a default format", "service", "SELECT 'x'", []string{"default_format=CSV"}, 200, `"x"`, "Content-Type=text/csv; charset=UTF-8; header=absent"},
		{"a parameter", "service", "SELECT {p:String}", []string{`param_p=a\tb`}, 200, `a\tb`, ""},
		{"a query id", "service", "SELECT 1", []string{"query_id=mine"}, 200, "1", "X-ClickHouse-Query-Id=mine"},
		{"a setting", "service", "SELECT getSetting('max_block_size')", []string{"max_block_size=77"}, 200, "77", ""},
		{"UTC everywhere", "service", "SELECT toDateTime(0)", nil, 200, "1970-01-01 00:00:00", "X-ClickHouse-Timezone=UTC"},
		{"comments and a semicolon", "service", "-- it's\nSELECT /* ; */ 1;\n", nil, 200, "1\n", ""},

		{"an empty query", "service", "", nil, 400, "Code: 62.", "X-ClickHouse-Exception-Code=62"},
		{"a syntax error", "service", "SELEC 1", nil, 400, "Code: 62. DB::Exception: Syntax error", "X-ClickHouse-Exception-Code=62"},
		{"two statements", "service", "SELECT 1; SELECT 2", nil, 400, "Code: 62.", ""},
		{"an unknown table", "service", "SELECT * FROM nowhere", nil, 404, "Code: 60. DB::Exception: Unknown table", "X-ClickHouse-Exception-Code=60"},
		{"an unknown database", "service", "SELECT 1", []string{"database=nowhere"}, 404, "Code: 81.", ""},
		{"an unknown setting", "service", "SELECT 1", []string{"no_such_thing=1"}, 404, "Code: 115. DB::Exception: Setting no_such_thing", ""},
		{"a server option", "service", "SELECT 1", []string{"path=x"}, 404, "Code: 115.", ""},
		{"an impossible setting", "service", "SELECT 1", []string{"max_threads=many"}, 400, "Code: 36.", ""},
		{"a session", "service", "SELECT 1", []string{"session_id=x"}, 501, "Code: 48.", ""},
		{"a file to write", "service", "SELECT 1 INTO OUTFILE 'x.tsv'", nil, 501, "Code: 48.", ""},
		{"a file to read", "service", "INSERT INTO t FROM INFILE 'x.tsv' FORMAT TSV", []string{in}, 501, "Code: 48.", ""},
		{"too much time", "service", "SELECT sleepEachRow(0.1) FROM numbers(100)", []string{"max_execution_time=1", "max_block_size=5"}, 408, "Code: 159.", ""},

		{"rows in the body", "service", "1,x\n2,y\n", []string{in, "query=INSERT INTO t FORMAT CSV"}, 200, "", ""},
		{"rows after the statement", "service", "INSERT INTO t FORMAT JSONEachRow\n" + `{"a":3,"b":"; SELECT"}`, []string{in}, 200, "", ""},
		{"values", "service", "INSERT INTO t (a, b) VALUES (4, 'z'), (2 + 3, ')')", []string{in}, 200, "", ""},
		{"values with a parameter", "service", "INSERT INTO t VALUES ({p:UInt64}, 'p')", []string{in, "param_p=6"}, 200, "", ""},
		{"rows of a query", "service", "INSERT INTO t SELECT number + 100, 'q' FROM numbers(3)", []string{in}, 200, "", ""},
		{"a broken row", "service", "1,x\nno,y\n", []string{in, "query=INSERT INTO t FORMAT CSV"}, 400, "Code: 27.", ""},
		{"all of them are there", "service", "SELECT count(), sum(a) FROM t", []string{in}, 200, "9\t324\n", ""},

		{"a reader reads", "reader", "SELECT count() FROM t", nil, 200, "9\n", ""},
		{"and lowers limits", "reader", "SELECT getSetting('max_execution_time')", []string{"max_execution_time=5"}, 200, "5", ""},
		{"but raises none", "reader", "SELECT 1", []string{"max_execution_time=100"}, 500, "Code: 452.", ""},
		{"nor switches them off", "reader", "SELECT 1", []string{"max_execution_time=0"}, 500, "Code: 452.", ""},
		{"nor by what rounds to nothing", "reader", "SELECT getSetting('max_execution_time')", []string{"max_execution_time=0.0000001"}, 500, "Code: 452.", ""},
		{"nor other settings", "reader", "SELECT 1", []string{"allow_introspection_functions=1"}, 500, "Code: 164.", ""},
		{"nor in the statement", "reader", "SELECT 1 SETTINGS max_execution_time = 100", nil, 500, "Code: 452.", ""},
		{"nor others in the statement", "reader", "SELECT 1 SETTINGS max_threads = 1", nil, 500, "Code: 164.", ""},
		{"stays a reader", "reader", "SELECT getSetting('readonly')", []string{"readonly=0"}, 200, "1", ""},
		{"may choose how dates look", "reader", "SELECT toDateTime(0)", []string{"date_time_output_format=iso"}, 200, "1970-01-01T00:00:00Z", ""},
		{"too many rows", "reader", "SELECT number FROM numbers(2000)", nil, 500, "Code: 396.", ""},
		{"no insert", "reader", "INSERT INTO t VALUES (1, 'x')", nil, 500, "Code: 164.", ""},
		{"no insert of a query", "reader", "INSERT INTO t SELECT 1, 'x'", nil, 500, "Code: 164.", ""},
		{"no drop", "reader", "DROP TABLE t", nil, 500, "Code: 164.", ""},
		{"no set", "reader", "SET readonly = 0", nil, 500, "Code: 164.", ""},
		{"no second statement", "reader", "SELECT 1; DROP TABLE t", nil, 400, "Code: 62.", ""},
		{"no second statement behind odd quotes", "reader", "SELECT \u2018'\u2019; SELECT 2 --'", nil, 400, "Code: 62.", ""},
		{"no kill", "reader", "KILL QUERY WHERE 1", nil, 500, "Code: 164.", ""},
		{"no system", "reader", "SYSTEM FLUSH LOGS", nil, 500, "Code: 164.", ""},
		{"no backup", "reader", "BACKUP TABLE t TO Disk('x', 'y')", nil, 500, "Code: 164.", ""},
		{"no statement that is an expression", "reader", "1 + 1", nil, 400, "Code: 62.", ""},
		{"a reader's syntax error", "reader", "SELECT FROM WHERE", nil, 400, "Code: 62. DB::Exception: Syntax error: failed at", ""},
		{"a reader's SHOW", "reader", "SHOW TABLES FROM system LIKE 'one'", nil, 200, "one\n", ""},
		{"a reader's parameter", "reader", "SELECT {p:UInt8}", []string{"param_p=3"}, 200, "3\n", ""},
		{"a reader's format", "reader", "SELECT 1 AS x FORMAT JSONEachRow SETTINGS max_block_size = 9;", nil, 200, `{"x":1}`, ""},
		{"what the gate refuses", "reader", "SELECT file('x')", nil, 403, "Code: 497. DB::Exception: function file is not for this account", ""},
		{"an account in the URL", "", "SELECT 1", []string{"user=reader", "password=r3ad"}, 200, "1\n", ""},
		{"a wrong password in the URL", "", "SELECT 1", []string{"user=reader", "password=s3cret"}, 403, "Code: 516. DB::Exception: reader: Authentication failed", ""},
		{"an account in the URL besides a header", "stranger", "SELECT 1", []string{"user=reader", "password=r3ad"}, 403, "Code: 516.", ""},
		{"an interval in native blocks", "reader", "SELECT INTERVAL 3 DAY FORMAT Native", []string{"client_protocol_version=54460"}, 501, "Code: 48.", ""},
		{"names and types of columns", "reader", "SELECT 1 AS x FORMAT TabSeparatedWithNamesAndTypes", nil, 200, "x\nUInt8\n1\n", ""},
		{"an external table", "reader", "SELECT 1", []string{"x_structure=a UInt8"}, 404, "Code: 115.", ""},
		{"a stranger", "stranger", "SELECT 1", nil, 403, "Code: 516. DB::Exception: stranger: Authentication failed", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			password := map[string]string{"service": "s3cret", "reader": "r3ad", "stranger": "s3cret"}[tt.user]
			a := s.do(t, tt.user, password, tt.body, tt.options...)
			if a.status != tt.status || !strings.HasPrefix(a.body, tt.want) || tt.want == "" && a.body != "" {
				t.Errorf("got %d %.300q, want %d %q", a.status, a.body, tt.status, tt.want)
			}
			if name, value, ok := strings.Cut(tt.header, "="); ok && a.header.Get(name) != value {
				t.Errorf("got %s: %q, want %q", name, a.header.Get(name), value)
			}
		})
	}
}

func TestAGetChangesNothing(t *testing.T) {
	s := newServer(t)
	get := func(sql string) answer {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/?query="+strings.ReplaceAll(sql, " ", "+"), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-ClickHouse-User", "service")
		req.Header.Set("X-ClickHouse-Key", "s3cret")
		return s.send(t, req)
	}
	if a := get("SELECT 1"); a.status != 200 || a.body != "1\n" {
		t.Errorf("select: got %d %q", a.status, a.body)
	}
	if a := get("CREATE TABLE " + s.database + ".t (a Int8) ENGINE = Memory"); !strings.HasPrefix(a.body, "Code: 164.") {
		t.Errorf("create: got %d %q", a.status, a.body)
	}
}

func TestOnlyThisMachineIsServed(t *testing.T) {
	s := newServer(t)
	for _, tt := range []struct {
		name, host, origin, path string
		want                     int
	}{
		{"as it is", "", "", "/ping", 200},
		{"localhost", "localhost:8123", "", "/ping", 200},
		{"version 6", "[::1]:8123", "http://127.0.0.1:3000", "/", 200},
		{"a name made to point here", "rebound.example", "", "/ping", 403},
		{"a name that begins well", "127.0.0.1.example", "", "/ping", 403},
		{"a page elsewhere", "127.0.0.1", "https://page.example", "/ping", 403},
		{"a page without a name", "127.0.0.1", "null", "/ping", 403},
		{"another path", "", "", "/play", 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+tt.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if tt.host != "" {
				req.Host = tt.host
			}
			if tt.origin != "" {
				req.Header.Set("Origin", tt.origin)
			}
			if a := s.send(t, req); a.status != tt.want || a.status == 200 && a.body != "Ok.\n" {
				t.Errorf("got %d %q, want %d", a.status, a.body, tt.want)
			}
		})
	}
}

func TestRowsMayComeCompressed(t *testing.T) {
	s := newServer(t)
	s.ask(t, "CREATE TABLE "+s.database+".t (a UInt64) ENGINE = MergeTree ORDER BY a")
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	_, err := io.WriteString(z, strings.Repeat("7\n", 1000))
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	whole := body.Bytes()
	for _, tt := range []struct {
		name   string
		body   []byte
		status int
		rows   string
	}{{"whole", whole, 200, "1000"}, {"cut short", whole[:len(whole)-9], 500, "1000"}} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/?query=INSERT+INTO+"+s.database+".t+FORMAT+TSV", bytes.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("service", "s3cret")
		req.Header.Set("Content-Encoding", "gzip")
		if a := s.send(t, req); a.status != tt.status {
			t.Errorf("%s: got %d %s, want %d", tt.name, a.status, a.body, tt.status)
		}
		if got := s.ask(t, "SELECT count() FROM "+s.database+".t"); got != tt.rows {
			t.Errorf("%s: got %s rows, want %s", tt.name, got, tt.rows)
		}
	}
}

func TestAnInsertThatBreaksOffLeavesNothing(t *testing.T) {
	s := newServer(t)
	s.ask(t, "CREATE TABLE "+s.database+".t (a UInt64) ENGINE = MergeTree ORDER BY a")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	body := io.MultiReader(strings.NewReader(strings.Repeat("7\n", 400_000)), iotest.ErrReader(io.ErrUnexpectedEOF))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/?query=INSERT+INTO+"+s.database+".t+FORMAT+TSV", body)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("service", "s3cret")
	if resp, err := s.Client().Do(req); err == nil {
		resp.Body.Close()
		t.Errorf("got %d, want an error of the body", resp.StatusCode)
	}
	waitIdle(t, s)
	if got := s.ask(t, "SELECT count() FROM "+s.database+".t"); got != "0" {
		t.Errorf("got %s rows, want 0", got)
	}
}

func TestADatabaseMadeAnewIsNoSurprise(t *testing.T) {
	s := newServer(t)
	in := "database=" + s.database
	for range 2 {
		s.ask(t, "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a", in)
		s.ask(t, "INSERT INTO t VALUES (1)", in)
		if got := s.ask(t, "SELECT count() FROM t", in); got != "1" {
			t.Errorf("got %s rows, want 1", got)
		}
		s.ask(t, "DROP DATABASE "+s.database+" SYNC")
		s.ask(t, "CREATE DATABASE "+s.database)
	}
}

func TestAConnectionThatWasChangedIsNotUsedAgain(t *testing.T) {
	s := newServer(t)
	s.ask(t, "SET max_block_size = 99")
	s.ask(t, "USE system")
	for range 10 {
		if got := s.ask(t, "SELECT getSetting('max_block_size') = 99, currentDatabase()"); got != "0\tdefault" {
			t.Fatalf("got %q", got)
		}
	}
}

func TestTheErrorOfALargeInsertReachesItsClient(t *testing.T) {
	s := newServer(t)
	s.ask(t, "CREATE TABLE "+s.database+".t (a UInt64) ENGINE = MergeTree ORDER BY a")
	rows := "no\n" + strings.Repeat("1234567\n", 4<<20)
	for range 5 {
		if a := s.do(t, "service", "s3cret", rows, "query=INSERT INTO "+s.database+".t FORMAT TSV"); !strings.HasPrefix(a.body, "Code: 27.") {
			t.Errorf("got %d %.200q", a.status, a.body)
		}
	}
}
