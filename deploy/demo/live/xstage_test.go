package main

import (
	"slices"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	x "github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

func newTestXStage(t *testing.T) (*x.Server, *campaign.Campaign, *xStage) {
	t.Helper()
	server := x.New(x.Options{Token: token})
	t.Cleanup(server.Close)
	c := campaign.New(2019, campaign.Size{Posts: 1500, Channels: 10, Accounts: 8, Cards: 12})
	return server, c, newXStage(server, c, 0)
}

func TestNothingIsOnXBeforeItIsPosted(t *testing.T) {
	server, c, s := newTestXStage(t)
	truth := server.Truth()
	if len(s.posts) != liveTweets || len(truth.Posts) != 0 || len(truth.Accounts) != len(c.LiveAccounts()) {
		t.Errorf("%d posts to come, %d there, of %d accounts", len(s.posts), len(truth.Posts), len(truth.Accounts))
	}
}

func TestOneOfThePostsOnXRepeatsTheFirst(t *testing.T) {
	server, _, s := newTestXStage(t)
	for range s.posts {
		s.post()
	}
	posts := server.Truth().Posts
	if len(posts) != liveTweets {
		t.Fatalf("%d posts", len(posts))
	}
	for i, p := range posts {
		if p.ID != s.ids[i] || (p.Kind == "repost") != (i == repostAt) {
			t.Errorf("post %d is a %s", i, p.Kind)
		}
	}
	if first, again := posts[0], posts[repostAt]; again.Refers != first.ID || again.Account == first.Account {
		t.Error("what is repeated is not the first, or is by the same account")
	}
}

func TestIdsTextsAndTheTokenOfXAreLookedFor(t *testing.T) {
	_, _, s := newTestXStage(t)
	s.post()
	got := s.secrets()
	for _, want := range []campaign.Canary{{Kind: "token", Value: token}, {Kind: campaign.CanaryText, Value: s.posts[0].Text}, {Kind: campaign.CanaryPostID, Value: s.ids[0]}} {
		if !slices.Contains(got, want) {
			t.Errorf("a value of the kind %s is not looked for", want.Kind)
		}
	}
}
