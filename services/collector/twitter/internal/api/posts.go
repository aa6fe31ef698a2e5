package api

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	twitter "github.com/g8rswimmer/go-twitter/v2"
)

// Posts asks for 1 to 100 posts by their ids and returns the body; what is not to
// be had stands in its errors.
func (c *Client) Posts(ctx context.Context, ids []string) ([]byte, error) {
	if !batch(ids, isID) {
		return nil, &Fault{Kind: Refused, Method: MethodPosts}
	}
	return c.body(ctx, MethodPosts, url.Values{"ids": {strings.Join(ids, ",")}}, func(ctx context.Context) error {
		_, err := c.library.TweetLookup(ctx, several(), twitter.TweetLookupOpts{
			Expansions: expansions(), MediaFields: mediaFields(), TweetFields: postFields(), UserFields: userFields(),
		})
		return err
	})
}

// Users asks for 1 to 100 accounts by their ids and returns the body.
func (c *Client) Users(ctx context.Context, ids []string) ([]byte, error) {
	if !batch(ids, isID) {
		return nil, &Fault{Kind: Refused, Method: MethodUsers}
	}
	return c.body(ctx, MethodUsers, url.Values{"ids": {strings.Join(ids, ",")}}, func(ctx context.Context) error {
		_, err := c.library.UserLookup(ctx, several(), twitter.UserLookupOpts{UserFields: userFields()})
		return err
	})
}

// UsersByName asks for 1 to 100 accounts by their handles, without the @, and
// returns the body.
func (c *Client) UsersByName(ctx context.Context, names []string) ([]byte, error) {
	if !batch(names, isName) {
		return nil, &Fault{Kind: Refused, Method: MethodUsers}
	}
	return c.body(ctx, MethodUsers, url.Values{"usernames": {strings.Join(names, ",")}}, func(ctx context.Context) error {
		_, err := c.library.UserNameLookup(ctx, several(), twitter.UserLookupOpts{UserFields: userFields()})
		return err
	})
}

// Page says which part of a list is asked for.
type Page struct {
	// SinceID and UntilID bound the ids, both exclusive.
	SinceID, UntilID string
	// NextToken is that of the page before.
	NextToken string
	// Max is how many posts the page may have, 5 to 100; 0 is the most.
	Max int
}

// Format implements fmt.Formatter and says nothing.
func (Page) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, withheld) }

// LogValue implements slog.LogValuer and says nothing.
func (Page) LogValue() slog.Value { return slog.StringValue(withheld) }

// Timeline asks for a page of an account's posts, newest first, and returns its
// body. X serves the newest 3,200.
func (c *Client) Timeline(ctx context.Context, userID string, p Page) ([]byte, error) {
	if !isID(userID) || !optionalID(p.SinceID) || !optionalID(p.UntilID) {
		return nil, &Fault{Kind: Refused, Method: MethodTimeline}
	}
	return c.body(ctx, MethodTimeline, nil, func(ctx context.Context) error {
		_, err := c.library.UserTweetTimeline(ctx, userID, twitter.UserTweetTimelineOpts{
			Expansions: expansions(), MediaFields: mediaFields(), TweetFields: postFields(), UserFields: userFields(),
			SinceID: p.SinceID, UntilID: p.UntilID, PaginationToken: p.NextToken, MaxResults: pageSize(p.Max, 5, 100),
		})
		return err
	})
}

// Quotes asks for a page of the posts that quote one and returns its body. next is
// empty for the first page.
func (c *Client) Quotes(ctx context.Context, id, next string) ([]byte, error) {
	if !isID(id) {
		return nil, &Fault{Kind: Refused, Method: MethodQuotes}
	}
	return c.body(ctx, MethodQuotes, nil, func(ctx context.Context) error {
		_, err := c.library.QuoteTweetsLookup(ctx, id, twitter.QuoteTweetsLookupOpts{
			Expansions: expansions(), MediaFields: mediaFields(), TweetFields: postFields(), UserFields: userFields(),
			PaginationToken: next, MaxResults: 100,
		})
		return err
	})
}

// Reposts asks for a page of the reposts of one post, which have times and accounts
// (the library only knows the call that lists accounts), and returns its body. next
// is empty for the first page.
func (c *Client) Reposts(ctx context.Context, id, next string) ([]byte, error) {
	if !isID(id) {
		return nil, &Fault{Kind: Refused, Method: MethodReposts}
	}
	query := fieldParams()
	query.Set("max_results", strconv.Itoa(100))
	if next != "" {
		query.Set("pagination_token", next)
	}
	return c.body(ctx, MethodReposts, nil, c.plain(http.MethodGet, "2/tweets/"+id+"/retweets", query))
}

// several stands for the ids that the transport puts in. It is more than one: the
// library asks for a single one at another address, with a limit of its own, and
// loses what the answer says of one that is gone.
func several() []string { return []string{placeholder, placeholder} }

// batch says whether all of 1 to 100 are fit to be asked for.
func batch(all []string, fit func(string) bool) bool {
	for _, one := range all {
		if !fit(one) {
			return false
		}
	}
	return len(all) >= 1 && len(all) <= 100
}

// isID says whether an id is a number: nothing else gets into an address.
func isID(id string) bool {
	for i := range len(id) {
		if id[i] < '0' || id[i] > '9' {
			return false
		}
	}
	return len(id) >= 1 && len(id) <= 20
}

func optionalID(id string) bool { return id == "" || isID(id) }

// isName says whether a handle is one.
func isName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
		default:
			return false
		}
	}
	return len(name) >= 1 && len(name) <= 15
}
