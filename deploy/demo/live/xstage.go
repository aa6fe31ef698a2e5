package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	x "github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

const (
	// liveTweets is how many posts are posted on X, of which the repostAt-th repeats
	// the first, by another account.
	liveTweets = 8
	repostAt   = 4
	// longText is how many bytes nobody writes by chance.
	longText = 24
	// token is what the demo's X lets in.
	token = "invented-bearer-of-the-live-demo"
)

// xStage is the campaign on the X of the demo: accounts that have posted nothing yet,
// and what they are going to post.
type xStage struct {
	x     *x.Server
	posts []campaign.LiveTweet
	ids   []string // under which id each was posted
}

// newXStage opens the accounts, and keeps what they posted on the campaign's clock
// while the channels of Telegram posted what is live.
func newXStage(server *x.Server, c *campaign.Campaign, from int64) *xStage {
	s := &xStage{x: server}
	for _, account := range c.LiveAccounts() {
		server.Account(x.AccountSpec{ID: account.ID, Username: account.Name, Name: account.Title, Followers: max(account.Audience(), 0)})
	}
	for _, p := range c.LiveTweets() {
		if p.PostedAt >= from && len(s.posts) < liveTweets {
			s.posts = append(s.posts, p)
		}
	}
	if len(s.posts) > repostAt {
		s.posts[repostAt].Account = another(c.LiveAccounts(), s.posts[0].Account)
	}
	return s
}

// another is an account other than one.
func another(accounts []*campaign.Channel, one *campaign.Channel) *campaign.Channel {
	for _, account := range accounts {
		if account != one {
			return account
		}
	}
	return one
}

// post posts the next one.
func (s *xStage) post() {
	i := len(s.ids)
	p := s.posts[i]
	if i == repostAt {
		s.ids = append(s.ids, s.x.Repost(p.Account.ID, s.ids[0]))
		return
	}
	s.ids = append(s.ids, s.x.Post(p.Account.ID, p.Text, x.Lang("zh")))
}

// listened waits until the stream is open and has rules.
func (s *xStage) listened(ctx context.Context) error {
	if err := s.x.WaitStreams(ctx, 1); err != nil {
		return errors.New("nobody opened the stream of X")
	}
	for len(s.x.Rules()) == 0 {
		wait(ctx, 10*time.Millisecond)
		if ctx.Err() != nil {
			return errors.New("the stream of X got no rules")
		}
	}
	return nil
}

// secrets are what must not be readable of it, beside what all of the campaign is.
func (s *xStage) secrets() []campaign.Canary {
	out := []campaign.Canary{{Kind: "token", Value: token}}
	for _, p := range s.posts {
		out = append(out, campaign.Canary{Kind: campaign.CanaryText, Value: p.Text})
		if before, _, _ := strings.Cut(p.Text, " https://"); len(before) > longText { // X puts its own links
			out = append(out, campaign.Canary{Kind: campaign.CanaryText, Value: before})
		}
	}
	for _, id := range s.ids {
		out = append(out, campaign.Canary{Kind: campaign.CanaryPostID, Value: id})
	}
	return out
}
