package api

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"time"
	"unicode/utf8"

	twitter "github.com/g8rswimmer/go-twitter/v2"
)

// Search is a question for posts. It is never printed: its words are what the watch
// list looks for.
type Search struct {
	// Query has up to Config.QueryLimit characters (not bytes).
	Query string
	// SinceID and UntilID bound the ids, both exclusive. From and To bound the time:
	// from a second on, and to before one; a part of a second at the end counts whole.
	SinceID, UntilID string
	From, To         time.Time
	// NextToken is that of the page before.
	NextToken string
	// Max is how many posts a page may have: 10 to 100 of recent posts, 10 to 500 of
	// all; 0 is the most.
	Max int
}

// Format implements fmt.Formatter and says nothing.
func (Search) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, withheld) }

// LogValue implements slog.LogValuer and says nothing.
func (Search) LogValue() slog.Value { return slog.StringValue(withheld) }

// withheld stands for what is not printed.
const withheld = "(withheld)"

// SearchRecent asks for a page of posts of the last seven days and returns its body.
func (c *Client) SearchRecent(ctx context.Context, s Search) ([]byte, error) {
	params, ok := c.searchParams(s, recentLimit)
	if !ok {
		return nil, &Fault{Kind: Refused, Method: MethodSearchRecent}
	}
	return c.body(ctx, MethodSearchRecent, params, func(ctx context.Context) error {
		_, err := c.library.TweetRecentSearch(ctx, placeholder, twitter.TweetRecentSearchOpts{
			Expansions: expansions(), MediaFields: mediaFields(), TweetFields: postFields(), UserFields: userFields(),
			StartTime: from(s.From), EndTime: to(s.To), SinceID: s.SinceID, UntilID: s.UntilID,
			NextToken: s.NextToken, MaxResults: pageSize(s.Max, 10, 100),
		})
		return err
	})
}

// SearchAll asks for a page of all posts since 2006 and returns its body.
func (c *Client) SearchAll(ctx context.Context, s Search) ([]byte, error) {
	params, ok := c.searchParams(s, archiveLimit)
	if !ok {
		return nil, &Fault{Kind: Refused, Method: MethodSearchAll}
	}
	return c.body(ctx, MethodSearchAll, params, func(ctx context.Context) error {
		_, err := c.library.TweetSearch(ctx, placeholder, twitter.TweetSearchOpts{
			Expansions: expansions(), MediaFields: mediaFields(), TweetFields: postFields(), UserFields: userFields(),
			StartTime: from(s.From), EndTime: to(s.To), SinceID: s.SinceID, UntilID: s.UntilID,
			NextToken: s.NextToken, MaxResults: pageSize(s.Max, 10, 500),
		})
		return err
	})
}

// placeholder stands in the library's hands for what the transport puts in: it
// counts bytes where X counts characters, and it writes queries into its errors.
const placeholder = "0"

// searchParams is what the transport puts in; false if no query can be as long or
// as short as this.
func (c *Client) searchParams(s Search, limit int) (url.Values, bool) {
	if c.cfg.QueryLimit > 0 {
		limit = c.cfg.QueryLimit
	}
	length := utf8.RuneCountInString(s.Query)
	fits := length > 0 && length <= limit && utf8.ValidString(s.Query)
	return url.Values{"query": {s.Query}}, fits && optionalID(s.SinceID) && optionalID(s.UntilID)
}

// from and to give a time as the library must have it: it writes the zone that it
// finds and cuts off parts of a second, at the end of a range too.
func from(t time.Time) time.Time { return t.UTC() }

func to(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); !whole.Equal(t) {
		t = whole.Add(time.Second)
	}
	return t.UTC()
}

// pageSize is what a page may have, as near to what is wanted as X allows.
func pageSize(want, least, most int) int {
	if want <= 0 {
		return most
	}
	return min(max(want, least), most)
}
