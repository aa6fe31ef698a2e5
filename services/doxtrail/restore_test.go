package main

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// What cannot be restored is refused before anything is changed.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	c := smallCampaign(73)
	s, other := newStudy(t, c, nil), newStudy(t, c, nil)
	s.must("keys", "init")
	other.must("keys", "init")
	ring, err := privacy.OpenRing(s.path("keys"))
	if err != nil {
		t.Fatal(err)
	}
	latest, err := store.LatestSchema()
	if err != nil {
		t.Fatal(err)
	}
	whole := string(dataFile(t, ring, latest))
	s.write("whole", whole)
	s.write("cut", whole[:len(whole)/2])
	s.write("newer", string(dataFile(t, ring, latest+1)))
	s.write("passphrase", "four invented test words\n")
	s.write("wrong", "four other test words\n")
	s.must("backup", "--keys-file", "ring.age", "--passphrase-file", "passphrase")
	for _, tc := range []struct {
		keys string
		args []string
		says string
	}{
		{"keys", nil, "name --data-file, --keys-file or both"},
		{"keys", []string{"--data-file", "missing"}, "--data-file cannot be opened"},
		{"keys", []string{"--data-file", "doxtrail.yaml"}, errDamaged.Error()},
		{"keys", []string{"--data-file", "cut"}, errDamaged.Error()},
		{"keys", []string{"--data-file", "newer"}, "made by a newer doxtrail"},
		{other.path("keys"), []string{"--data-file", "whole"}, "but the ring here is"},
		{other.path("keys"), []string{"--keys-file", "ring.age", "--passphrase-file", "passphrase"}, "name another folder with --keys"},
		{"nokeys", []string{"--data-file", "whole"}, "there is no key ring here"},
		{"nokeys", []string{"--keys-file", "missing", "--passphrase-file", "passphrase"}, "--keys-file cannot be opened"},
		{"nokeys", []string{"--keys-file", "ring.age", "--passphrase-file", "wrong"}, "wrong passphrase"},
		{"nokeys", []string{"--keys-file", "whole", "--passphrase-file", "passphrase"}, "no such backup"},
		{"nokeys", []string{"--data-file", "cut", "--keys-file", "ring.age", "--passphrase-file", "passphrase"}, errDamaged.Error()},
	} {
		r := s.run(append([]string{"restore", "--keys", tc.keys}, tc.args...)...)
		if r.code == exitDone || r.stdout != "" || !strings.Contains(r.stderr, tc.says) || strings.Count(r.stderr, "\n") != 1 {
			t.Errorf("restore %s with %s: exit %d, stdout %q, stderr %q", strings.Join(tc.args, " "), tc.keys, r.code, r.stdout, r.stderr)
		}
	}
	for _, path := range []string{"data", "nokeys"} {
		if _, err := os.Stat(s.path(path)); !os.IsNotExist(err) {
			t.Errorf("%s was made: %v", path, err)
		}
	}
}

// Killed wherever it may be, a restore leaves a folder that says so, and the
// next one goes on to the end.
func TestARestoreThatWasKilledIsFinishedByAnother(t *testing.T) {
	t.Parallel()
	c := smallCampaign(74)
	s, other := newStudy(t, c, c.Sites()), newStudy(t, c, c.Sites())
	s.importAll("archives")
	restoring := append([]string{"restore"}, s.backUp("study")...)
	refused := [][]string{{"query", "card_spread"}, {"status"}, {"up"}, {"import", "archives"}}
	for _, sign := range []string{"data/" + restoringName, "data/run.json", "data/clickhouse/metadata/restore_doxtrail/locators.sql"} {
		r := other.begin(nil, restoring...)
		appears(t, r, other.path(sign))
		if err := r.process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if ended := r.wait(); ended.code != -1 {
			t.Fatalf("the restore ended with %d before it was killed at %s:\n%s", ended.code, sign, ended.stderr)
		}
		for _, command := range refused {
			r := other.run(command...)
			if r.code != exitUsage || r.stdout != "" || !strings.Contains(r.stderr, "left half a study") {
				t.Errorf("killed at %s, %s ended with %d and wrote %q:\n%s", sign, command[0], r.code, r.stdout, r.stderr)
			}
		}
		refused = refused[:1]
	}
	other.must(restoring...)
	defer s.up()()
	defer other.up()()
	sameAnswers(t, "restored in several goes", s.stored(), other.stored())
}

// Two restores into one folder would mix what they stage.
func TestOneRestoreAtATime(t *testing.T) {
	t.Parallel()
	c := smallCampaign(78)
	s, other := newStudy(t, c, c.Sites()), newStudy(t, c, c.Sites())
	s.importAll("archives")
	restoring := append([]string{"restore"}, s.backUp("study")...)
	first := other.begin(nil, restoring...)
	appears(t, first, other.path("data/"+restoringName))
	signal := func(how syscall.Signal) {
		if err := first.process.Signal(how); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	if r := other.run(restoring...); r.code != exitUsage || !strings.Contains(r.stderr, "another restore") {
		t.Errorf("a second restore ended with %d:\n%s", r.code, r.stderr)
	}
	signal(syscall.SIGCONT)
	if r := first.wait(); r.code != exitDone {
		t.Errorf("the first ended with %d:\n%s", r.code, r.stderr)
	}
	if diff := cmp.Diff(s.must("query", "import_ledger"), other.must("query", "import_ledger")); diff != "" {
		t.Errorf("restored (-studied +restored):\n%s", diff)
	}
}

// A restore that fails before it has changed anything leaves the study as it was.
func TestARestoreThatDidNotBeginLeavesTheStudyOpen(t *testing.T) {
	t.Parallel()
	c := smallCampaign(77)
	s := newStudy(t, c, c.Sites())
	s.importAll("archives")
	files := s.backUp("study")
	s.write("broken.yaml", "watchlist: nosuch.yaml\ndata: data\nkeys: keys\n")
	if r := s.run(append([]string{"--config", "broken.yaml", "restore"}, files...)...); r.code != exitUsage {
		t.Errorf("a restore without its watch list ended with %d:\n%s", r.code, r.stderr)
	}
	s.must("query", "card_spread")
}

// carryHome backs up a study that lies on servers and restores it into a data
// folder, where no watch list file is, and back again.
func (s *testStudy) carryHome() {
	s.t.Helper()
	files := s.backUp("servers")
	home := &testStudy{t: s.t, dir: s.t.TempDir()}
	home.temp = home.dir
	home.write("doxtrail.yaml", "data: data\nkeys: keys\n")
	home.must(append([]string{"restore"}, files[2:]...)...) // the keys alone
	home.must("status")                                     // makes an empty study
	home.must(append([]string{"restore"}, files[:2]...)...)
	for _, query := range []string{"mirror_spread", "import_ledger", "coverage"} {
		want := s.must("query", "--format", "jsonl", query)
		if got := home.must("query", "--format", "jsonl", query); got != want || want == "" {
			s.t.Errorf("%s, on servers and in a folder:\n%s", query, cmp.Diff(want, got))
		}
	}
	const sums = `SELECT count() AS n, sum(sipHash64(toString(tuple(*)))) AS posts,
		(SELECT sum(sipHash64(toString(tuple(*)))) FROM sightings) AS sightings FROM posts`
	want := s.must("sql", "--format", "csv", sums)
	s.must(append([]string{"restore"}, files[:2]...)...)
	if again := s.must("sql", "--format", "csv", sums); again != want {
		s.t.Errorf("restored into the study itself: %s, before %s", again, want)
	}
}

// At a terminal the passphrase is asked for, and not shown.
func TestThePassphraseIsAskedForAtATerminal(t *testing.T) {
	t.Parallel()
	s := newStudy(t, smallCampaign(75), nil)
	s.must("keys", "init")
	const secret = "four invented test words"
	for _, tc := range []struct {
		args    []string
		answers []string
		code    int
		says    string
	}{
		{[]string{"backup", "--keys-file", "a.age"}, []string{secret, "another"}, exitUsage, "the two passphrases differ"},
		{[]string{"backup", "--keys-file", "b.age"}, []string{secret, secret}, exitDone, "keys: ring "},
		{[]string{"restore", "--keys", "copy", "--keys-file", "b.age"}, []string{secret}, exitDone, "keys: ring "},
	} {
		outside, inside := terminal(t)
		cmd := s.command(t.Context(), tc.args...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = inside, inside, inside
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_ = inside.Close()
		var shown strings.Builder
		part := make([]byte, 1<<10)
		for answers := tc.answers; ; {
			n, err := outside.Read(part)
			shown.Write(part[:n])
			if len(answers) > 0 && strings.Count(shown.String(), ": ") > len(tc.answers)-len(answers) {
				s.silent(outside)
				if _, err := outside.WriteString(answers[0] + "\n"); err != nil {
					t.Fatal(err)
				}
				answers = answers[1:]
			}
			if err != nil { // how a terminal says that nobody writes any more
				break
			}
		}
		_ = cmd.Wait() // the exit code tells
		if text := shown.String(); cmd.ProcessState.ExitCode() != tc.code || !strings.Contains(text, tc.says) || strings.Contains(text, secret) {
			t.Errorf("%s ended with %d and showed %q", tc.args[0], cmd.ProcessState.ExitCode(), text)
		}
	}
}

// Ctrl-C ends the question, and what is typed is shown again.
func TestCtrlCEndsTheQuestionForThePassphrase(t *testing.T) {
	t.Parallel()
	s := newStudy(t, smallCampaign(75), nil)
	s.must("keys", "init")
	outside, inside := terminal(t)
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	cmd := s.command(ctx, "backup", "--keys-file", "x.age")
	var stderr syncBuffer
	cmd.Stdin, cmd.Stderr = inside, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.silent(outside)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code tells
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(stderr.String(), "stopped") {
		t.Errorf("it ended with %d:\n%s", code, stderr.String())
	}
	state, err := unix.IoctlGetTermios(int(outside.Fd()), unix.TCGETS)
	if err != nil || state.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal was left silent: %v", err)
	}
}

// silent waits until a terminal shows nothing of what is typed.
func (s *testStudy) silent(terminal *os.File) {
	s.t.Helper()
	s.eventually("the terminal is silent", func() bool {
		state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
		if err != nil {
			s.t.Fatal(err)
		}
		return state.Lflag&unix.ECHO == 0
	})
}

// appears waits for a file that a command writes. That of a restore is empty
// until the restore has locked it.
func appears(t *testing.T, r *running, path string) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			return
		}
		select {
		case <-tick.C:
		case ended := <-r.ended:
			r.ended <- ended
			t.Fatalf("%s ended with %d:\n%s", r.what, ended.code, ended.stderr)
		}
	}
}
