// Package clickhouse tests the configuration of the ClickHouse server of a
// deployment. No server can be started in a test and the embedded engine knows
// no users, so what is tested is that every name exists and every value is taken
// by the engine of the same version, and that doxtrail's own clients need no
// more than the accounts may do.
package clickhouse

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
)

func TestEverySettingOfAProfileExistsAndTakesItsValue(t *testing.T) {
	known := column(t, "SELECT name FROM system.settings WHERE NOT is_obsolete")
	for _, profile := range users(t).at("profiles").Elements {
		for _, setting := range profile.Elements {
			if setting.name() == "constraints" {
				continue
			}
			if !slices.Contains(known, setting.name()) {
				t.Errorf("profile %s: there is no setting %s", profile.name(), setting.name())
			}
			if answer, ok := ask(t, "SELECT 1 SETTINGS "+setting.name()+" = "+setting.text()); !ok {
				t.Errorf("profile %s: %s is not taken: %s", profile.name(), setting.name(), answer)
			}
		}
		for _, constraint := range profile.at("constraints").Elements {
			if !slices.Contains(known, constraint.name()) {
				t.Errorf("profile %s: there is no setting %s to constrain", profile.name(), constraint.name())
			}
		}
	}
}

// A reader's limit that may be raised is none.
func TestReadersMayOnlyLowerTheirLimits(t *testing.T) {
	reader := users(t).at("profiles", "reader")
	if reader.at("readonly").text() != "1" {
		t.Error("readonly is not 1: 2 would let settings be changed")
	}
	for _, limit := range []string{"max_memory_usage", "max_execution_time", "max_result_rows"} {
		value, c := reader.at(limit).text(), reader.at("constraints", limit)
		if value == "" || value == "0" || c.at("max").text() != value || c.at("min").text() != "1" {
			t.Errorf("%s: value %q, between %q and %q; want a limit that can only be lowered", limit, value, c.at("min").text(), c.at("max").text())
		}
	}
	for _, c := range reader.at("constraints").Elements {
		if c.at("changeable_in_readonly").name() == "" {
			t.Errorf("%s is constrained and cannot be changed", c.name())
		}
		// What names a file or an address makes the server read it.
		if regexp.MustCompile("schema|template|file|path|url|secret").MatchString(c.name()) {
			t.Errorf("%s reaches out of the server", c.name())
		}
	}
	if server(t).at("access_control_improvements", "settings_constraints_replace_previous").text() != "true" {
		t.Error("without settings_constraints_replace_previous no reader may change anything")
	}
}

// What doxtrail's own reading sends along must be changeable, or no query works.
func TestReadersMaySetWhatDoxtrailSets(t *testing.T) {
	known := column(t, "SELECT name FROM system.settings")
	allowed := users(t).at("profiles", "reader", "constraints")
	var mu sync.Mutex
	sent := map[string]bool{}
	real := storetest.Config(t)
	target, err := url.Parse(real.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		for name := range r.URL.Query() {
			sent[name] = true
		}
		mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	for _, readOnly := range []bool{true, false} { // `query` and `sql`; `status`
		cfg := store.Config{URL: front.URL, User: real.User, Password: real.Password, Tables: "default", Research: "default", ReadOnly: readOnly}
		s, err := store.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range store.Formats() {
			if err := s.Stream(t.Context(), io.Discard, "SELECT 1 AS one", nil, format); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		}
		var rows []struct {
			One uint8 `ch:"one"`
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a deadline becomes a setting
		if err := s.Select(ctx, &rows, "SELECT 1 AS one", nil); err != nil {
			t.Error(err)
		}
		cancel()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if !sent["output_format_pretty_max_rows"] || !sent["max_execution_time"] {
		t.Fatalf("the settings that are sent were not seen: %v", sent)
	}
	for name := range sent {
		if slices.Contains(known, name) && allowed.at(name).name() == "" {
			t.Errorf("doxtrail sends %s, which a reader may not set", name)
		}
	}
}

func TestServerSettingsExist(t *testing.T) {
	known := column(t, "SELECT name FROM system.server_settings")
	// Sections, which that table does not list.
	sections := []string{
		"access_control_improvements", "query_masking_rules", "logger", "prometheus", "merge_tree", "remote_url_allow_hosts",
		"interserver_http_port", "listen_host", "mysql_port", "postgresql_port", "allow_plaintext_password", "allow_no_password",
	}
	for _, e := range server(t).Elements {
		if !slices.Contains(known, e.name()) && !slices.Contains(sections, e.name()) && !strings.HasSuffix(e.name(), "_log") {
			t.Errorf("there is no server setting %s", e.name())
		}
	}
	tables := column(t, "SELECT name FROM system.merge_tree_settings")
	for _, e := range server(t).at("merge_tree").Elements {
		if !slices.Contains(tables, e.name()) {
			t.Errorf("there is no setting %s of tables", e.name())
		}
	}
	for _, name := range []string{"fsync_after_insert", "fsync_part_directory"} {
		if server(t).at("merge_tree", name).text() != "1" {
			t.Errorf("%s is not 1: a confirmed insert may be lost", name)
		}
	}
}

func TestAccountsMayDoTheirOwnAndNothingElse(t *testing.T) {
	want := map[string][]string{
		"provisioner": {
			"GRANT ALL ON doxtrail.* WITH GRANT OPTION", "GRANT ALL ON research.* WITH GRANT OPTION",
			"GRANT ALL ON restore_doxtrail.*", "GRANT ALL ON restore_research.*",
			"GRANT CREATE ROLE ON *.*", "GRANT SELECT ON system.*",
		},
		"recorder":   {"GRANT SELECT, INSERT, ALTER UPDATE, ALTER DELETE ON doxtrail.*", "GRANT SELECT ON research.*"},
		"researcher": {"GRANT SELECT ON research.*"},
		"operator":   {"GRANT SELECT ON doxtrail.*", "GRANT SELECT ON research.*", "GRANT SELECT ON system.*"},
	}
	readers := []string{"researcher", "operator"}
	for _, u := range users(t).at("users").Elements {
		if u.name() == "default" {
			if u.Remove == "" {
				t.Error("the account default is still there")
			}
			continue
		}
		var got []string
		for _, g := range u.at("grants").Elements {
			got = append(got, g.text())
			if answer, ok := ask(t, "SELECT formatQuery('"+strings.Replace(g.text()+" TO somebody", " WITH GRANT OPTION TO somebody", " TO somebody WITH GRANT OPTION", 1)+"')"); !ok {
				t.Errorf("%s: %q does not parse: %s", u.name(), g.text(), answer)
			}
		}
		if diff := cmp.Diff(want[u.name()], got); diff != "" {
			t.Errorf("rights of %s (-want +got):\n%s", u.name(), diff)
		}
		profile := "default"
		if slices.Contains(readers, u.name()) {
			profile = "reader"
		}
		if p, q := u.at("profile").text(), u.at("quota").text(); p != profile || q != profile {
			t.Errorf("%s has profile %q and quota %q, want %q", u.name(), p, q, profile)
		}
		if u.at("password").name() != "" || u.at("password_sha256_hex").name() != "" {
			t.Errorf("%s has a password in the repository", u.name())
		}
		delete(want, u.name())
	}
	if len(want) > 0 {
		t.Errorf("missing accounts: %v", want)
	}
}

func TestLogsKeepNothingThatStandsInQuotes(t *testing.T) {
	rule := server(t).at("query_masking_rules", "rule")
	hide, err := regexp.Compile(rule.at("regexp").text()) // RE2, as in the server
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`SELECT 'Chan Invented'`, `SELECT 'it''s Chan Invented'`, `SELECT 'a\'Chan Invented' AS b, 'Chan Invented'`, "SELECT 'x\nChan Invented'",
		"SELECT 'x\\\nChan Invented'", `SELECT 'a\\', 'Chan Invented'`, // escaped ends
		`SELECT 'Chan Invented`, `SELECT 'Chan Invented\`, `SELECT 1 AS "Chan Invented`, "SELECT `Chan Invented", `SELECT /* Chan Invented`, // not closed
		`SELECT 1 AS "Chan Invented"`, "SELECT 1 AS `Chan Invented`", "SELECT ``, 1 AS `Chan Invented`", // names
		`SELECT 1 -- Chan Invented`, `SELECT 1 /* Chan * Invented */`, `SELECT 1 // Chan Invented`, `SELECT 1 # Chan Invented`, `SELECT 1 #! Chan Invented`, // comments
		"SELECT 1 -- it's\n, 'Chan Invented'", `SELECT 1 /* it's */, 'Chan Invented'`, `SELECT 1 AS "it's", 'Chan Invented'`, "SELECT 1 AS `it's`, 'Chan Invented'", // a quote that opens nothing
		`SELECT '/*', 'Chan Invented' /* */`, `SELECT '--', 'Chan Invented'`, // a comment that is none
		`SELECT $$Chan Invented$$`, `SELECT $a$it's$a$, 'Chan Invented'`, `SELECT $a$Chan $b$ Invented$a$`,
		`SELECT ‘Chan Invented’`, `SELECT “Chan Invented”`, `SELECT 陳大文`, // letters
	} {
		if masked := hide.ReplaceAllLiteralString(statement, rule.at("replace").text()); strings.Contains(masked, "Chan") || strings.Contains(masked, "陳") {
			t.Errorf("%s is logged as %s", statement, masked)
		}
	}
	if kept := hide.ReplaceAllLiteralString("SELECT platform, count() FROM posts WHERE language = 'zh'", "''"); kept != "SELECT platform, count() FROM posts WHERE language = ''" {
		t.Errorf("the audit shows %s", kept)
	}
	if c := users(t).at("profiles", "reader", "constraints", "log_comment"); c.name() != "" {
		t.Error("readers may set log_comment, which is logged as it is")
	}
	// The image's own configuration has all of these; error_log and crash_log
	// keep the text of errors, and have no end.
	for _, name := range []string{"text_log", "error_log", "crash_log", "backup_log", "query_thread_log", "query_views_log", "asynchronous_insert_log", "opentelemetry_span_log"} {
		if server(t).at(name).Remove == "" {
			t.Errorf("%s is kept, and repeats statements", name)
		}
	}
	if level := server(t).at("logger", "level").text(); level != "warning" {
		t.Errorf("log level %q: at debug each statement is logged", level)
	}
	ttl := server(t).at("query_log", "ttl").text()
	if !regexp.MustCompile(`^event_date \+ INTERVAL [1-7] DAY DELETE$`).MatchString(ttl) {
		t.Errorf("statements are kept for %q", ttl)
	}
}

func TestTheServerIsOfTheEmbeddedEnginesRelease(t *testing.T) {
	compose, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	image := regexp.MustCompile(`image: clickhouse/clickhouse-server:(\S+)`).FindSubmatch(compose)
	if image == nil {
		t.Fatal("docker-compose.yml has no ClickHouse")
	}
	if version, _ := ask(t, "SELECT version()"); !strings.HasPrefix(version+".", string(image[1])+".") {
		t.Errorf("the server is %s, the embedded engine %s", image[1], version)
	}
}
