package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/privacy"
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
	for _, file := range []string{"pseudonym.key", "state.key", "failed.key", "custodian.pub"} {
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

// A copy of the data folder must not hold the key ring: not by a link, and not
// because a command made a ring before it looked where.
func TestNoKeyRingLiesInsideTheData(t *testing.T) {
	t.Parallel()
	s := newStudy(t, &campaign.Campaign{}, nil)
	s.write("doxtrail.yaml", "data: data\nkeys: keys\n")
	for _, dir := range []string{"data", "data/behind"} {
		if err := os.Mkdir(s.path(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"link": "data/behind", "other": "data", "keys": "link"} {
		if err := os.Symlink(to, s.path(link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"keys", "init"},
		{"status"},
		{"--keys", "data/new", "status"},
		{"--keys", "data/new", "keys", "init"},
		{"--keys", "link/new", "keys", "init"},
		{"--data", "other", "--keys", "data/new", "keys", "init"},
		{"restore", "--keys-file", "nosuch"},
	} {
		r := s.run(args...)
		if r.code != exitUsage || !strings.Contains(r.stderr, "key ring lies inside the data folder") {
			t.Errorf("%s ends with %d and %q", args, r.code, r.stderr)
		}
	}
	for _, dir := range []string{"data/new", "data/behind/new", "data/behind/ring.json"} {
		if _, err := os.Lstat(s.path(dir)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was made: %v", dir, err)
		}
	}
	if r := s.run("doctor"); r.code != exitFailed || !strings.Contains(r.stdout, "FAIL  key ring outside the data folder") {
		t.Errorf("doctor ends with %d and prints %s", r.code, r.stdout)
	}
	s.must("--keys", "apart/from/the/data", "keys", "init")
	r := s.run("--keys", "apart/from/the/data", "backup", "--keys-file", "link/study.age")
	if r.code != exitUsage || !strings.Contains(r.stderr, "neither in the data folder nor beside the keys") {
		t.Errorf("a backup into the data ends with %d and %q", r.code, r.stderr)
	}
}

// A study's note and a backup's manifest are files like any other: what they
// call a ring is shown only if it can be one.
func TestWhatIsNoRingIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := newStudy(t, &campaign.Campaign{}, nil)
	s.write("doxtrail.yaml", "data: data\nkeys: keys\n")
	s.must("keys", "init")
	if err := os.Mkdir(s.path("data"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.write("data/study.json", `{"ring":"chan-invented"}`)
	if r := s.run("status"); r.code != exitFailed || !strings.Contains(r.stderr, "study.json is damaged") || strings.Contains(r.stderr, "chan") {
		t.Errorf("status ends with %d and %q", r.code, r.stderr)
	}
	file, err := os.Create(s.path("study.zip"))
	if err != nil {
		t.Fatal(err)
	}
	written := newDataWriter(file, manifest{Format: dataFormat, Ring: "chan-invented"})
	key, err := privacy.OpenRing(s.path("keys"))
	if err == nil {
		err = errors.Join(written.close(key.StateKey()), file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if r := s.run("restore", "--data-file", "study.zip"); r.code != exitFailed || !strings.Contains(r.stderr, errDamaged.Error()) {
		t.Errorf("restore ends with %d and %q", r.code, r.stderr)
	}
}
