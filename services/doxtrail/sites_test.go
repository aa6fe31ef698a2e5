package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// shownSite is a proposed site as it is printed.
type shownSite struct {
	No                            int
	Key                           privacy.Key
	Family, Level, Host           string
	Named                         bool
	WasListed                     bool `json:"was_listed"`
	Hosts, Links, Posts, Channels int
	FirstAt                       time.Time `json:"first_at"`
}

func (s *testStudy) proposedSites(args ...string) []shownSite {
	s.t.Helper()
	var answer struct{ Sites []shownSite }
	if err := json.Unmarshal([]byte(s.must(append([]string{"sites", "proposed", "--json"}, args...)...)), &answer); err != nil {
		s.t.Fatal(err)
	}
	return answer.Sites
}

func (s *testStudy) rematched(args ...string) (r rematched) {
	s.t.Helper()
	out := s.must(append([]string{"rematch", "--json", "--family", campaign.FamilyLabel}, args...)...)
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		s.t.Fatal(err)
	}
	return r
}

// decides decides about a site, and says so.
func (s *testStudy) decides(lines, says string, args ...string) {
	s.t.Helper()
	r := s.answer(lines, append([]string{"sites"}, args...)...)
	if r.code != exitDone || !strings.HasPrefix(r.stdout, says) {
		s.t.Fatalf("sites %s: exit %d\n%s%s", args[0], r.code, r.stdout, r.stderr)
	}
}

// missing gives the sites of a campaign that are not among these.
func missing(c *campaign.Campaign, sites []string) []string {
	left := slices.DeleteFunc(slices.Clone(c.Sites()), func(site string) bool { return slices.Contains(sites, site) })
	slices.Sort(left)
	return left
}

// familyCount is what a family's sightings come to.
type familyCount struct{ Posts, Cards, Links int }

func (s *testStudy) familyCount() familyCount {
	s.t.Helper()
	var rows []familyCount
	s.sql(&rows, `SELECT uniqExact(post_key) AS posts, uniqExact(card_key) AS cards,
    (SELECT count() FROM links WHERE site_key IN (SELECT match_key FROM sites WHERE listed)) AS links FROM sightings`)
	return rows[0]
}

// firstOn counts the cards that were first seen on a platform at a site.
func (s *testStudy) firstOn(site string) (n int) {
	s.t.Helper()
	for _, r := range askRows[firstRow](s, "first_sightings") {
		if r.Site == site {
			n++
		}
	}
	return n
}

// Two sites are missing from a list: both are proposed, one is approved and answers are
// those of a study that had it from the beginning, the other is rejected.
func TestAMirrorThatIsApprovedCountsFromTheBeginning(t *testing.T) {
	t.Parallel()
	c := smallCampaign(41)
	sites, fewer, _ := withoutSome(t, c)
	s := newStudy(t, c, sites)
	stop := s.up()
	s.importAll("archives")

	open := s.proposesTheMissing(c, missing(c, sites))
	s.badDecisionsDecideNothing()
	before := s.familyCount()
	if r := s.rematched(); r.Found != (rematchedFigures{}) || r.Retracted != r.Found || len(r.Sites) != 0 || r.Undecided.OlderPosts != 0 {
		t.Errorf("nothing changed, and rematch says %+v", r)
	}

	mirror, other := open[0].Host, open[1]
	s.decides("shows their cards\n", "approved "+mirror+" as a site of harbour-leaks; ", "approve", "1")
	s.decides("somebody else's\n", "rejected "+other.Host+": ", "reject", other.Key.String()[:8])
	now := c.Truth(append(slices.Clone(sites), mirror))
	checkLedger(s, now, fewer)
	after := s.familyCount()
	found := s.rematched()
	want := rematchedFigures{
		Sites: 1, Hosts: 1, Links: uint64(after.Links - before.Links), Posts: uint64(after.Posts - before.Posts),
		Cards: uint64(len(now.Cards) - len(fewer.Cards)), FirstSightings: uint64(s.firstOn(mirror)),
	}
	if diff := cmp.Diff(want, found.Found); diff != "" || found.Found.Posts == 0 || int(want.Links) != open[0].Links || found.Retracted != (rematchedFigures{}) {
		t.Errorf("found (-truth +rematch):\n%s%+v", diff, found)
	}
	if site := found.Sites[0]; site.Host != mirror || !site.Listed || int(site.Posts) != open[0].Posts || !site.FirstAt.Equal(open[0].FirstAt) {
		t.Errorf("of the site it says %+v", site)
	}
	if len(s.proposedSites()) != 0 {
		t.Error("a site that was decided about is proposed")
	}
	if r := stop(); r.code != 0 {
		t.Fatalf("up ended with %d:\n%s", r.code, r.stderr)
	}
	defer s.up()()
	s.staysDecided(c, now, mirror, found)

	s.takesOff(fewer, sites, mirror, open[0].Key.String(), after, want)
}

// takesOff takes a mirror off again, and then the whole family.
func (s *testStudy) takesOff(fewer campaign.Ledger, sites []string, mirror, key string, after familyCount, want rematchedFigures) {
	s.t.Helper()
	s.decides("a slip\n", "rejected "+mirror+": ", "reject", key)
	checkCards(s, newTruth(s, fewer))
	r := s.rematched()
	if diff := cmp.Diff(want, r.Retracted); diff != "" || r.Found != (rematchedFigures{}) || r.Sites[0].Listed {
		s.t.Errorf("retracted (-what was found +rematch):\n%s", diff)
	}
	// So it is with the whole family, under a list that has another.
	s.write("watchlist.yaml", "families: [{label: other, sites: [other.example]}]\n")
	if r := s.rematched(); r.Found != (rematchedFigures{}) || int(r.Retracted.Posts) != after.Posts || len(r.Sites) != len(sites)+1 {
		s.t.Errorf("of a family that was taken off it says %+v, want %d posts", r, after.Posts)
	}
	if r := s.run("rematch", "--family", "nosuch"); r.code != exitUsage || !strings.Contains(r.stderr, "no family of this label") {
		s.t.Errorf("of no family: exit %d\n%s", r.code, r.stderr)
	}
	for _, args := range [][]string{{"sites", "proposed"}, {"rematch", "--family", "harbour-leaks"}} {
		if out := s.must(args...); !strings.Contains(out, "site") {
			s.t.Errorf("%s prints %q", args[0], out)
		}
	}
}

// proposesTheMissing sees that the sites that are missing are proposed, with what the
// ledger says of them, and nothing else is.
func (s *testStudy) proposesTheMissing(c *campaign.Campaign, missing []string) []shownSite {
	s.t.Helper()
	open := s.proposedSites()
	var hosts []string
	for i, p := range open {
		if hosts = append(hosts, p.Host); p.No != i+1 || p.Family != campaign.FamilyLabel || !p.Named || p.Hosts != 1 || p.WasListed {
			s.t.Errorf("proposed is %+v", p)
		}
		for _, m := range c.Truth([]string{p.Host}).Mirrors {
			if p.Posts < m.Posts || p.Posts > m.Posts+m.PagePosts || m.FirstAt != nil && p.FirstAt.After(at(*m.FirstAt)) {
				s.t.Errorf("%s is shown by %d posts since %v, the ledger says %+v", p.Host, p.Posts, p.FirstAt, m)
			}
		}
	}
	slices.Sort(hosts)
	if diff := cmp.Diff(missing, hosts); diff != "" {
		s.t.Fatalf("proposed (-missing +shown):\n%s", diff)
	}
	return open
}

// staysDecided sees that a decision outlives the process, and that the watch list file
// goes before it.
func (s *testStudy) staysDecided(c *campaign.Campaign, now campaign.Ledger, mirror string, found rematched) {
	s.t.Helper()
	checkCards(s, newTruth(s, now))
	var kinds []struct{ Kind, Family string }
	s.sql(&kinds, "SELECT kind, family FROM decisions WHERE in_force AND kind LIKE 'site%' ORDER BY kind")
	if diff := cmp.Diff([]struct{ Kind, Family string }{{"site_approved", "harbour-leaks"}, {"site_rejected", "harbour-leaks"}}, kinds); diff != "" {
		s.t.Errorf("decisions (-want +got):\n%s", diff)
	}
	if again := s.rematched(); cmp.Diff(found, again) != "" {
		s.t.Errorf("after a restart rematch says something else:\n%s", cmp.Diff(found, again))
	}
	r := s.answer("why\n", "sites", "reject", "0")
	if r.code != exitUsage || !strings.Contains(r.stderr, "no site that is proposed has this number or key") {
		s.t.Errorf("a number that no site has: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	list := string(s.read("watchlist.yaml"))
	s.watch(c, now.Sites)
	r = s.answer("why\n", "sites", "reject", "--stdin")
	if r.code != exitUsage || r.stderr == "" {
		s.t.Errorf("a line that is no host: exit %d\n%s", r.code, r.stderr)
	}
	r = s.answer(mirror+"\nwhy\n", "sites", "reject", "--stdin")
	if r.code != exitUsage || !strings.Contains(r.stderr, "the watch list file names this site") {
		s.t.Errorf("the file has no last word: exit %d\n%s", r.code, r.stderr)
	}
	s.write("watchlist.yaml", list)
}

// badDecisionsDecideNothing tries what a person may get wrong.
func (s *testStudy) badDecisionsDecideNothing() {
	s.t.Helper()
	for _, tc := range []struct {
		lines, says string
		args        []string
	}{
		{"why\n", "hosts are never arguments", []string{"approve", "s3cret.example"}},
		{"why\n", "hosts are never arguments", []string{"approve"}},
		{"why\n", "no site that is proposed has this number or key", []string{"approve", "77"}},
		{"why\n", "no site that is proposed has this number or key", []string{"reject", "0123456789abcdef"}},
		{"", "there was no answer", []string{"approve", "1"}},
		{strings.Repeat("s3cret ", 100) + "\n", "a reason has at most 500 bytes", []string{"approve", "1"}},
		{"why\n", "no family of this label", []string{"approve", "--family", "nosuch", "1"}},
		{"https://s3cret.example/card\nwhy\n", "is no host", []string{"approve", "--stdin"}},
		{"com\nwhy\n", "is no host", []string{"approve", "--stdin"}},
		{"harbourleaks.example\nwhy\n", "nothing but flags may follow", []string{"approve", "--stdin", "1"}},
	} {
		r := s.answer(tc.lines, append([]string{"sites"}, tc.args...)...)
		if r.code != exitUsage || !strings.Contains(r.stderr, tc.says) || strings.Contains(r.stdout+r.stderr, "s3cret") {
			s.t.Errorf("%s, want %q: exit %d\n%s%s", tc.args[0], tc.says, r.code, r.stdout, r.stderr)
		}
	}
	if open := s.proposedSites(); len(open) != 2 {
		s.t.Errorf("%d sites are proposed after answers that decide nothing", len(open))
	}
}
