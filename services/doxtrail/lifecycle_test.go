package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/embedded"
)

// One `up` and many commands on one data folder.
func TestCommandsOfManyProcessesShareOneFolder(t *testing.T) {
	t.Parallel()
	c := smallCampaign(61)
	ledger := c.Truth(c.Sites())
	s := newStudy(t, c, c.Sites())
	stop := s.up()
	importing := s.begin(nil, "import", "--json", "archives")
	asking := []*running{ // while the import runs: what they find is not settled yet
		s.begin(nil, "query", "--format", "json", "card_spread"),
		s.begin(nil, "sql", "--format", "json", "SELECT count() AS posts FROM posts"),
		s.begin(nil, "status", "--json"),
		s.begin(nil, "doctor", "--json"),
	}
	for _, r := range append(asking, importing) {
		ended := r.wait()
		if ended.code != 0 || !json.Valid([]byte(ended.stdout)) {
			t.Errorf("%s ended with %d and wrote %.200q to stdout:\n%s", r.what, ended.code, ended.stdout, ended.stderr)
		}
	}
	if diff := cmp.Diff(importFigures{len(ledger.Files), ledger.Totals}, s.figures(importing.wait().stdout)); diff != "" {
		t.Errorf("import --json (-ledger +printed):\n%s", diff)
	}
	checkLedger(s, ledger, ledger)
	s.settled(true)
	s.ownClients(ledger.Posts)

	second := s.run("up")
	if second.code != exitFailed || second.stdout != "" || !strings.Contains(second.stderr, "another process serves this data folder already") {
		t.Errorf("a second up ended with %d and wrote %q:\n%s", second.code, second.stdout, second.stderr)
	}
	s.askable("after a second up was refused")

	r := stop()
	if r.code != 0 || r.stdout != "" {
		t.Errorf("up, idle, ended with %d and wrote %q to stdout:\n%s", r.code, r.stdout, r.stderr)
	}
	if _, err := os.Stat(s.path("data/run.json")); !os.IsNotExist(err) {
		t.Errorf("up left run.json behind: %v", err)
	}
	s.settled(false)
	checkCards(s, newTruth(s, ledger)) // all of it is on disk
}

// settled asks `status` whether everything that was read became rows.
func (s *testStudy) settled(attached bool) {
	s.t.Helper()
	var st status
	if err := json.Unmarshal([]byte(s.must("status", "--json")), &st); err != nil {
		s.t.Fatal(err)
	}
	if st.Attached != attached || st.Failed != 0 || st.OldestAt != nil || len(st.Streams) == 0 || len(st.Channels) != 2 {
		s.t.Errorf("status --json: %+v", st)
	}
	for _, r := range st.Readers {
		if r.Pending != 0 || r.AckPending != 0 {
			s.t.Errorf("status --json: %s is behind: %+v", r.Durable, r)
		}
	}
}

// askable asks that the study answers.
func (s *testStudy) askable(when string) {
	s.t.Helper()
	if out := s.must("sql", "--format", "csv", "SELECT 1 AS one"); out != "\"one\"\n1\n" {
		s.t.Errorf("%s, sql answers %q", when, out)
	}
}

// ownClients asks ClickHouse as a client of one's own would, with what doctor
// says.
func (s *testStudy) ownClients(posts int) {
	s.t.Helper()
	var d diagnosis
	if err := json.Unmarshal([]byte(s.must("doctor", "--json")), &d); err != nil {
		s.t.Fatal(err)
	}
	if !d.OK || !d.Running || !strings.HasPrefix(d.NATS.URL, "nats://127.0.0.1:") {
		s.t.Errorf("doctor --json: %+v", d)
	}
	password, err := os.ReadFile(d.ClickHouse.PasswordFile)
	if err != nil {
		s.t.Fatal(err)
	}
	ask := func(password string) (int, string) {
		request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet,
			d.ClickHouse.URL+"/?query="+url.QueryEscape("SELECT count() FROM research.posts"), nil)
		if err != nil {
			s.t.Fatal(err)
		}
		request.SetBasicAuth(d.ClickHouse.User, password)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			s.t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			s.t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	if code, body := ask(strings.TrimSpace(string(password))); code != http.StatusOK || body != fmt.Sprintln(posts) {
		s.t.Errorf("a client of one's own is answered %d %q", code, body)
	}
	if code, body := ask("wrong"); code < 400 || strings.Contains(body, fmt.Sprint(posts)) {
		s.t.Errorf("a client with a wrong password is answered %d %q", code, body)
	}
}

// holder is the process that serves the data folder.
func (s *testStudy) holder() int {
	s.t.Helper()
	var run embedded.RunInfo
	if err := json.Unmarshal(s.read("data/run.json"), &run); err != nil {
		s.t.Fatal(err)
	}
	return run.PID
}

// An import that loses its holder says so and fails; what it had read and what
// it had not are whole after the next import, whichever way the holder went.
func TestNothingIsLostWhenUpEndsDuringAnImport(t *testing.T) {
	t.Parallel()
	c := campaign.New(62, campaign.Size{Posts: 8000, Accounts: 100})
	ledger := c.Truth(c.Sites())
	s := newStudy(t, c, c.Sites())
	for _, ending := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGINT, exitDone}, {syscall.SIGKILL, -1}, {syscall.SIGTERM, exitDone}} {
		stop := s.up()
		importing := s.begin(nil, append([]string{"import", "--json"}, slices.Repeat([]string{"archives"}, 100)...)...)
		s.eventually("rows of an import that is not done", func() bool {
			var rows []struct{ Messages int }
			s.sql(&rows, "SELECT count() AS messages FROM imports")
			return rows[0].Messages >= 3
		})
		if err := syscall.Kill(s.holder(), ending.signal); err != nil {
			t.Fatal(err)
		}
		if r := importing.wait(); r.code != exitFailed || r.stdout != "" || !strings.Contains(r.stderr, errHolderGone.Error()) {
			t.Errorf("%v: the import ended with %d and wrote %q:\n%.2000s", ending.signal, r.code, r.stdout, r.stderr)
		}
		if r := stop(); r.code != ending.code || r.stdout != "" {
			t.Errorf("%v: up ended with %d and wrote %q:\n%.2000s", ending.signal, r.code, r.stdout, r.stderr)
		}
	}
	stop := s.up()
	if diff := cmp.Diff(importFigures{len(ledger.Files), ledger.Totals}, s.importAll("archives")); diff != "" {
		t.Errorf("import --json (-ledger +printed):\n%s", diff)
	}
	checkLedger(s, ledger, ledger)
	s.settled(true)
	if r := stop(); r.code != 0 {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
}

// A command that finds no holder becomes one; others attach to it, and it stays
// until they have left.
func TestCommandWithoutAHolderBecomesOneAndLingers(t *testing.T) {
	t.Parallel()
	c := smallCampaign(63)
	ledger := c.Truth(c.Sites())
	s := newStudy(t, c, c.Sites())
	files := biggest(ledger)

	first, firstIn := s.feed()
	firstIn(s.unpacked(files[0].Name)) // more than a pipe holds: it reads, so it serves
	if s.holder() != first.process.Pid {
		t.Error("an import without a holder has not become one")
	}
	s.settledIn(true)
	second, secondIn := s.feed()
	secondIn(s.unpacked(files[1].Name)) // it is attached

	firstIn(nil)
	s.eventually("rows of the first import", func() bool {
		var rows []struct{ Imports int }
		s.sql(&rows, "SELECT count() AS imports FROM imports")
		return rows[0].Imports == 1
	})
	s.eventually("the holder says why it stays", func() bool {
		return strings.Contains(first.stderr.String(), "finished; other commands still use")
	})
	select {
	case r := <-first.ended:
		t.Fatalf("the holder left before the import that is attached to it, with %d:\n%s", r.code, r.stderr)
	default:
	}
	secondIn(nil)
	for i, r := range []*running{second, first} {
		ended := r.wait()
		if ended.code != 0 {
			t.Fatalf("%s ended with %d:\n%s", r.what, ended.code, ended.stderr)
		}
		if diff := cmp.Diff(importFigures{1, files[1-i].Figures}, s.figures(ended.stdout)); diff != "" {
			t.Errorf("import --json (-ledger +printed):\n%s", diff)
		}
	}
	s.settled(false)
}

// settledIn asks whether a command finds a holder.
func (s *testStudy) settledIn(attached bool) {
	s.t.Helper()
	var st status
	if err := json.Unmarshal([]byte(s.must("status", "--json")), &st); err != nil || st.Attached != attached {
		s.t.Errorf("status --json: %v, %+v", err, st)
	}
}

// feed starts an import of standard input. give passes on bytes, nil ends them;
// it returns when all but a pipe's worth of them was read.
func (s *testStudy) feed() (r *running, give func([]byte)) {
	s.t.Helper()
	in, out, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	r = s.begin(in, "import", "--json", "-")
	_ = in.Close() // the command has its own
	return r, func(b []byte) {
		s.t.Helper()
		if b == nil {
			_ = out.Close()
			return
		}
		if _, err := out.Write(b); err != nil {
			s.t.Fatalf("%s does not read: %v\n%s", r.what, err, r.stderr.String())
		}
	}
}

// A command that is its own holder, stopped or killed in its middle, loses
// nothing either.
func TestNothingIsLostWhenAOneShotImportEnds(t *testing.T) {
	t.Parallel()
	c := smallCampaign(64)
	ledger := c.Truth(c.Sites())
	s := newStudy(t, c, c.Sites())
	var content []byte
	for _, f := range ledger.Files {
		if f.Format == campaign.Twarc2 {
			content = append(content, s.unpacked(f.Name)...)
		}
	}
	for _, ending := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGINT, exitFailed}, {syscall.SIGKILL, -1}} {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		importing := s.begin(in, "import", "--json", "-")
		_ = in.Close()                // the command has its own
		for n := 0; err == nil; n++ { // until nobody reads any more
			if n == 3 {
				_ = importing.process.Signal(ending.signal)
			}
			_, err = out.Write(content)
		}
		_ = out.Close()
		if r := importing.wait(); r.code != ending.code || r.stdout != "" {
			t.Errorf("%v: the import ended with %d and wrote %q:\n%.2000s", ending.signal, r.code, r.stdout, r.stderr)
		}
	}
	defer s.up()()
	if diff := cmp.Diff(importFigures{len(ledger.Files), ledger.Totals}, s.importAll("archives")); diff != "" {
		t.Errorf("import --json (-ledger +printed):\n%s", diff)
	}
	w := newTruth(s, ledger)
	checkCards(s, w)
	checkTimeline(s, w)
	checkImports(s, ledger) // an import that was not finished is no line
}
