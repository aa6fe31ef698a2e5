package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// afternoon is when the tests play the demo.
func afternoon() time.Time { return time.Date(2026, 11, 22, 15, 4, 5, 0, time.UTC) }

func newTestStage(t *testing.T) (*fake.Server, *campaign.Campaign, *stage) {
	t.Helper()
	telegram, err := fake.Start(t.Context(), fake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(telegram.Close)
	c := campaign.New(2019, campaign.Size{Posts: 1500, Channels: 10, Accounts: 8, Cards: 12})
	return telegram, c, newStage(telegram, c, afternoon())
}

func TestTheHistoryEndsBeforeToday(t *testing.T) {
	telegram, _, s := newTestStage(t)
	today := afternoon().Truncate(24 * time.Hour)
	posts := 0
	for _, channel := range telegram.Truth() {
		for _, p := range channel.Posts {
			posts++
			if !p.Date.Before(today) || p.Date.Before(today.AddDate(0, 0, -historyDays)) {
				t.Fatalf("a post of the history is dated %s", p.Date)
			}
		}
	}
	if s.albums == 0 || posts != s.held+2*s.albums {
		t.Errorf("%d messages for %d posts, %d of them albums of three", posts, s.held, s.albums)
	}
}

func TestWhatIsKeptBackCarriesCardsAndComesAfterTheHistory(t *testing.T) {
	telegram, _, s := newTestStage(t)
	if len(s.live) != liveCards {
		t.Fatalf("%d posts were kept back", len(s.live))
	}
	before := len(telegram.Truth())
	for _, i := range s.live {
		if !s.posts[i].Card || i < s.held || s.ids[i] != 0 {
			t.Errorf("post %d was kept back", i)
		}
		s.post(i, afternoon(), false)
		if s.ids[i] == 0 || s.labels[s.posts[i].Channel] == "" {
			t.Errorf("post %d was not posted in a watched channel", i)
		}
	}
	if len(telegram.Truth()) != before {
		t.Error("posting made channels")
	}
	s.edit(s.live[0])
	s.remove(s.live[1])
	edited, gone := 0, 0
	for _, channel := range telegram.Truth() {
		for _, e := range channel.Events {
			switch e.Kind {
			case fake.Edited:
				edited++
			case fake.Deleted:
				gone++
			}
		}
	}
	if edited != editedPosts+1 || gone != 1 {
		t.Errorf("%d posts were edited and %d deleted", edited, gone)
	}
}

func TestTimesKeepTheirOrderAndStayInTheDays(t *testing.T) {
	today := afternoon().Truncate(24 * time.Hour)
	last := today.AddDate(0, 0, -historyDays)
	for at := int64(1000); at <= 2000; at += 10 {
		got := told(at, 1000, 2000, today)
		if got.Before(last) || !got.Before(today) || got.Nanosecond() != 0 {
			t.Fatalf("%d became %s, after %s", at, got, last)
		}
		last = got
	}
	if got := told(5, 5, 5, today); !got.Equal(today.AddDate(0, 0, -historyDays)) {
		t.Errorf("a history of one moment is told at %s", got)
	}
}

func TestTheStudyNamesItsTelegramAndWatchesByHandle(t *testing.T) {
	telegram, c, s := newTestStage(t)
	dir := t.TempDir()
	if err := writeStudy(dir, telegram, "http://127.0.0.1:1", c); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		marker: "address: " + telegram.Address() + "\n", "telegram.pem": "RSA PUBLIC KEY", "api_hash": "0123456789abcdef",
		watchlistFile: "    name: " + s.posts[0].Channel.Name + "\n", "x_token": token,
	} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(content), want) {
			t.Errorf("%s lacks %q (%v)", name, want, err)
		}
	}
}

func TestTheStudyNamesItsX(t *testing.T) {
	telegram, c, _ := newTestStage(t)
	dir := t.TempDir()
	if err := writeStudy(dir, telegram, "http://127.0.0.1:1", c); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		marker: "api_url: http://127.0.0.1:1 ", watchlistFile: "    platform: twitter\n    name: " + c.LiveAccounts()[0].Name + "\n",
	} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(content), want) {
			t.Errorf("%s lacks %q (%v)", name, want, err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "x_token")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the token's file: %v, %v", info, err)
	}
}

func TestOnlyAFolderOfADemoIsRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo-live")
	for range 2 { // made, and made anew
		if err := emptied(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, marker), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other := t.TempDir()
	thesis := filepath.Join(other, "thesis.txt")
	if err := os.WriteFile(thesis, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := emptied(other); err == nil {
		t.Error("a folder of somebody else was taken")
	}
	if _, err := os.Stat(thesis); err != nil {
		t.Error(err)
	}
}

func TestWhatIsReadableIsFoundWhereverItStands(t *testing.T) {
	s := newSecrets([]campaign.Canary{{Kind: campaign.CanaryName, Value: "LowhTengYu"}, {Kind: campaign.CanaryPhrase, Value: "燈泡換咗三次"}, {Kind: campaign.CanaryName, Value: "short"}})
	if s.count != 2 {
		t.Errorf("%d values are looked for", s.count)
	}
	for name, tc := range map[string]struct {
		file, content string
		found         bool
	}{
		"nothing":     {"part.bin", "LowhTengY", false},
		"at the end":  {"part.bin", "\x00\x01LowhTengYu", true},
		"in the file": {"part.bin", "x燈泡換咗三次y", true},
		"in the name": {"LowhTengYu.bin", "", true},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, tc.file), []byte(tc.content), 0o600); err != nil {
			t.Fatal(err)
		}
		files, err := s.search(dir)
		if files != 1 || (err != nil) != tc.found {
			t.Errorf("%s: %d files, %v", name, files, err)
		}
		if err != nil && (!errors.Is(err, errReadable) || strings.Contains(err.Error(), "Lowh")) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestALogIsSearchedToo(t *testing.T) {
	s := newSecrets([]campaign.Canary{{Kind: campaign.CanaryName, Value: "LowhTengYu"}})
	log := filepath.Join(t.TempDir(), "up.log")
	for content, found := range map[string]bool{"level=INFO msg=collecting": false, "msg=LowhTengYu": true} {
		if err := os.WriteFile(log, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.searchFile(log); errors.Is(err, errReadable) != found {
			t.Errorf("in %q: %v", content, err)
		}
	}
}

func TestMedianAndLongest(t *testing.T) {
	ms := func(values ...int) (list []time.Duration) {
		for _, v := range values {
			list = append(list, time.Duration(v)*time.Millisecond)
		}
		return list
	}
	for _, tc := range []struct {
		list          []time.Duration
		middle, worst int
	}{{nil, 0, 0}, {ms(7), 7, 7}, {ms(9, 1, 5), 5, 9}, {ms(4, 1, 2, 3000), 3, 3000}} {
		got := []time.Duration{median(tc.list), longest(tc.list)}
		if d := cmp.Diff(ms(tc.middle, tc.worst), got); d != "" {
			t.Errorf("of %v (-want +got):\n%s", tc.list, d)
		}
	}
}

func TestBarsGrowWithPostsAndNewDaysAreMarked(t *testing.T) {
	day := func(n, posts int) bucket { return bucket{At: afternoon().AddDate(0, 0, n), Posts: posts} }
	before := []bucket{day(0, 4)}
	after := []bucket{day(0, 4), day(1, 8)}
	if got := added(before, after); got != 8 {
		t.Errorf("%d posts are new", got)
	}
	var out bytes.Buffer
	(&demo{w: &out}).draw(after, mostPosts(after), " <- now")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || strings.Count(lines[0], "█") != barWidth/2 || strings.Count(lines[1], "█") != barWidth || !strings.Contains(lines[1], "8 posts") {
		t.Errorf("drawn:\n%s", out.String())
	}
}

func TestWrongUseIsAnError(t *testing.T) {
	for _, args := range [][]string{{}, {"-binary", "x"}, {"-out", "x"}, {"-nothing"}} {
		var stdout, stderr bytes.Buffer
		if err := run(t.Context(), args, &stdout, &stderr); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}
