package main

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// smallCampaign is big enough to hold every case of the demo and small enough
// to be read many times.
func smallCampaign(seed uint64) *campaign.Campaign {
	return campaign.New(seed, campaign.Size{Posts: 2400, Channels: 16, Accounts: 90, Cards: 30, Sites: 8})
}

// importFigures is the line that `import --json` prints.
type importFigures struct {
	Files int `json:"files"`
	campaign.Figures
}

// importAll imports paths and returns the figures that were printed.
func (s *testStudy) importAll(paths ...string) importFigures {
	s.t.Helper()
	return s.figures(s.must(append([]string{"import", "--json"}, paths...)...))
}

// figures reads the one line of `import --json`.
func (s *testStudy) figures(stdout string) (n importFigures) {
	s.t.Helper()
	if strings.Count(stdout, "\n") != 1 {
		s.t.Errorf("import --json printed more or less than one line: %q", stdout)
	}
	if err := json.Unmarshal([]byte(stdout), &n); err != nil {
		s.t.Fatalf("import --json: %v in %q", err, stdout)
	}
	return n
}

// The whole demo campaign, as `make demo` writes it, from two real formats to
// the answers, each figure against the ledger.
func TestDemoCampaignComesOutAsTheLedgerSays(t *testing.T) {
	c := campaign.New(2019, campaign.Size{})
	s := newStudy(t, c, c.Sites())
	defer s.up()()
	ledger := c.Truth(c.Sites())
	want := importFigures{Files: len(ledger.Files), Figures: ledger.Totals}
	if diff := cmp.Diff(want, s.importAll("archives")); diff != "" {
		t.Errorf("import --json (-ledger +printed):\n%s", diff)
	}
	checkLedger(s, ledger, ledger)
	checkShares(s, ledger)
	checkBases(s)
}

// checkLedger asks every query and compares every figure that the ledger
// knows. now is the ledger under today's watch list, read that of the day the
// files were read, which alone import_ledger speaks of.
//
// What the ledger does not know, and what is therefore not compared here: the
// site of a first post beyond that the card was there (site); on how many
// platforms a mirror was shown; how many posts of a channel pass on; the days
// on which pages that are no cards were shown (site_posts of the timeline);
// when the first and last post of a file or channel without a card was
// (from_at, to_at); the time and key of a search. The shares are in no ledger:
// checkShares counts them from the files.
func checkLedger(s *testStudy, now, read campaign.Ledger) {
	s.t.Helper()
	w := newTruth(s, now)
	checkCards(s, w)
	sameRows(s.t, "channel_spread", askRows[channelRow](s, "channel_spread"), w.channels(), func(r *channelRow) { r.PassedOn = 0 })
	checkTimeline(s, w)
	cards := w.lags()
	sameRows(s.t, "platform_lag per card", askRows[lagRow](s, "platform_lag", "--param", "per=card"), cards, nil)
	sameRows(s.t, "platform_lag", askRows[lagRow](s, "platform_lag"), familyLags(cards), nil)
	sameRows(s.t, "family_overlap of one family", askRows[overlapRow](s, "family_overlap"), nil, nil)
	checkImports(s, read)
	checkCoverage(s, w)
	var kinds []campaign.KindFigures
	s.sql(&kinds, "SELECT platform, kind, count() AS posts FROM posts GROUP BY platform, kind")
	sameRows(s.t, "posts by kind", kinds, now.Kinds, nil)
}

// checkBases asks that a sighting's basis fits what its post does. In no
// campaign is a card first seen quoted, because what is quoted is in the same
// archive, so first_sightings alone would not show it.
func checkBases(s *testStudy) {
	s.t.Helper()
	type basis struct{ Kind, Basis string }
	var got []basis
	s.sql(&got, "SELECT DISTINCT post_kind AS kind, basis FROM sightings WHERE NOT is_site_sighting")
	want := []basis{
		{"original", "direct"},
		{"reply", "direct"},
		{"forward", "forward"},
		{"repost", "forward"},
		{"quote", "quoted"},
		{"quote", "direct"}, // with a link of its own
	}
	sameRows(s.t, "basis by kind of post", got, want, nil)
}

// sql runs a statement into rows.
func (s *testStudy) sql(rows any, statement string) {
	s.t.Helper()
	out := s.must("sql", "--format", "json", statement)
	if err := json.Unmarshal([]byte(out), rows); err != nil {
		s.t.Fatalf("sql: %v in %.200s", err, out)
	}
}

// checkCards compares the three queries that answer for each card and site.
func checkCards(s *testStudy, w *truth) {
	s.t.Helper()
	sameRows(s.t, "card_spread", askRows[cardRow](s, "card_spread"), w.cards(), nil)
	firsts := askRows[firstRow](s, "first_sightings")
	sameRows(s.t, "first_sightings", firsts, w.firsts(), func(r *firstRow) { r.Site = "" })
	checkFirstSites(w, firsts)
	sameRows(s.t, "mirror_spread", askRows[mirrorRow](s, "mirror_spread"), w.mirrors(), func(r *mirrorRow) { r.Platforms = 0 })
}

// checkFirstSites asks that a card was first seen on a site that shows it.
func checkFirstSites(w *truth, rows []firstRow) {
	w.t.Helper()
	sites := make(map[string][]string)
	for _, c := range w.ledger.Cards {
		sites[w.card(c.Path)] = c.Sites
	}
	for _, r := range rows {
		if !slices.Contains(sites[r.CardKey], r.Site) {
			w.t.Errorf("first_sightings: a card is first seen on a site that does not show it: %+v", r)
		}
	}
}

func checkTimeline(s *testStudy, w *truth) {
	s.t.Helper()
	var withCards []bucketRow
	for _, r := range askRows[bucketRow](s, "spread_timeline", "--param", "bucket=day") {
		switch {
		case r.Posts > 0:
			withCards = append(withCards, r)
		case r.SitePosts == 0 || r.Channels+r.NewChannels+r.Cards+r.AudienceKnown > 0 || r.Reach != nil:
			s.t.Errorf("spread_timeline: a day without a card has its figures: %+v", r)
		}
	}
	sameRows(s.t, "spread_timeline", withCards, w.days(), func(r *bucketRow) { r.SitePosts = 0 })
}

// checkImports compares import_ledger with the ledger's files, which it knows
// by their content: no table knows a file's name.
func checkImports(s *testStudy, read campaign.Ledger) {
	s.t.Helper()
	var want []importRow
	for _, f := range read.Files {
		hash, size := s.archived(f.Name)
		platform := "twitter"
		if f.Format == campaign.TelegramDesktop {
			platform = "telegram"
		}
		want = append(want, importRow{
			Format: string(f.Format), Platform: platform, Records: f.Records, Posts: f.Posts, NonPosts: f.NonPosts,
			Duplicates: f.Duplicates, Rejected: f.Rejected, Conflicts: f.Conflicts, Links: f.Links, Sightings: f.Sightings,
			Covered: f.Posts, Bytes: size, Balanced: true, Complete: true, FileHash: &hash,
		})
	}
	sameRows(s.t, "import_ledger", askRows[importRow](s, "import_ledger"), want, func(r *importRow) {
		r.ImportID, r.FromAt, r.ToAt = "", nil, nil
	})
}

// archived is the SHA-256 of an archive as it lies there, of a zip that of its
// one member, and how many bytes are in it once unpacked.
func (s *testStudy) archived(name string) (hash string, size int) {
	s.t.Helper()
	content := s.unpacked(name)
	size = len(content)
	if strings.HasSuffix(name, ".gz") {
		content = s.read("archives/" + name)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), size
}

// read reads a file of the study.
func (s *testStudy) read(name string) []byte {
	s.t.Helper()
	content, err := os.ReadFile(s.path(filepath.FromSlash(name)))
	if err != nil {
		s.t.Fatal(err)
	}
	return content
}

func onlyMember(path string) ([]byte, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	member, err := z.File[0].Open()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(member)
}

// checkCoverage compares coverage with the ledger: each archived channel was
// read in full and once for every file it is in, each Twitter file is a search
// or a capture of its own.
func checkCoverage(s *testStudy, w *truth) {
	s.t.Helper()
	var want []coverageRow
	inFiles := 0
	for _, f := range w.ledger.Files {
		if f.Format == campaign.TelegramDesktop {
			inFiles += f.Posts
			continue
		}
		want = append(want, coverageRow{Platform: "twitter", Leg: "archive", Complete: true, Posts: f.Posts})
	}
	twice := -1
	for _, c := range w.ledger.Channels {
		if c.Platform != campaign.Telegram {
			continue
		}
		key := w.channel(c.Platform, c.ID)
		if c.Label == "channel-01" { // the first channel is in two files
			twice = len(want)
		}
		inFiles -= c.Posts
		want = append(want, coverageRow{
			Platform: "telegram", ChannelKey: &key, Label: w.label(c.Platform, c.ID), Leg: "archive", Selection: "full", Complete: true, Posts: c.Posts,
		})
	}
	want[twice].Posts += inFiles
	sameRows(s.t, "coverage", askRows[coverageRow](s, "coverage"), want, func(r *coverageRow) {
		r.FromAt, r.ToAt, r.LookedAt, r.QueryKey = nil, nil, nil, nil
		if r.Platform == "twitter" {
			r.Selection = ""
		}
	})
}
