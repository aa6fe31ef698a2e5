//go:build torture

package main

import "testing"

// A verdict that finds nothing shows something only if it would have found it:
// each loss and each double that is planted here must be seen, and two
// undisturbed imports in different shapes must not differ.
func TestTortureBites(t *testing.T) {
	w := theWorld(t, newWorlds(t.TempDir()), 0)
	r := newTortured(t, w, 1)
	defer r.killAll()
	r.served = true
	if err := r.importCalls(func() ([]string, error) { return nil, r.keepUp() }); err != nil {
		t.Fatal(err)
	}
	want := func(what string, lost, doubled bool) {
		t.Helper()
		v, err := r.verdict(true)
		if err != nil {
			t.Fatal(err)
		}
		if (v.lost > 0) != lost || (v.doubled > 0) != doubled || v.good() == (lost || doubled) {
			t.Errorf("%s: the verdict is %s", what, v)
		}
	}
	want("attached imports, undisturbed", false, false)

	const aPost = "(SELECT post_key FROM doxtrail.links ORDER BY post_key LIMIT 1)"
	for _, p := range []struct {
		what, table, where string
		instead            []string
		lost, doubled      bool
	}{
		{"a lost post", "posts", "post_key = " + aPost, nil, true, false},
		{"a post with other content", "posts", "post_key = " + aPost, []string{"* REPLACE (length + 1 AS length)"}, true, false},
		{"a lost link", "links", "post_key = " + aPost, nil, true, false},
		{"a link too many", "links", "post_key = " + aPost, []string{"*", "* REPLACE (generateUUIDv4() AS path_key)"}, false, true},
		{"a post under another key", "posts", "post_key = " + aPost, []string{"*", "* REPLACE (generateUUIDv4() AS post_key)"}, false, true},
		{
			"a batch that is covered twice", "coverage", "coverage_key = (SELECT min(coverage_key) FROM doxtrail.coverage)",
			[]string{"*", "* REPLACE (generateUUIDv4() AS coverage_key)"},
			false, true,
		},
		{"a batch that is not covered", "coverage", "coverage_key = (SELECT min(coverage_key) FROM doxtrail.coverage)", nil, true, false},
		{"a lost import", "imports", "import_id = (SELECT min(import_id) FROM doxtrail.imports)", nil, true, false},
		{"a lost channel", "channels", "channel_key = (SELECT min(channel_key) FROM doxtrail.channels)", nil, true, false},
		{"a lost site", "sites", "match_key = (SELECT min(match_key) FROM doxtrail.sites WHERE listed)", nil, true, false},
	} {
		r.statement(t, "CREATE TABLE doxtrail.kept ENGINE = Memory AS SELECT * FROM doxtrail."+p.table)
		r.statement(t, "CREATE TABLE doxtrail.picked ENGINE = Memory AS SELECT * FROM doxtrail."+p.table+" WHERE "+p.where)
		r.statement(t, "ALTER TABLE doxtrail."+p.table+" DELETE WHERE "+p.where+" SETTINGS mutations_sync = 2")
		for _, columns := range p.instead {
			r.statement(t, "INSERT INTO doxtrail."+p.table+" SELECT "+columns+" FROM doxtrail.picked")
		}
		want(p.what, p.lost, p.doubled)
		r.statement(t, "TRUNCATE TABLE doxtrail."+p.table)
		r.statement(t, "INSERT INTO doxtrail."+p.table+" SELECT * FROM doxtrail.kept")
		r.statement(t, "DROP TABLE doxtrail.kept")
		r.statement(t, "DROP TABLE doxtrail.picked")
	}
	want("after all of it was mended", false, false)
}

// statement runs a statement of the services' account, as no command can.
func (r *tortured) statement(t *testing.T, sql string) {
	t.Helper()
	e, err := r.endpoint()
	if err == nil {
		_, err = e.ask(r.ctx, sql, nil)
	}
	if err != nil {
		t.Fatalf("%.60s: %v", sql, err)
	}
}
