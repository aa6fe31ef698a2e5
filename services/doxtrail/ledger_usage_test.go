package main

import (
	"os"
	"strings"
	"testing"
)

// wrongCall is a call that must fail, and a word that stderr must have for it.
type wrongCall struct {
	what string
	args []string
	code int
	says string
}

func wrongCalls() []wrongCall {
	return []wrongCall{
		{"an unknown command", []string{"nosuch"}, exitUsage, "unknown command"},
		{"an unknown flag", []string{"status", "--secret-name"}, exitUsage, "unknown flag; see `doxtrail status --help`"},
		{"a flag that is none", []string{"status", "--=secret-name"}, exitUsage, "unknown flag; see"},
		{"a value of another type", []string{"erase", "--wait", "secret-name"}, exitUsage, "--wait has another value than it takes (duration)"},
		{"an argument too many", []string{"status", "secret-name"}, exitUsage, "status --help"},
		{"an unknown command below another", []string{"keys", "secret-name"}, exitUsage, "unknown command"},
		{"an import of nothing", []string{"import"}, exitUsage, "name the archives to read"},
		{"an unknown format of an archive", []string{"import", "--format", "csv", "archives"}, exitUsage, "telegram-desktop"},
		{"a file that is not there", []string{"import", "--json", "secret-name.json"}, exitFailed, "file 1"},
		{"a file that is no archive", []string{"import", "--json", "no.json"}, exitFailed, "file 1"},
		{"an unknown query", []string{"query", "nosuch"}, exitUsage, "query --list"},
		{"a query without a name", []string{"query"}, exitUsage, "name a query"},
		{"an unknown parameter", []string{"query", "--param", "nosuch=1", "card_spread"}, exitUsage, "nosuch"},
		{"a parameter without a value", []string{"query", "--param", "family", "card_spread"}, exitUsage, "NAME=VALUE"},
		{"a bucket that does not exist", []string{"query", "--param", "bucket=year", "spread_timeline"}, exitFailed, "doxtrail: bucket must be hour, day or week\n"},
		{"an unknown format of an answer", []string{"query", "--format", "xml", "card_spread"}, exitUsage, "parquet"},
		{"sql that is none", []string{"sql", "SELEC 1"}, exitFailed, "Syntax error: failed at position 1 (SELEC)"},
		{"sql with an unknown column", []string{"sql", "SELECT nosuch FROM posts"}, exitFailed, "nosuch"},
		{"sql that writes", []string{"sql", "DROP TABLE doxtrail.posts"}, exitFailed, "doxtrail: "},
		{"no statement", []string{"sql"}, exitUsage, "sql --help"},
		{"a configuration with faults", []string{"--config", "broken.yaml", "check-config"}, exitUsage, "nosuch"},
		{"a configuration that is not there", []string{"--config", "nosuch.yaml", "status"}, exitUsage, "nosuch.yaml"},
		{"a watch list that is not there", []string{"--config", "nolist.yaml", "check-config"}, exitUsage, "watch list"},
		{"a question under a watch list that is not there", []string{"--config", "nolist.yaml", "query", "card_spread"}, exitUsage, "watch list"},
		{"a key ring inside the data", []string{"--config", "inside.yaml", "status"}, exitUsage, "key ring lies inside"},
		{"one service without servers", []string{"run", "recorder"}, exitUsage, "doxtrail up"},
		{"an unknown service", []string{"run", "nosuch"}, exitUsage, "unknown service"},
	}
}

// Exit codes are what scripts build on: 2 where the call or the configuration
// is wrong, 1 where something went wrong. What went wrong goes to stderr.
func TestWrongUseIsToldApartFromFailure(t *testing.T) {
	t.Parallel()
	c := smallCampaign(72)
	s := newStudy(t, c, c.Sites())
	s.write("broken.yaml", "nosuch: 1\nlisten: nowhere\n")
	s.write("nolist.yaml", "watchlist: nosuch.yaml\ndata: other\nkeys: keys\n")
	s.write("inside.yaml", "data: data\nkeys: data/keys\n")
	s.write("no.json", "{}")
	stop := s.up()
	s.importAll("archives")
	for _, call := range wrongCalls() {
		r := s.run(call.args...)
		if r.code != call.code || !strings.Contains(r.stderr, call.says) {
			t.Errorf("%s ended with %d, want %d and %q in:\n%s", call.what, r.code, call.code, call.says, r.stderr)
		}
		if printsFigures := call.args[0] == "import" && call.code == exitFailed; !printsFigures && r.stdout != "" {
			t.Errorf("%s wrote to stdout: %.200q", call.what, r.stdout)
		}
		if strings.Contains(r.stderr, "secret-name") {
			t.Errorf("%s is told with the file's name:\n%s", call.what, r.stderr)
		}
	}
	if _, err := os.Stat(s.path("data/keys")); !os.IsNotExist(err) {
		t.Errorf("a key ring was made inside the data: %v", err)
	}
	if r := stop(); r.code != 0 {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
}

// With other keys the same card would be another card, so a data folder knows
// its ring, while it is served and when it is not.
func TestOldDataFolderRefusesAnotherKeyRing(t *testing.T) {
	t.Parallel()
	c := smallCampaign(73)
	s := newStudy(t, c, c.Sites())
	stop := s.up()
	s.must("--keys", "other", "keys", "init")
	refused := func(when string, args ...string) {
		t.Helper()
		r := s.run(append([]string{"--keys", "other"}, args...)...)
		if r.code != exitUsage || r.stdout != "" || !strings.Contains(r.stderr, "this data folder was made with key ring") {
			t.Errorf("%s, %s with another key ring ended with %d and wrote %q:\n%s", when, args[0], r.code, r.stdout, r.stderr)
		}
	}
	refused("while up serves", "import", "--json", "archives")
	s.askable("after another key ring was refused")
	if r := stop(); r.code != 0 {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
	refused("while nothing runs", "import", "--json", "archives")
	refused("while nothing runs", "query", "card_spread")
	refused("while nothing runs", "up")
	s.askable("after another key ring was refused")
}
