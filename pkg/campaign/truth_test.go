package campaign

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFiguresOfFilesAddUp(t *testing.T) {
	c := New(5, small())
	ledger := c.Truth(c.Sites())
	var sum Figures
	for _, f := range ledger.Files {
		if f.Records != f.Posts+f.NonPosts+f.Rejected+f.Duplicates {
			t.Errorf("figures do not add up: %+v", f)
		}
		if f.Sightings > f.Links || f.Conflicts > f.Duplicates {
			t.Errorf("figures contradict each other: %+v", f)
		}
		sum.add(f.Figures)
	}
	if diff := cmp.Diff(ledger.Totals, sum); diff != "" {
		t.Errorf("totals (-ledger +sum):\n%s", diff)
	}
}

func TestViewsOfTheLedgerAgree(t *testing.T) {
	c := New(6, small())
	ledger := c.Truth(c.Sites())
	var byCard, byChannel, byDay, firsts, cardPosts, dayPosts, kinds int
	for _, card := range ledger.Cards {
		platforms := 0
		for _, p := range card.Platforms {
			platforms += p.Posts
			if p.First.PostedAt < card.FirstSeen.PostedAt || p.NotAfter != p.First.PostedAt {
				t.Errorf("first sightings contradict each other: %+v", card)
			}
		}
		if platforms != card.Posts || card.LastSeenAt < card.FirstSeen.PostedAt {
			t.Errorf("figures of a card contradict each other: %+v", card)
		}
		byCard += card.Posts
	}
	for _, channel := range ledger.Channels {
		byChannel += channel.Posts
		firsts += channel.Firsts
		cardPosts += channel.CardPosts
	}
	for _, d := range ledger.Timeline {
		byDay += d.Sightings
		dayPosts += d.Posts
	}
	for _, k := range ledger.Kinds {
		kinds += k.Posts
	}
	got := []int{byCard, byChannel, firsts, cardPosts, kinds}
	want := []int{byDay, ledger.Posts, len(ledger.Cards), dayPosts, ledger.Posts}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestASiteLeftOutTakesOnlyItsOwnSightings(t *testing.T) {
	c := New(5, small())
	all := c.Truth(c.Sites())
	left := c.Sites()[3]
	some := c.Truth(append(append([]string(nil), c.Sites()[:3]...), c.Sites()[4:]...))
	if all.Totals.Sightings <= some.Totals.Sightings {
		t.Errorf("sightings %d with all sites, %d without one", all.Totals.Sightings, some.Totals.Sightings)
	}
	if all.Totals.Links != some.Totals.Links || all.Posts != some.Posts {
		t.Error("links and posts depend on the watch list")
	}
	for _, card := range some.Cards {
		for _, site := range card.Sites {
			if site == left {
				t.Errorf("a card is seen on the site that was left out")
			}
		}
	}
	var mirrors []MirrorFigures
	for _, m := range all.Mirrors {
		if m.Site != left {
			mirrors = append(mirrors, m)
		}
	}
	if diff := cmp.Diff(mirrors, some.Mirrors); diff != "" {
		t.Errorf("other mirrors changed (-all +some):\n%s", diff)
	}
	if none := c.Truth(nil); len(none.Cards)+len(none.Timeline)+none.Totals.Sightings != 0 {
		t.Errorf("sightings without a site: %+v", none.Totals)
	}
}

func TestCampaignHasEveryBasisOfAFirstSighting(t *testing.T) {
	got := make(map[string]bool)
	c := New(2019, Size{})
	for _, card := range c.Truth(c.Sites()).Cards {
		for _, p := range card.Platforms {
			got[string(p.Platform)+" "+p.Basis] = true
		}
	}
	for _, want := range []string{"telegram direct", "telegram forward", "twitter direct", "twitter forward"} {
		if !got[want] {
			t.Errorf("no first sighting is %s", want)
		}
	}
}
