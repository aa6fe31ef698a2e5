package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// withoutSome leaves two sites out of a campaign's watch list: one that showed
// a card before any other did, so that a first sighting depends on it, and its
// neighbour.
func withoutSome(t *testing.T, c *campaign.Campaign) (sites []string, fewer, all campaign.Ledger) {
	t.Helper()
	all = c.Truth(c.Sites())
	for i := 1; i < len(c.Sites()); i++ {
		sites = slices.Delete(c.Sites(), i-1, i+1)
		fewer = c.Truth(sites)
		before := make(map[string]campaign.Sighting)
		for _, card := range fewer.Cards {
			before[card.Path] = card.FirstSeen
		}
		moved := 0
		for _, card := range all.Cards {
			if first, seen := before[card.Path]; seen && first != card.FirstSeen {
				moved++
			}
		}
		if moved > 0 && len(fewer.Cards) < len(all.Cards) {
			return sites, fewer, all
		}
	}
	t.Fatal("no two sites of this campaign show a card first and another card alone: take another seed")
	return nil, fewer, all
}

// A site that is added later works backwards over everything that was read,
// and one that is taken off is gone as if it had never been listed.
func TestSiteAddedLaterCountsFromTheBeginning(t *testing.T) {
	t.Parallel()
	c := smallCampaign(41)
	sites, fewer, all := withoutSome(t, c)
	s := newStudy(t, c, sites)
	stop := s.up()
	s.importAll("archives")
	checkLedger(s, fewer, fewer)

	s.watch(c, c.Sites())
	checkLedger(s, all, fewer)

	s.watch(c, sites)
	checkLedger(s, fewer, fewer)

	if r := stop(); r.code != 0 {
		t.Fatalf("up ended with %d:\n%s", r.code, r.stderr)
	}
	s.watch(c, c.Sites())
	defer s.up()()
	checkLedger(s, all, fewer) // changed while nothing ran
	s.importAll("archives")
	checkLedger(s, all, all) // read again: the files' own figures are today's
}

// The same with no `up` anywhere: each command is the holder of the folder for
// as long as it runs.
func TestSiteAddedLaterCountsWithOneShotCommands(t *testing.T) {
	t.Parallel()
	c := smallCampaign(42)
	sites, fewer, all := withoutSome(t, c)
	s := newStudy(t, c, sites)
	s.importAll("archives")
	w := newTruth(s, fewer)
	checkCards(s, w)

	s.watch(c, c.Sites())
	checkCards(s, newTruth(s, all))

	s.watch(c, sites)
	sameRows(t, "card_spread", askRows[cardRow](s, "card_spread"), w.cards(), nil)
}

// twoSites picks two sites that some posts show together and of which no post
// shows a page that is no card: the ledger does not say which channel did, and
// family_overlap counts those posts too.
func twoSites(t *testing.T, c *campaign.Campaign) []string {
	t.Helper()
	var without []string
	for _, m := range c.Truth(c.Sites()).Mirrors {
		if m.PagePosts == 0 {
			without = append(without, m.Site)
		}
	}
	for i, one := range without {
		for _, two := range without[:i] {
			sites := []string{two, one}
			if overlap(c.Truth(sites[:1]), c.Truth(sites[1:]), c.Truth(sites)).Posts > 0 {
				return sites
			}
		}
	}
	t.Fatal("no two sites overlap and have no other pages: take another seed")
	return nil
}

func TestTwoFamiliesAreKeptApartAndOverlapAsTheLedgerSays(t *testing.T) {
	t.Parallel()
	c := campaign.New(54, campaign.Size{Posts: 1500, Channels: 10, Accounts: 30, Cards: 20})
	sites := twoSites(t, c)
	s := newStudy(t, c, sites)
	var list bytes.Buffer
	if err := c.WriteWatchlist(&list, sites); err != nil {
		t.Fatal(err)
	}
	second := "  - label: other-leaks\n    sensitive: false\n    sites:\n"
	s.write("watchlist.yaml", strings.Replace(list.String(), "      - "+sites[1]+"\n", "", 1))
	s.write("watchlist.yaml", strings.Replace(string(s.read("watchlist.yaml")), "channels:\n", second+"      - "+sites[1]+"\nchannels:\n", 1))
	defer s.up()()
	s.importAll("archives")

	one, two, both := c.Truth(sites[:1]), c.Truth(sites[1:]), c.Truth(sites)
	two.Family = "other-leaks"
	var cards []cardRow
	for _, ledger := range []campaign.Ledger{one, two} {
		w := newTruth(s, ledger)
		cards = append(cards, w.cards()...)
		sameRows(t, "card_spread of "+ledger.Family, askRows[cardRow](s, "card_spread", "--param", "family="+ledger.Family), w.cards(), nil)
		sameRows(t, "channel_spread of "+ledger.Family, askRows[channelRow](s, "channel_spread", "--param", "family="+ledger.Family),
			w.channels(), func(r *channelRow) { r.PassedOn = 0 })
	}
	sameRows(t, "card_spread", askRows[cardRow](s, "card_spread"), cards, nil)
	sameRows(t, "family_overlap", askRows[overlapRow](s, "family_overlap"), []overlapRow{overlap(one, two, both)}, nil)
}

// overlap works out what two families share: of the posts that carry either,
// those that carry both are counted twice by the families' own ledgers.
func overlap(one, two, both campaign.Ledger) overlapRow {
	posts := func(l campaign.Ledger) (by map[string]int, sum int) {
		by = make(map[string]int)
		for _, c := range l.Channels {
			if c.CardPosts > 0 {
				by[string(c.Platform)+c.ID] = c.CardPosts
				sum += c.CardPosts
			}
		}
		return by, sum
	}
	in1, sum1 := posts(one)
	in2, sum2 := posts(two)
	either, _ := posts(both)
	row := overlapRow{
		Family1: one.Family, Family2: two.Family, Channels1: len(in1), Channels2: len(in2), Posts1: sum1, Posts2: sum2,
	}
	for channel, n := range in1 {
		if m := in2[channel]; m > 0 {
			row.Channels++
			row.Posts += n + m - either[channel]
		}
	}
	return row
}
