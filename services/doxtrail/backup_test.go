package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// stored is the number of rows of each table and a sum over them. Locators are sealed
// anew by each study that reads a post, so of theirs the keys count, and whether each
// has its data key.
func (s *testStudy) stored() map[string]string {
	s.t.Helper()
	sums := make([]string, 0, len(store.Kinds()))
	for _, kind := range store.Kinds() {
		rows := "count() AS n, sum(sipHash64(toString(tuple(*)))) AS sum FROM doxtrail." + string(kind) + " FINAL"
		switch kind {
		case store.KindLocators:
			rows = "count() AS n, sum(sipHash64(target_key, kind, part_key)) AS sum FROM doxtrail.locators FINAL"
		case store.KindLocatorKeys:
			rows = "countIf(locator_key_id NOT IN (SELECT locator_key_id FROM doxtrail.locator_keys)) AS n, 0 AS sum FROM doxtrail.locators FINAL"
		}
		sums = append(sums, fmt.Sprintf("SELECT '%s' AS kind, %s", kind, rows))
	}
	return map[string]string{
		"rows of all tables": s.must("sql", "--operator", "--format", "jsonl", "SELECT * FROM ("+strings.Join(sums, " UNION ALL ")+") ORDER BY kind"),
		"import_ledger":      s.must("query", "--format", "jsonl", "import_ledger"),
	}
}

// backUp writes both files of a backup and returns how they are named.
func (s *testStudy) backUp(name string) []string {
	s.t.Helper()
	s.write("passphrase", "four invented test words\n")
	files := []string{"--data-file", s.path(name + ".zip"), "--keys-file", s.path(name + ".age"), "--passphrase-file", s.path("passphrase")}
	out := s.must(append([]string{"backup"}, files...)...)
	if !strings.HasPrefix(out, "data: ") || !strings.Contains(out, "\nkeys: ring ") {
		s.t.Errorf("backup printed %q", out)
	}
	return files
}

func TestRestoredStudyAnswersAsTheOneThatWasBackedUp(t *testing.T) {
	t.Parallel()
	c := smallCampaign(71)
	files := archives(c.Truth(c.Sites()))
	last := len(files) - 1
	s, other := newStudy(t, c, c.Sites()), newStudy(t, c, c.Sites())
	defer s.up()()
	s.importAll(files[:last]...)
	older := s.backUp("older")
	lookForCanaries(t, c, s.path("older.zip"), s.path("older.age"))

	other.must(append([]string{"restore"}, older...)...)
	defer other.up()()
	sameAnswers(t, "restored elsewhere", s.snapshot(), other.snapshot())
	sameAnswers(t, "restored elsewhere", s.stored(), other.stored())

	// The restored study goes on as the other does.
	for _, study := range []*testStudy{s, other} {
		study.importAll(files[last])
	}
	sameAnswers(t, "after one more file", s.stored(), other.stored())

	card, channel := s.eraseSome()
	s.must(append([]string{"restore"}, older[:2]...)...) // the data alone, into a study that is served
	s.erased("after an older backup was restored", card, channel)
	newer := s.backUp("newer")
	other.must(append([]string{"restore"}, newer...)...)
	other.must(append([]string{"restore"}, older...)...)
	other.erased("where a newer backup was restored, then the older one", card, channel)
	sameAnswers(t, "after the erasures", s.stored(), other.stored())
}

// eraseSome decides that a card and a channel are erased, as rows: what is
// erased has its tombstones before anything is deleted.
func (s *testStudy) eraseSome() (card, channel string) {
	s.t.Helper()
	var found []struct{ Card, Channel string }
	s.sql(&found, `SELECT toString(assumeNotNull(card_key)) AS card, toString(argMax(channel_key, posted_at)) AS channel
		FROM sightings WHERE NOT is_site_sighting GROUP BY card_key ORDER BY count() DESC LIMIT 1`)
	rows := store.NewRows()
	for _, text := range []string{found[0].Card, found[0].Channel} {
		var key privacy.Key
		if err := key.UnmarshalText([]byte(text)); err != nil {
			s.t.Fatal(err)
		}
		record, err := proto.Marshal(doxtrailv1.Decision_builder{
			Kind: doxtrailv1.DecisionKind_DECISION_KIND_ERASED.Enum(), TargetKey: key.Bytes(), InForce: proto.Bool(true), Generation: proto.Uint64(1),
		}.Build())
		if err != nil {
			s.t.Fatal(err)
		}
		if err := rows.Append(store.KindDecisions, doxtrailv1.Platform_PLATFORM_WEB, record); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := (&canaryWatch{testStudy: s}).tables().Insert(s.t.Context(), rows); err != nil {
		s.t.Fatal(err)
	}
	return found[0].Card, found[0].Channel
}

// erased asks that nothing is left of a card and a channel, and of others is.
func (s *testStudy) erased(when, card, channel string) {
	s.t.Helper()
	var rows []struct{ Card, Posts, Links, Shares, Others int }
	s.sql(&rows, fmt.Sprintf(`SELECT (SELECT count() FROM sightings WHERE card_key = '%[1]s') AS card,
		(SELECT count() FROM posts WHERE channel_key = '%[2]s') AS posts,
		(SELECT count() FROM links WHERE channel_key = '%[2]s') AS links,
		(SELECT count() FROM shares WHERE channel_key = '%[2]s' OR source_channel_key = '%[2]s') AS shares,
		(SELECT count() FROM sightings) AS others`, card, channel))
	if r := rows[0]; r.Card+r.Posts+r.Links+r.Shares != 0 || r.Others == 0 {
		s.t.Errorf("%s, there is left: %+v", when, r)
	}
}

// lookForCanaries reads the files of a backup as they lie there, and what they
// hold once unpacked.
func lookForCanaries(t *testing.T, c *campaign.Campaign, data, keys string) {
	t.Helper()
	scanner, err := privacytest.NewScanner(canaries(c))
	if err != nil {
		t.Fatal(err)
	}
	found := leaks{}
	for _, path := range []string{data, keys} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s can be read by others: %o", filepath.Base(path), mode)
		}
		found.add(filepath.Base(path), scanner.ScanBytes(contentOf(t, path)))
	}
	z, err := zip.OpenReader(data)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	size := 0
	for _, entry := range z.File {
		r, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		size += len(content)
		found.add(entry.Name, scanner.ScanBytes(content))
	}
	if size < 1<<20 {
		t.Errorf("only %d bytes to look at", size)
	}
	found.report(t)
}

// What a backup refuses, and that it leaves what is there alone.
func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	c := smallCampaign(72)
	s := newStudy(t, c, c.Sites())
	s.must("keys", "init")
	s.write("there", "before")
	s.write("passphrase", "four invented test words\n")
	s.write("short", "short\n")
	for _, tc := range []struct {
		args []string
		says string
	}{
		{nil, "name --data-file, --keys-file or both"},
		{[]string{"--data-file", "x", "--keys-file", "x"}, "a file each"},
		{[]string{"--data-file", "there"}, "never overwrites"},
		{[]string{"--keys-file", "there", "--passphrase-file", "passphrase"}, "never overwrites"},
		{[]string{"--data-file", "data/x"}, "neither in the data folder nor beside the keys"},
		{[]string{"--keys-file", "keys/x"}, "neither in the data folder nor beside the keys"},
		{[]string{"--keys-file", "x"}, "name a file with --passphrase-file"},
		{[]string{"--keys-file", "x", "--passphrase-file", "short"}, "shorter than 12"},
		{[]string{"--keys-file", "x", "--passphrase-file", "missing"}, "--passphrase-file cannot be read"},
	} {
		r := s.run(append([]string{"backup"}, tc.args...)...)
		if r.code != exitUsage || r.stdout != "" || !strings.Contains(r.stderr, tc.says) {
			t.Errorf("backup %s: exit %d, stdout %q, stderr %q", strings.Join(tc.args, " "), r.code, r.stdout, r.stderr)
		}
	}
	r := s.run("backup", "--data-file", "x", "--wait", "0s")
	if r.code != exitFailed || !strings.Contains(r.stderr, "see `doxtrail status`, or give it more time") {
		t.Errorf("a backup that may not wait: exit %d, stderr %q", r.code, r.stderr)
	}
	if string(s.read("there")) != "before" {
		t.Error("a file was overwritten")
	}
	if left, err := filepath.Glob(s.path("x*")); err != nil || len(left) > 0 {
		t.Errorf("refused backups left %d files, %v", len(left), err)
	}
}

// A data file can be told from every damage of it.
func TestEveryDamageOfADataFileIsNoticed(t *testing.T) {
	ring, err := privacy.CreateRing(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "data.zip")
	good := dataFile(t, ring, 2)
	for at := range good {
		damaged := bytes.Clone(good)
		damaged[at] ^= 0x10
		if text := readBack(t, path, damaged, ring); text != "" && text != content {
			t.Fatalf("byte %d of %d flipped: other content is believed", at, len(good))
		}
		if at%7 == 0 && readBack(t, path, good[:at], ring) != "" {
			t.Fatalf("cut to %d of %d bytes: it is believed", at, len(good))
		}
	}
	if readBack(t, path, good, ring) != content {
		t.Error("the file itself is not believed")
	}
	another, err := privacy.CreateRing(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	if readBack(t, path, good, another) != "" {
		t.Error("a file that was sealed by another ring is believed")
	}
}

const content = "rows that nobody may change"

// dataFile is a small data file of a ring and a schema.
func dataFile(t *testing.T, ring *privacy.Ring, schema uint32) []byte {
	t.Helper()
	var b bytes.Buffer
	d := newDataWriter(&b, manifest{Format: dataFormat, Ring: ring.ID(), Schema: schema})
	if err := d.add("tables/posts.tsv", whole([]byte(content))); err != nil {
		t.Fatal(err)
	}
	if err := d.close(ring.StateKey()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readBack gives what is in a file that is believed, "" for one that is not.
func readBack(t *testing.T, path string, file []byte, ring *privacy.Ring) string {
	t.Helper()
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := openDataFile(path)
	if err != nil {
		return ""
	}
	defer d.close()
	if d.checkSeal(ring.StateKey()) != nil {
		return ""
	}
	text, err := d.read("tables/posts.tsv")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
