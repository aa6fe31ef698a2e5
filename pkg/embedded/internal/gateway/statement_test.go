package gateway

import (
	"strings"
	"testing"
)

func TestReadStatement(t *testing.T) {
	for _, tt := range []struct {
		sql  string
		want statement
	}{
		{"SELECT 1", statement{keyword: "SELECT"}},
		{"  -- select\n/* insert; */ select 1 ; -- end\n", statement{keyword: "SELECT"}},
		{"SELECT 1; SELECT 2", statement{keyword: "SELECT", multiple: true}},
		{"SELECT 1;;", statement{keyword: "SELECT", multiple: true}},
		{"SELECT ';', \";\", `;`, $x$;$x$, 'it\\'s;', 'it''s;' # ;\n", statement{keyword: "SELECT"}},
		{"SELECT 'open ; SELECT 2", statement{keyword: "SELECT"}},
		{"(SELECT 1) UNION ALL (SELECT 2)", statement{keyword: "SELECT"}},
		{"SELECT 1 FORMAT JSON", statement{keyword: "SELECT", format: "JSON"}},
		{"SELECT 1 FORMAT JSON;", statement{keyword: "SELECT", format: "JSON"}},
		{"SELECT 1 format csv SETTINGS a = 1, b = 'x'", statement{keyword: "SELECT", format: "csv"}},
		{"SELECT 1 SETTINGS a = 1 FORMAT CSV", statement{keyword: "SELECT", format: "CSV"}},
		{"SELECT * FROM t ORDER BY format DESC", statement{keyword: "SELECT"}},
		{"SELECT * FROM t ORDER BY format descending", statement{keyword: "SELECT"}},
		{"SELECT * FROM t ORDER BY a, format x", statement{keyword: "SELECT"}},
		{"SELECT format name FROM t", statement{keyword: "SELECT"}},
		{"SELECT 1 WHERE a AND format IS NULL", statement{keyword: "SELECT"}},
		{"SELECT * FROM t GROUP BY format HAVING format NOT IN (1)", statement{keyword: "SELECT"}},
		{"SELECT format FROM t ORDER BY format DESC FORMAT JSON", statement{keyword: "SELECT", format: "JSON"}},
		{"SELECT 1 FORMAT JSON SETTINGS a = {'x': 'y'};", statement{keyword: "SELECT", format: "JSON"}},
		{"SELECT * FORMAT JSON", statement{keyword: "SELECT", format: "JSON"}},
		{"SELECT [1] FORMAT JSON", statement{keyword: "SELECT", format: "JSON"}},
		{"SELECT format FROM t", statement{keyword: "SELECT"}},
		{"SELECT 1 AS format", statement{keyword: "SELECT"}},
		{"SELECT (SELECT 1 FORMAT CSV)", statement{keyword: "SELECT"}},
		{"SELECT 'x FORMAT CSV'", statement{keyword: "SELECT"}},
		{"SELECT 1 INTO /**/ OUTFILE 'x'", statement{keyword: "SELECT", outfile: true}},
		{"SELECT * FROM outfile", statement{keyword: "SELECT"}},
		{"INSERT INTO t SELECT 1", statement{keyword: "INSERT SELECT"}},
		{"INSERT INTO t WITH 1 AS x SELECT x FORMAT CSV", statement{keyword: "INSERT SELECT", format: "CSV"}},
		{"INSERT INTO t FROM INFILE 'x' FORMAT CSV", statement{keyword: "INSERT", infile: true, rows: true, format: "CSV", head: "INSERT INTO t FROM INFILE 'x' ", rowsFrom: 40}},
		{"INSERT INTO t VALUES (1); SELECT", statement{keyword: "INSERT", rows: true, format: "Values", head: "INSERT INTO t ", rowsFrom: 20}},
		{"INSERT INTO values (values, format) VALUES (1)", statement{keyword: "INSERT", rows: true, format: "Values", head: "INSERT INTO values (values, format) ", rowsFrom: 42}},
		{"INSERT INTO t FORMAT Native\n\x01;", statement{keyword: "INSERT", rows: true, format: "Native", head: "INSERT INTO t ", rowsFrom: 28}},
		{"INSERT INTO t FORMAT CSV ;\r\n\n1", statement{keyword: "INSERT", rows: true, format: "CSV", head: "INSERT INTO t ", rowsFrom: 28}},
		{"INSERT INTO t SETTINGS x = 1 FORMAT TSV \t1", statement{keyword: "INSERT", rows: true, format: "TSV", head: "INSERT INTO t SETTINGS x = 1 ", rowsFrom: 41}},
		{"INSERT INTO t", statement{keyword: "INSERT"}},
		{"", statement{}},
		{";", statement{}},
		{"'a", statement{}},
		{"/* open", statement{}},
		{"$x$ open", statement{keyword: "$X$"}},
	} {
		if got := read(tt.sql); got != tt.want {
			t.Errorf("%q:\n got %+v\nwant %+v", tt.sql, got, tt.want)
		}
	}
}

func FuzzReadStatement(f *testing.F) {
	for _, sql := range []string{"SELECT 1; SELECT 2", "INSERT INTO t FORMAT CSV\n1", "$a$x$a$", "'\\", "/*", "-- x", "`a\\`", "INSERT VALUES"} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		s := read(sql)
		if s.rows && (s.rowsFrom < len(s.head) || s.rowsFrom > len(sql) || !strings.HasPrefix(sql, s.head)) {
			t.Errorf("the rows of %q begin at %d, its head is %q", sql, s.rowsFrom, s.head)
		}
		if !s.rows && !s.multiple && strings.TrimSpace(sql) != "" {
			// Another statement behind a good one must not stay unseen.
			if clean := read("SELECT 1 ;" + sql); s.keyword != "" && !clean.multiple {
				t.Errorf("two statements read as one: %q", sql)
			}
		}
	})
}

func FuzzHeaders(f *testing.F) {
	f.Add([]byte("a\tb\n1\t2\n"))
	f.Add([]byte{2, 1, 'a', 1, 'b', 5, 'U', 'I', 'n', 't', '8'})
	f.Add([]byte("\"a\nb\"\n1\n"))
	f.Fuzz(func(t *testing.T, document []byte) {
		for _, name := range []string{"TSVWithNames", "CSVWithNamesAndTypes", "RowBinaryWithNames", "RowBinaryWithNamesAndTypes"} {
			if n := formatOf(name).header(document); n < 0 || n > len(document) {
				t.Errorf("%s: got a header of %d bytes in %d", name, n, len(document))
			}
		}
	})
}
