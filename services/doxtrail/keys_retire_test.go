package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/audit"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// ringID is the id of the study's ring, as `keys show` prints it.
func (s *testStudy) ringID() string {
	s.t.Helper()
	ring, err := privacy.DescribeRing(s.path("keys"))
	if err != nil {
		s.t.Fatal(err)
	}
	return ring.ID
}

func (s *testStudy) retire(answer string, args ...string) result {
	s.t.Helper()
	return s.answer(answer+"\n", append([]string{"keys", "retire", "--study", "--reason", "the study is over"}, args...)...)
}

// What a retired ring leaves: tables that answer and locators that open; nothing is
// added, and the key is gone.
func TestARetiredStudyAnswersAndTakesNothingIn(t *testing.T) {
	t.Parallel()
	c := smallCampaign(83)
	s := newStudy(t, c, c.Sites())
	files := archives(c.Truth(c.Sites()))
	s.importAll(files[:len(files)-1]...)
	id := s.ringID()
	const question = "SELECT count(), countIf(is_site_sighting), max(posted_at) FROM sightings"
	before := s.must("sql", question) + s.must("query", "--format", "tsv", "card_spread")
	keys := s.column("SELECT DISTINCT path_key FROM sightings WHERE NOT is_site_sighting")
	pages, _ := s.locate(keys)

	stop := s.up()
	if r := s.retire(id); r.code != exitFailed || !strings.Contains(r.stderr, "another process serves this data folder") {
		t.Errorf("retire beside `up`: exit %d, %q", r.code, r.stderr)
	}
	stop()
	for what, r := range map[string]result{
		"without --study": s.answer(id+"\n", "keys", "retire", "--reason", "x"),
		"without why":     s.answer(id+"\n", "keys", "retire", "--study"),
		"another id":      s.retire("0123456789abcdef"),
		"no id":           s.retire(""),
	} {
		if r.code != exitUsage {
			t.Errorf("retire, %s: exit %d, %q", what, r.code, r.stderr)
		}
	}
	s.importAll(files[0]) // nothing of this retired it

	for _, again := range []bool{false, true} {
		if r := s.retire(id); r.code != exitDone || !strings.HasPrefix(r.stdout, "retired key ring "+id) {
			t.Fatalf("retire, again %t: exit %d, %q", again, r.code, r.stderr)
		}
		if _, err := os.Lstat(s.path("keys/pseudonym.key")); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("the key is still there: %v", err)
		}
	}
	const sentence = "the study's key ring is retired: nothing can be added to the study any more"
	for _, args := range [][]string{{"import", "archives"}, {"up"}, {"status"}, {"channels", "list"}} {
		if r := s.run(args...); r.code != exitFailed || !strings.Contains(r.stderr, sentence) || r.stdout != "" {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", args[0], r.code, r.stdout, r.stderr)
		}
	}
	if r := s.run("doctor"); r.code != exitFailed || !strings.Contains(r.stdout, "there is nothing to mend") {
		t.Errorf("doctor: exit %d\n%s", r.code, r.stdout)
	}
	if out := s.must("keys", "show"); !strings.Contains(out, id) || !strings.Contains(out, "\nretired ") {
		t.Errorf("keys show prints %q", out)
	}
	if diff := cmp.Diff(before, s.must("sql", question)+s.must("query", "--format", "tsv", "card_spread")); diff != "" {
		t.Errorf("answers (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(pages, first(s.locate(keys))); diff != "" {
		t.Errorf("locators (-before +after):\n%s", diff)
	}
	entries, err := audit.Open(s.path("keys/" + audit.FileName)).Read()
	if err != nil || len(entries) != 4 || entries[1].Action != "retire" || entries[1].Reason != "the study is over" {
		t.Errorf("audit log: %+v, %v", entries, err)
	}
}

func first[A, B any](a A, _ B) A { return a }

// A retired ring does not open the data of another study either.
func TestARetiredRingOfAnotherStudyIsRefused(t *testing.T) {
	t.Parallel()
	c := smallCampaign(84)
	s, other := newStudy(t, c, c.Sites()), newStudy(t, c, c.Sites())
	s.must("status")
	other.must("keys", "init")
	if r := other.retire(other.ringID()); r.code != exitDone { // of a study without data
		t.Fatalf("retire: exit %d, %q", r.code, r.stderr)
	}
	if r := s.run("--keys", other.path("keys"), "sql", "SELECT 1"); r.code != exitUsage || !strings.Contains(r.stderr, "made with key ring "+s.ringID()) {
		t.Errorf("exit %d, %q", r.code, r.stderr)
	}
}

func TestTheRingIsBackedUpAlone(t *testing.T) {
	t.Parallel()
	c := smallCampaign(85)
	s := newStudy(t, c, c.Sites())
	s.must("keys", "init")
	id := s.ringID()
	const secret = "four invented test words\n"
	if r := s.answer(secret, "keys", "backup", "ring.age", "--passphrase-file", "-"); r.code != exitDone || r.stdout != "keys: ring "+id+", locked\n" {
		t.Fatalf("backup: exit %d, %q, %q", r.code, r.stdout, r.stderr)
	}
	if _, err := os.Stat(s.path("data")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a data folder was made: %v", err)
	}
	for what, r := range map[string]result{
		"no passphrase": s.run("keys", "backup", "other.age"),
		"no file":       s.answer(secret, "keys", "backup"),
		"over a file":   s.answer(secret, "keys", "backup", "ring.age", "--passphrase-file", "-"),
		"beside it":     s.answer(secret, "keys", "backup", "keys/ring.age", "--passphrase-file", "-"),
	} {
		if r.code != exitUsage || r.stdout != "" {
			t.Errorf("backup, %s: exit %d, %q", what, r.code, r.stderr)
		}
	}
	if r := s.answer("another passphrase\n", "--keys", "again", "keys", "restore", "ring.age", "--passphrase-file", "-"); r.code != exitFailed || !strings.Contains(r.stderr, "wrong passphrase") {
		t.Errorf("restore with another passphrase: exit %d, %q", r.code, r.stderr)
	}
	if r := s.answer(secret, "--keys", "again", "keys", "restore", "ring.age", "--passphrase-file", "-"); r.code != exitDone || r.stdout != "keys: ring "+id+"\n" {
		t.Errorf("restore: exit %d, %q, %q", r.code, r.stdout, r.stderr)
	}
	again, err := privacy.OpenRing(s.path("again"))
	if err != nil || again.ID() != id {
		t.Errorf("the restored ring does not open: %v", err)
	}
}
