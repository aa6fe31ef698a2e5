package campaign

import (
	"fmt"
	"io"
	"strings"
)

// LiveTweet is a post of an X account in plain values, as LivePost is one of a
// Telegram channel.
type LiveTweet struct {
	Account *Channel
	// PostedAt is in seconds since 1970 UTC, on the campaign's own clock.
	PostedAt int64
	// Text has whole addresses, with a space after each: X makes its own links.
	Text string
}

// LiveAccounts are the X accounts.
func (c *Campaign) LiveAccounts() []*Channel { return c.accounts }

// Audience is how many follow the channel; -1 where nobody knows.
func (c *Channel) Audience() int { return c.audience }

// LiveTweets are all posts of X accounts that link to a card themselves, by time.
func (c *Campaign) LiveTweets() []LiveTweet {
	cards := set(c.Cards())
	var all []LiveTweet
	for _, p := range c.posts {
		if p.Channel.Platform != Twitter || p.gone || p.kind == repost || p.kind == quote {
			continue
		}
		for _, l := range p.body.links() {
			if cards[l.path] {
				all = append(all, LiveTweet{Account: p.Channel, PostedAt: p.PostedAt, Text: p.body.whole()})
				break
			}
		}
	}
	return all
}

// whole is the text with whole addresses.
func (b body) whole() string {
	var s strings.Builder
	for _, piece := range b.pieces {
		if piece.link == nil {
			s.WriteString(piece.text)
		} else {
			s.WriteString(piece.link.raw + " ")
		}
	}
	return strings.TrimSpace(s.String())
}

// WriteLiveAccounts writes the X accounts that are watched, by their handles, as
// more lines of what WriteLiveWatchlist wrote.
func (c *Campaign) WriteLiveAccounts(w io.Writer) error {
	labels := c.labels()
	for _, account := range c.accounts {
		if label := labels[account]; label != "" {
			_, err := fmt.Fprintf(w, "  - label: %s\n    platform: %s\n    name: %s\n    reason: %s\n", label, account.Platform, account.Name, "posts cards in the demo campaign")
			if err != nil {
				return err
			}
		}
	}
	return nil
}
