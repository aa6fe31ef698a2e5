package main

import (
	"os"
	"strings"
	"testing"
)

// A study whose ring is elsewhere, lost or damaged gets no new one, which could
// not read it; each command says so, and `doctor` before it opens anything.
func TestAStudyWithoutItsRingIsRefused(t *testing.T) {
	t.Parallel()
	c := smallCampaign(76)
	s := newStudy(t, c, c.Sites())
	for _, command := range [][]string{{"keys", "show"}, {"backup", "--data-file", "x"}} {
		if r := s.run(command...); r.code != exitUsage || !strings.Contains(r.stderr, "there is no key ring here") {
			t.Errorf("%s without a ring: exit %d\n%s", command[0], r.code, r.stderr)
		}
	}
	s.must("status")
	for _, command := range []string{"status", "up", "doctor"} {
		r := s.run("--keys", "elsewhere", command)
		if r.code == exitDone || !strings.Contains(r.stderr+r.stdout, "but --keys holds none") {
			t.Errorf("%s with another --keys: exit %d\n%s%s", command, r.code, r.stdout, r.stderr)
		}
	}
	if _, err := os.Stat(s.path("elsewhere")); !os.IsNotExist(err) {
		t.Errorf("a second ring was made: %v", err)
	}
	for _, file := range []string{"pseudonym.key", "state.key", "failed.key"} {
		path := s.path("keys/" + file)
		content := s.read("keys/" + file)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if r := s.run("doctor"); r.code != exitFailed || !strings.Contains(r.stdout, "FAIL  key ring") || strings.Contains(r.stdout, "ok    servers") {
			t.Errorf("doctor without %s: exit %d\n%s", file, r.code, r.stdout)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.must("doctor")
}
