package gateway

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// planted is a server with what a reader must not see: a file, and a table of a
// database that is not the reader's. Both hold the canary.
type planted struct {
	*server
	replace *strings.Replacer
}

const canary = "canary7351"

// plant makes the reader's database, which statements here call research, and
// the other one, which they call doxtrail. FILE stands for the file's path.
func plant(t testing.TB) *planted {
	t.Helper()
	s := newServer(t)
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(canary+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := "x" + s.database
	p := &planted{s, strings.NewReplacer("research", s.database, "doxtrail", other, "FILE", file)}
	t.Cleanup(func() { s.ask(t, "DROP DATABASE IF EXISTS "+other+" SYNC") })
	for _, sql := range []string{
		"CREATE DATABASE doxtrail",
		"CREATE TABLE doxtrail.posts (id UInt64, platform String, posted_at DateTime, tags Array(String), secret String) ENGINE = MergeTree ORDER BY id",
		"INSERT INTO doxtrail.posts SELECT number, ['x', 'telegram'][number % 2 + 1], toDateTime('2020-01-01 00:00:00') + number, ['a', 'b'], '" + canary + "' FROM numbers(100)",
		"CREATE TABLE doxtrail.joins (id UInt64, secret String) ENGINE = Join(ANY, LEFT, id)",
		"INSERT INTO doxtrail.joins VALUES (1, '" + canary + "')",
		"CREATE VIEW research.posts AS SELECT id, platform, posted_at, tags FROM doxtrail.posts",
		"CREATE VIEW research.ids AS SELECT id FROM doxtrail.posts WHERE id < 10",
		"CREATE TABLE research.marks (id UInt64, mark Nullable(Float64)) ENGINE = MergeTree ORDER BY intHash32(id) SAMPLE BY intHash32(id)",
		"INSERT INTO research.marks SELECT number, number / 2 FROM numbers(100)",
	} {
		s.ask(t, p.replace.Replace(sql))
	}
	return p
}

// read asks as a reader. The parameters of all statements of these tests are
// the same.
func (p *planted) read(t testing.TB, sql string, options ...string) answer {
	t.Helper()
	given := []string{"param_table=doxtrail.posts", "param_database=doxtrail", "param_name=posts", "param_file=FILE", "param_n=3", "param_list=[1,2]"}
	for i, o := range given {
		given[i] = p.replace.Replace(o)
	}
	return p.do(t, "reader", "r3ad", p.replace.Replace(sql), append(given, options...)...)
}

// statements are those of a file: one a line, with ⏎ for a line end in it.
func statements(t testing.TB, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n") {
		if !strings.HasPrefix(line, "# ") {
			all = append(all, strings.ReplaceAll(line, "⏎", "\n"))
		}
	}
	return all
}

func TestReadersMayAsk(t *testing.T) {
	p := plant(t)
	allowed := statements(t, "allowed.txt")
	for _, sql := range allowed {
		if a := p.read(t, sql); a.status != 200 || a.err != nil {
			t.Errorf("%s:\n%d %.400s", sql, a.status, a.body)
		}
	}
	if n := len(allowed); n < 60 {
		t.Errorf("only %d statements", n)
	}
}

func TestReadersMayNotAsk(t *testing.T) {
	p := plant(t)
	evasions := append(statements(t, "evasions.txt"), "", " ", "\n;")
	for _, sql := range evasions {
		before := p.gateway.Stats().Refused
		a := p.read(t, sql)
		if a.status == 200 || p.gateway.Stats().Refused == before {
			t.Errorf("it reached the engine: %s:\n%d %.300s", sql, a.status, a.body)
		}
		if strings.Contains(a.body, canary) {
			t.Errorf("it got the canary: %s", sql)
		}
	}
	if n := len(evasions); n < 120 {
		t.Errorf("only %d evasions", n)
	}
}

func TestSettingsThatReachOutAreRefused(t *testing.T) {
	p := plant(t)
	for _, option := range []string{
		"format_template_row=FILE", "format_template_resultset=FILE", "format_schema=FILE:x", "output_format_schema=FILE",
		"input_format_record_errors_file_path=FILE", "format_avro_schema_registry_url=http://127.0.0.1:1", "database=doxtrail", "database=system",
		"format_display_secrets_in_show_and_select=1", "additional_table_filters={'x':'1'}", "dialect=kusto", "allow_introspection_functions=1",
		"implicit_select=1", "enable_analyzer=0", "limit=1&database=doxtrail", "default_format=x&database=doxtrail",
	} {
		var options []string
		for o := range strings.SplitSeq(option, "&") {
			options = append(options, p.replace.Replace(o))
		}
		if a := p.read(t, "SELECT * FROM posts LIMIT 1 FORMAT Template", options...); a.status == 200 || strings.Contains(a.body, canary) {
			t.Errorf("%s: got %d %.300s", option, a.status, a.body)
		}
	}
}

// A setting of the request must not cut what is judged.
func TestTheParsedFormIsJudgedWhole(t *testing.T) {
	p := plant(t)
	for _, option := range []string{"limit=1", "offset=30", "max_result_rows=1", "max_block_size=1", "format_tsv_null_representation=x", "extremes=1"} {
		if a := p.read(t, "SELECT file('FILE')", option); !strings.HasPrefix(a.body, "Code: 497.") {
			t.Errorf("%s: got %d %.300s", option, a.status, a.body)
		}
	}
}

func TestTheDefaultDatabaseIsTheReadersOwn(t *testing.T) {
	p := plant(t)
	for _, sql := range []string{"SELECT count() FROM posts", "SELECT 1 IN (SELECT id FROM posts)", "SELECT displayName(), version(), revision(), timezone()"} {
		if a := p.read(t, sql, "database=default"); a.status != 200 {
			t.Errorf("%s: got %d %s", sql, a.status, a.body)
		}
	}
	if a := p.read(t, `SELECT * FROM "FILE"`, "database=default"); a.status == 200 || strings.Contains(a.body, canary) {
		t.Errorf("a file by its name: got %d %s", a.status, a.body)
	}
}

// Tools ask the lists of system for what they can offer: it must be what the
// reader may read, however it is asked.
func TestTheListsOfSystemAreConfined(t *testing.T) {
	p := plant(t)
	for _, sql := range []string{
		"SHOW DATABASES", "SHOW TABLES FROM research", "SELECT name FROM system.databases", "SELECT * FROM system.tables WHERE database != 'system'",
		"SELECT * FROM system.columns WHERE database != 'system'", "SELECT t.name, t.database FROM system.tables AS t WHERE database NOT IN ('system')",
		"WITH all AS (SELECT * FROM system.tables) SELECT create_table_query FROM all WHERE database != 'system'",
		"SELECT c.* FROM system.databases d JOIN system.columns c ON c.database = d.name WHERE d.name != 'system'",
		"SELECT `system.tables`.name FROM system.tables AS `system.tables` WHERE database != 'system'",
		"SELECT count() FROM system.databases WHERE name = 'doxtrail' HAVING count() > 0", "SELECT ('doxtrail', 1) IN (SELECT name, 1 FROM system.databases) AS found WHERE found",
		"SELECT name FROM (SELECT * FROM view(SELECT * FROM system.tables)) WHERE database = 'doxtrail'",
		"SELECT DISTINCT database FROM system.columns UNION ALL SELECT name FROM system.databases",
		"SELECT arrayJoin(groupArray(name)) FROM system.databases", "SELECT any(total_rows) FROM system.tables WHERE name = 'joins' HAVING any(total_rows) > 0",
	} {
		a := p.read(t, sql)
		other := strings.Contains(strings.ReplaceAll(a.body, "FROM x"+p.database, ""), "x"+p.database) // the views say what they read
		if a.status != 200 || other || strings.Contains(a.body, "joins") {
			t.Errorf("%s:\n%d %.600s", sql, a.status, a.body)
		}
	}
	const grafana = "SELECT name, type FROM system.columns WHERE database = 'research' AND table = 'ids'"
	if a := p.read(t, grafana); a.body != "id\tUInt64\n" {
		t.Errorf("columns of a view: %d %q", a.status, a.body)
	}
	if a := p.read(t, "SHOW TABLES"); a.body != "ids\nmarks\nposts\n" {
		t.Errorf("tables: %d %q", a.status, a.body)
	}
	if a := p.read(t, "SELECT 1", "additional_table_filters={}"); a.status == 200 {
		t.Error("the filter can be set")
	}
}

func TestARefusalSaysWhatToDo(t *testing.T) {
	p := plant(t)
	for sql, want := range map[string]string{
		"SELECT file('FILE')":                     "Code: 497. DB::Exception: function file is not for this account: it reads files",
		"SELECT * FROM doxtrail.posts":            "which reads the views of research",
		"SELECT * FROM (SELECT 1 SETTINGS a = 1)": "at the end of a statement",
		"SELECT * FROM url('http://x.example')":   "table function url is not for this account",
		"SHOW PROCESSLIST":                        "Code: 497.",
		"KILL QUERY WHERE 1":                      "Code: 164.",
		"SELECT FROM WHERE":                       "failed at position 18",
	} {
		if a := p.read(t, sql); !strings.Contains(a.body, p.replace.Replace(want)) {
			t.Errorf("%s: got %s", sql, a.body)
		}
	}
}

func BenchmarkGate(b *testing.B) {
	p := plant(b)
	q := &request{account: &p.gateway.cfg.Accounts[1]}
	sql := p.replace.Replace("WITH a AS (SELECT p.id, p.platform FROM research.posts AS p WHERE p.id > 3) SELECT platform, count() AS n, max(a.id) FROM a GROUP BY platform ORDER BY n DESC LIMIT 10 FORMAT JSON")
	for b.Loop() {
		q.sql, q.read, q.settings = sql, read(sql), nil
		if err := p.gateway.gate(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}
