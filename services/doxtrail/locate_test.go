package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/audit"
	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
)

const locateReason = "notice 12 to the host"

// locate asks for keys and gives what is shown of them, and how the command ended.
func (s *testStudy) locate(keys []string, args ...string) ([]shownLocator, result) {
	s.t.Helper()
	r := s.answer(strings.Join(keys, "\n")+"\n", append([]string{"locate", "--print", "--reason", locateReason}, args...)...)
	var shown []shownLocator
	for line := range strings.Lines(r.stdout) {
		var l shownLocator
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&l); err != nil {
			s.t.Fatalf("locate printed a line that is no locator: %v", err)
		}
		shown = append(shown, l)
	}
	return shown, r
}

// column asks for one column of text.
func (s *testStudy) column(statement string) []string {
	s.t.Helper()
	return strings.Fields(s.must("sql", "--format", "tsv", statement))[1:]
}

// What the tables know by keys alone is found again with the custodian's: every card
// on every mirror, its first post, and the channel of that.
func TestEveryCardIsLocatedOnEveryMirror(t *testing.T) {
	t.Parallel()
	c := smallCampaign(81)
	s := newStudy(t, c, c.Sites())
	defer s.up()()
	s.importAll("archives")
	ledger := c.Truth(c.Sites())
	w := newTruth(s, ledger)

	want, posts := map[string][]string{}, []string{}
	for _, card := range ledger.Cards {
		want[w.keyer.Path(w.link("https://"+ledger.Sites[0]+card.Path).Path).String()] = sorted(card.Sites)
		posts = append(posts, w.post(card.FirstSeen), w.channel(card.FirstSeen.Platform, card.FirstSeen.Channel))
	}
	keys := s.column("SELECT DISTINCT path_key FROM sightings WHERE NOT is_site_sighting")
	shown, r := s.locate(append(keys, posts...))
	if r.code != exitDone || r.stderr != "" {
		t.Errorf("locate ended with %d and %q", r.code, r.stderr)
	}
	got, found := map[string][]string{}, map[string]shownLocator{}
	for _, l := range shown {
		if l.Kind != "url" {
			found[l.Key] = l
			continue
		}
		link := w.link(l.URL)
		if w.keyer.Path(link.Path).String() != l.Key {
			t.Errorf("the address of %s has another key", l.Key)
		}
		got[l.Key] = append(got[l.Key], link.Site)
	}
	for key := range got {
		got[key] = slices.Compact(sorted(got[key]))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sites by card (-ledger +located):\n%s", diff)
	}
	for _, card := range ledger.Cards {
		first := card.FirstSeen
		post, channel := found[w.post(first)], found[w.channel(first.Platform, first.Channel)]
		if post.Kind != "post" || post.Platform != string(first.Platform) || post.PostID != first.Post || post.ChannelID != first.Channel {
			t.Errorf("the first post of a card is located as %+v", post)
		}
		if channel.Kind != "channel" || channel.ChannelID != first.Channel || channel.PostID != "" {
			t.Errorf("the channel of the first post is located as %+v", channel)
		}
	}
	checkAudit(s, c, int64(len(keys)+len(unique(posts))), int64(len(shown)))
}

func unique(s []string) []string { return slices.Compact(sorted(s)) }

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

// checkAudit asks that the last entry of the log tells of the call, and that the log
// holds nothing of the campaign.
func checkAudit(s *testStudy, c *campaign.Campaign, keys, locators int64) {
	s.t.Helper()
	entries, err := audit.Open(s.path("keys/" + audit.FileName)).Read()
	if err != nil || len(entries) == 0 {
		s.t.Fatalf("the audit log has %d entries, %v", len(entries), err)
	}
	last := entries[len(entries)-1]
	if last.Action != "locate" || last.Reason != locateReason || last.Counts["keys"] != keys || last.Counts["locators"] != locators {
		s.t.Errorf("the last entry is %+v, want %d keys and %d locators", last, keys, locators)
	}
	scanner, err := privacytest.NewScanner(canaries(c))
	if err != nil {
		s.t.Fatal(err)
	}
	found := leaks{}
	found.add("audit log", scanner.ScanBytes(s.read("keys/"+audit.FileName)))
	found.report(s.t)
}

func TestLocateSaysWhyItShowsNothing(t *testing.T) {
	t.Parallel()
	c := smallCampaign(82)
	s := newStudy(t, c, c.Sites())
	defer s.up()()
	s.importAll("archives")
	card := s.column("SELECT path_key FROM sightings WHERE NOT is_site_sighting ORDER BY path_key LIMIT 1")
	other, err := privacy.CreateRing(s.path("other"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := other.CustodianPublicKey()
	if err != nil {
		t.Fatal(err)
	}
	const nosuch = "01234567-89ab-cdef-0123-456789abcdef"
	shown, r := s.locate(append(card, nosuch))
	if want := nosuch + ": it has no locator: none was kept, or it has expired, or it was erased"; len(shown) == 0 || r.code != exitFailed || !strings.Contains(r.stderr, want) {
		t.Errorf("a key beside one that nothing has: %d shown, exit %d, %q", len(shown), r.code, r.stderr)
	}
	shown, r = s.locate(card, "--custodian", "other")
	if want := "and the key here is " + public.ID() + ": name the folder of that one"; len(shown) != 0 || r.code != exitFailed || !strings.Contains(r.stderr, want) {
		t.Errorf("another custodian: %d shown, exit %d, %q", len(shown), r.code, r.stderr)
	}
	for what, tc := range map[string]struct {
		input, want string
		args        []string
	}{
		"no reason":         {card[0], "say why", []string{"locate", "--print"}},
		"no terminal":       {card[0], "standard output is no terminal", []string{"locate", "--reason", locateReason}},
		"no key":            {"\n", "holds no key", []string{"locate", "--print", "--reason", locateReason}},
		"a name":            {card[0] + "\nWong Siu Ming\n", "line 2 of standard input is no key", []string{"locate", "--print", "--reason", locateReason}},
		"a long line":       {strings.Repeat("x", 100_000), "is no key", []string{"locate", "--print", "--reason", locateReason}},
		"too many":          {manyKeys(1001), "at most 1,000 keys", []string{"locate", "--print", "--reason", locateReason}},
		"no custodian's":    {card[0], "there is no custodian.key", []string{"locate", "--print", "--reason", locateReason, "--custodian", "tmp"}},
		"a key as argument": {"", "nothing but flags", []string{"locate", card[0]}},
	} {
		if r := s.answer(tc.input, tc.args...); r.code != exitUsage || r.stdout != "" || !strings.Contains(r.stderr, tc.want) || strings.Contains(r.stderr, "Wong") {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", what, r.code, r.stdout, r.stderr)
		}
	}
	log := s.path("keys/" + audit.FileName)
	if err := os.WriteFile(log, []byte("{}\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	shown, r = s.locate(card)
	if want := "nothing was opened: read the audit log: a line was changed"; len(shown) != 0 || r.code != exitFailed || !strings.Contains(r.stderr, want) {
		t.Errorf("a broken audit log: %d shown, exit %d, %q", len(shown), r.code, r.stderr)
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "01234567-89ab-cdef-0123-%012x\n", i)
	}
	return b.String()
}

// located has the custodian look at what only he may see. What is shown is what it is;
// it must be in no other place.
func (w *canaryWatch) located() {
	w.t.Helper()
	keys := w.column("SELECT DISTINCT path_key FROM sightings WHERE NOT is_site_sighting UNION ALL SELECT * FROM (SELECT post_key FROM sightings LIMIT 100)")
	shown, r := w.locate(keys)
	w.leaks.add("stderr of locate", w.scanner.ScanString(r.stderr))
	if r.code != exitDone || len(shown) < len(keys) || len(w.scanner.ScanString(r.stdout)) == 0 {
		w.t.Errorf("locate: exit %d with %d locators of %d keys", r.code, len(shown), len(keys))
	}
}

// Who is followed chooses names: none may act on the terminal of who looks.
func TestANameDoesNothingToTheTerminal(t *testing.T) {
	t.Parallel()
	c := smallCampaign(98)
	s := newStudy(t, c, c.Sites())
	s.write("hostile.jsonl", fmt.Sprintf(`{"data":[{"id":"1256194800000000009","text":"a","author_id":"77","created_at":"2020-05-01T12:00:00.000Z","entities":{"urls":[{"start":0,"end":1,"url":"https://t.co/a","expanded_url":"https://%s/p/q"}]}}],"includes":{"users":[{"id":"77","username":"na\u009b2J\u202eme","name":"x"}]},"__twarc":{"url":"https://api.twitter.com/2/tweets/search/recent?query=a","version":"2.1","retrieved_at":"2020-05-02T00:00:00+00:00"}}`+"\n", c.Sites()[0]))
	s.importAll("hostile.jsonl")
	shown, r := s.locate(s.column("SELECT DISTINCT channel_key FROM posts"))
	if len(shown) != 1 || shown[0].ChannelName != "na\u009b2J\u202eme" {
		t.Fatalf("located: %+v\n%s", shown, r.stderr)
	}
	if strings.ContainsAny(r.stdout, "\u009b\u202e") {
		t.Errorf("the terminal is shown %q", r.stdout)
	}
}
