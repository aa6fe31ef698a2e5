package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

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

// appears waits for a file that a command makes.
func appears(t *testing.T, r *running, path string) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(path); err == nil {
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
