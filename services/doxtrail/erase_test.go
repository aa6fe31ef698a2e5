package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/audit"
	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// toErase is a case: the most shown card, the first post of another one, a channel
// of Telegram and an account of X.
type toErase struct {
	card, post, channel, account string
	path                         string
}

func (e toErase) lines() string {
	return strings.Join([]string{e.card, e.post, e.channel, e.account, ""}, "\n")
}

func pickToErase(t *testing.T, ledger campaign.Ledger) (e toErase) {
	t.Helper()
	most := 0
	for _, card := range ledger.Cards {
		if card.Posts > most && len(card.Sites) > 1 {
			most, e.path, e.card = card.Posts, card.Path, "https://"+card.Sites[0]+card.Path
		}
	}
	for _, card := range ledger.Cards {
		if card.FirstSeen.Platform == campaign.Telegram && card.Path != e.path {
			e.post = "https://t.me/c/" + card.FirstSeen.Channel + "/" + card.FirstSeen.Post
		}
	}
	for _, c := range ledger.Channels {
		switch {
		case c.CardPosts == 0 || strings.Contains(e.post, c.ID):
		case c.Platform == campaign.Telegram:
			e.channel = "telegram:" + c.ID
		case c.Platform == campaign.Twitter:
			e.account = "https://x.com/i/user/" + c.ID
		}
	}
	if e.card == "" || e.post == "" || e.channel == "" || e.account == "" {
		t.Fatalf("the campaign has not all that is to be erased: %+v", e)
	}
	return e
}

func TestWhatWasErasedDoesNotComeBack(t *testing.T) {
	t.Parallel()
	c := smallCampaign(93)
	ledger := c.Truth(c.Sites())
	e := pickToErase(t, ledger)
	s := newStudy(t, c, c.Sites())
	stop := s.up()
	defer stop()
	s.importAll("archives")
	older := s.backUp("older")
	before, conn := s.contents(), (&canaryWatch{testStudy: s}).attach()
	replayed := s.recordsNow(conn)

	dry := s.answer(e.lines(), "erase", "--case", "--reason", "a request", "--dry-run")
	if dry.code != exitDone || !strings.Contains(dry.stdout, "would erase ") || !strings.Contains(dry.stdout, "\n  RECORDS  ") {
		t.Errorf("erase --dry-run: exit %d\n%s%s", dry.code, dry.stdout, dry.stderr)
	}
	if before != s.contents() {
		t.Error("--dry-run changed the tables")
	}
	done := s.erases(e.lines(), "--case")
	for _, kind := range []string{"posts", "links", "shares", "locators"} {
		if done.Rows[kind] == 0 || done.Records["RECORDS"] <= done.Rows[kind] {
			t.Errorf("erased %v and %v", done.Rows, done.Records)
		}
	}
	if want := map[string]int64{"card": 1, "post": 1, "channel": 2}; fmt.Sprint(done.Targets) != fmt.Sprint(want) {
		t.Errorf("targets are %v", done.Targets)
	}
	after := s.contents()
	s.gone(ledger, e)

	// Whatever could bring it back: the records as they were, those that are left, the
	// older backup, the same files.
	left := s.recordsNow(conn)
	if len(left) >= len(replayed) {
		t.Errorf("RECORDS has %d records of %d", len(left), len(replayed))
	}
	s.replay(conn, replayed)
	sameText(t, "after a replay of all records", after, s.contents())
	s.must(append([]string{"restore"}, older[:2]...)...)
	sameText(t, "after a restore of an older backup", after, s.contents())
	s.importAnew()
	sameText(t, "after another import", after, s.contents())
	again := s.erases(e.lines(), "--case")
	if n := len(again.Rows); n != 0 {
		t.Errorf("a second erasure found %v", again.Rows)
	}
	newer := s.backUp("newer")
	closeConn(conn)
	stop()

	// In another place: the ring and an older backup of the data, then the newer one.
	other := newStudy(t, c, c.Sites())
	other.must(append([]string{"restore"}, newer...)...)
	other.must(append([]string{"restore"}, older...)...)
	defer other.up()()
	other.importAnew()
	sameText(t, "in another place", after, other.contents())
	lookForCanaries(t, c, s.path("newer.zip"), s.path("newer.age"))
	s.tellsNothing(e)
}

func sameText(t *testing.T, when, want, got string) {
	t.Helper()
	if want != got {
		t.Errorf("%s the tables hold\n%sand not\n%s", when, got, want)
	}
}

// gone asks the views as a researcher does, with keys made here.
func (s *testStudy) gone(ledger campaign.Ledger, e toErase) {
	s.t.Helper()
	ring, err := privacy.OpenRing(s.path("keys"))
	if err != nil {
		s.t.Fatal(err)
	}
	keyer := ring.Keyer()
	telegram := keyer.Channel(doxtrailv1.Platform_PLATFORM_TELEGRAM, strings.TrimPrefix(e.channel, "telegram:"))
	x := keyer.Channel(doxtrailv1.Platform_PLATFORM_TWITTER, strings.TrimPrefix(e.account, "https://x.com/i/user/"))
	channel, no, _ := strings.Cut(strings.TrimPrefix(e.post, "https://t.me/c/"), "/")
	post := keyer.Post(doxtrailv1.Platform_PLATFORM_TELEGRAM, channel, no)
	var rows []struct{ Cards, Links, Posts, Shares int }
	s.sql(&rows, fmt.Sprintf(`SELECT (SELECT uniqExact(card_key) FROM sightings) AS cards,
		(SELECT count() FROM links WHERE path_key = '%s' OR channel_key IN ('%s', '%s') OR post_key = '%s') AS links,
		(SELECT count() FROM posts WHERE channel_key IN ('%[2]s', '%[3]s') OR post_key = '%[4]s') AS posts,
		(SELECT count() FROM shares WHERE source_channel_key IN ('%[2]s', '%[3]s') OR source_post_key = '%[4]s') AS shares`, keyer.Path(e.path), telegram, x, post))
	if r := rows[0]; r.Links+r.Posts+r.Shares != 0 || r.Cards == 0 || r.Cards >= len(ledger.Cards) {
		s.t.Errorf("there is left: %+v of %d cards", r, len(ledger.Cards))
	}
}

// tellsNothing sees that neither the files beside the ring nor a receipt say what
// was erased, and that the audit log has each call.
func (s *testStudy) tellsNothing(e toErase) {
	s.t.Helper()
	for _, name := range []string{"keys/tombstones", "keys/" + audit.FileName} {
		info, err := os.Stat(s.path(name))
		if err != nil || info.Mode().Perm() != 0o600 {
			s.t.Errorf("%s: %v", name, err)
		}
		text := string(s.read(name))
		for _, word := range []string{strings.Trim(e.path, "/"), strings.TrimPrefix(e.channel, "telegram:"), "example"} {
			if strings.Contains(text, word) {
				s.t.Errorf("%s says what was erased", name)
			}
		}
	}
	var actions []string
	entries, err := audit.Open(s.path("keys/" + audit.FileName)).Read()
	for _, entry := range entries {
		actions = append(actions, entry.Action)
	}
	if want := "[erase-dry-run erase erase]"; err != nil || fmt.Sprint(actions) != want {
		s.t.Errorf("the audit log has %v, %v", actions, err)
	}
}

// Killed at any moment and run again, an erasure ends as one that was not.
func TestAKilledErasureIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	c := smallCampaign(94)
	e := pickToErase(t, c.Truth(c.Sites()))
	s := newStudy(t, c, c.Sites())
	s.importAll("archives")
	first := s.backUp("first")
	for i, sign := range []func() bool{
		func() bool { return fileSize(s.path("keys/"+audit.FileName)) > 0 },
		func() bool { return fileSize(s.path("keys/tombstones")) > 0 },
	} {
		r := s.begin(strings.NewReader(e.lines()), "erase", "--case", "--reason", "a request", "--receipt", fmt.Sprintf("receipt-%d", i))
		for tick := time.NewTicker(time.Millisecond); !sign(); <-tick.C {
			if s.t.Context().Err() != nil {
				t.Fatal("the erasure never began")
			}
		}
		if err := r.process.Kill(); err != nil {
			t.Fatal(err)
		}
		r.wait()
	}
	r := s.answer(e.lines(), "erase", "--case", "--reason", "a request", "--receipt", "receipt.json")
	if r.code != exitDone || !strings.Contains(r.stdout, ", 0 left; the receipt is signed") {
		t.Fatalf("erase: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if done := s.checkReceipt(s.read("receipt.json"), s.read("receipt.json.sig")); done.Scan.Total != 0 {
		t.Errorf("there is left: %+v", done.Scan)
	}
	s.noReplacedParts()
	twin := newStudy(t, c, c.Sites())
	twin.must(append([]string{"restore"}, first...)...)
	twin.erases(e.lines(), "--case")
	sameText(t, "after three kills", twin.contents(), s.contents())

	// A study that learns of it by a restore.
	late := newStudy(t, c, c.Sites())
	late.must(append([]string{"restore"}, first...)...)
	late.must(append([]string{"restore"}, s.backUp("second")...)...)
	late.noReplacedParts()
	sameText(t, "in another study", s.contents(), late.contents())
}

// noReplacedParts looks on the disk for parts in which erased rows may lie still: those
// of which there is a newer reading, all_1_1_0 beside all_1_1_0_4.
func (s *testStudy) noReplacedParts() {
	s.t.Helper()
	parts := 0
	for _, table := range []string{"posts", "links", "shares", "observations", "channels", "locators"} {
		found, err := filepath.Glob(s.path("data/clickhouse/data/doxtrail/" + table + "/all_*"))
		if err != nil {
			s.t.Fatal(err)
		}
		parts += len(found)
		for _, part := range found {
			if newer, _ := filepath.Glob(part + "_*"); len(newer) > 0 {
				s.t.Errorf("%s has a part of before the erasure", table)
			}
		}
	}
	if parts == 0 {
		s.t.Error("no part was found, not even one that counts")
	}
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Nothing is erased by mistake, and nothing typed is repeated.
func TestEraseRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	s := newStudy(t, smallCampaign(95), nil)
	s.write("there", "before")
	for _, tc := range []struct {
		lines, says string
		args        []string
	}{
		{"", "one of --card, --post", []string{"--reason", "x"}},
		{"", "one of --card, --post", []string{"--card", "--post", "--reason", "x"}},
		{"", "say why with --reason", []string{"--card"}},
		{"\n \n", "nothing came from standard input", []string{"--card", "--reason", "x"}},
		{"https://invented.example/chan-tai-man\nnonsense chan", "line 2 of standard input: it is no card", []string{"--card", "--reason", "x"}},
		{"https://invented.example/", "line 1 of standard input: it is no card", []string{"--card", "--reason", "x"}},
		{"https://t.me/invented_chan/7", "it is no card", []string{"--card", "--reason", "x"}},
		{"https://t.me/invented_chan", "it is no post", []string{"--post", "--reason", "x"}},
		{"https://t.me/invented_chan", "it is no account", []string{"--account", "--reason", "x"}},
		{"https://t.me/invented_chan/7", "it is no channel", []string{"--channel", "--reason", "x"}},
		{"@invented_chan", "it is no channel", []string{"--channel", "--reason", "x"}},
		{strings.Repeat("x", 1<<20), "longer than any address", []string{"--case", "--reason", "x"}},
		{"https://t.me/invented_chan", "never overwritten", []string{"--channel", "--reason", "x", "--receipt", "there"}},
		{"https://t.me/invented_chan", "folder that is not there", []string{"--channel", "--reason", "x", "--receipt", "no-chan-tai/new"}},
		{"https://t.me/invented_chan", "there is no receipt", []string{"--channel", "--reason", "x", "--receipt", "new", "--dry-run"}},
	} {
		r := s.answer(tc.lines, append([]string{"erase"}, tc.args...)...)
		if r.code != exitUsage || r.stdout != "" || !strings.Contains(r.stderr, tc.says) || strings.Contains(r.stderr, "chan-tai") || strings.Contains(r.stderr, "invented") {
			t.Errorf("erase %s: exit %d, %q", strings.Join(tc.args, " "), r.code, r.stderr)
		}
	}
	if _, err := os.Stat(s.path("data")); !os.IsNotExist(err) {
		t.Errorf("wrong use opened the data folder: %v", err)
	}
}
