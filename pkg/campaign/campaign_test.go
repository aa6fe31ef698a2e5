package campaign

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is big enough for every kind of file and small enough for every test.
func small() Size { return Size{Posts: 1500, Channels: 12, Accounts: 60, Cards: 14} }

func TestSameSeedSameBytes(t *testing.T) {
	one, two, other := writeAll(t, New(7, small())), writeAll(t, New(7, small())), writeAll(t, New(8, small()))
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("two campaigns of one seed differ (-first +second):\n%s", diff)
	}
	if cmp.Equal(one, other) {
		t.Error("campaigns of two seeds are the same")
	}
}

// writeAll writes the archives of a campaign and returns them by name, with
// the ledger as one more.
func writeAll(t *testing.T, c *Campaign) map[string]string {
	t.Helper()
	files, err := c.WriteArchives(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string, len(files))
	for _, f := range files {
		content, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(content)
	}
	ledger, err := json.Marshal(c.Truth(c.Sites()))
	if err != nil {
		t.Fatal(err)
	}
	out["ledger"] = string(ledger)
	return out
}

func TestCampaignHasItsSize(t *testing.T) {
	for _, size := range []Size{{Posts: 500}, small(), {Posts: 900, Channels: 8, Accounts: 8, Cards: 1, Sites: 2}, {}} {
		c := New(1, size)
		size = size.filled()
		ledger := c.Truth(c.Sites())
		got := Size{Posts: ledger.Posts, Sites: len(ledger.Mirrors), Cards: len(ledger.Cards)}
		want := Size{Posts: size.Posts, Sites: size.Sites, Cards: size.Cards}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("size %+v (-want +got):\n%s", size, diff)
		}
	}
}

func TestDemoLooksReal(t *testing.T) {
	c := New(2019, Size{})
	ledger := c.Truth(c.Sites())
	cards, wide, moved, unknown, late := 0, 0, 0, 0, 0
	for _, card := range ledger.Cards {
		cards += card.Posts
		if card.Posts > 700 {
			wide++
		}
		if len(card.Platforms) == 2 {
			moved++
		}
		if card.Reach == nil {
			unknown++
		}
		for _, p := range card.Platforms {
			if p.Platform == Telegram && p.NotBefore == nil {
				late++
			}
		}
	}
	if wide != 3 || moved < 20 || unknown < 5 || late != 1 {
		t.Errorf("wide %d, on both platforms %d, without known reach %d, without a look before %d", wide, moved, unknown, late)
	}
	if share := float64(cards) / float64(ledger.Posts); share < 0.18 || share > 0.24 {
		t.Errorf("share of posts with a card: %.3f", share)
	}
	for _, m := range ledger.Mirrors {
		if m.Posts == 0 || m.PagePosts == 0 {
			t.Errorf("%s is not used: %+v", m.Site, m)
		}
	}
	totals := ledger.Totals
	if totals.Conflicts != 2 || totals.Rejected != 1 || totals.Duplicates < 1000 || totals.Posts <= ledger.Posts {
		t.Errorf("totals: %+v", totals)
	}
	if len(ledger.Channels) != 440 || len(ledger.Kinds) != 7 {
		t.Errorf("%d channels, kinds %+v", len(ledger.Channels), ledger.Kinds)
	}
}

func TestEditsDropAndAddACard(t *testing.T) {
	c := New(2019, Size{})
	var dropped, added, reworded int
	for _, p := range c.posts {
		if p.edited == nil {
			continue
		}
		switch before, after := len(linksOf(p, false)), len(linksOf(p, true)); {
		case before > after:
			dropped++
		case before < after:
			added++
		default:
			reworded++
		}
	}
	if dropped != 1 || added != 1 || reworded != 5 {
		t.Errorf("dropped %d, added %d, reworded %d", dropped, added, reworded)
	}
}

func TestNoTwoPostsShareASecond(t *testing.T) {
	taken := make(map[int64]bool)
	for _, p := range New(3, small()).posts {
		if taken[p.PostedAt] {
			t.Fatalf("two posts at %d", p.PostedAt)
		}
		taken[p.PostedAt] = true
	}
}

func TestIdentityNumbersHaveTheirCheckDigit(t *testing.T) {
	for _, want := range []string{"AB987654(3)", "QZ000000(3)", "QZ000010(0)", "QZ000100(A)"} {
		var number int
		for _, c := range want[2:8] {
			number = 10*number + int(c-'0')
		}
		if got := hkid(want[:2], number); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestWatchlistNamesSitesPagesAndChannels(t *testing.T) {
	c := New(1, small())
	var b bytes.Buffer
	if err := c.WriteWatchlist(&b, c.Sites()[1:]); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{FamilyLabel, c.Sites()[1], `"/list"`, c.channels[0].ID, c.accounts[0].ID, "channel-01", "account-12"} {
		if !strings.Contains(text, want) {
			t.Errorf("watch list lacks %q", want)
		}
	}
	if strings.Contains(text, "- "+c.Sites()[0]+"\n") {
		t.Error("watch list has a site that was left out")
	}
}
