package campaign

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestLiveTweetsCarryCardsUnderWholeAddresses(t *testing.T) {
	c := New(4, small())
	got, last := c.LiveTweets(), int64(0)
	if len(got) < 10 {
		t.Fatalf("only %d posts", len(got))
	}
	for _, p := range got {
		carries := slices.ContainsFunc(c.Cards(), func(path string) bool { return strings.Contains(p.Text, path) })
		if !carries || strings.Contains(p.Text, "https://t.co/") || !slices.Contains(c.LiveAccounts(), p.Account) || p.PostedAt <= last {
			t.Fatalf("a post of %d does not carry a card, or is out of place", p.PostedAt)
		}
		last = p.PostedAt
	}
}

func TestTheLiveWatchlistGoesOnWithAccounts(t *testing.T) {
	c := New(4, small())
	var list bytes.Buffer
	if err := c.WriteLiveAccounts(&list); err != nil {
		t.Fatal(err)
	}
	for i, account := range c.LiveAccounts() {
		if found := strings.Contains(list.String(), "    platform: twitter\n    name: "+account.Name+"\n"); found != (i < watchedAccounts) {
			t.Errorf("account %d: on the list %t", i, found)
		}
	}
}
