package preview

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// userAgent says who asks. It has no version: what changes with each release
// would tell installations apart.
const userAgent = "doxtrail"

// timeout is how long one request may take, its answer included.
const timeout = 30 * time.Second

// ClientConfig says whom a Client asks and how.
type ClientConfig struct {
	// BaseURL is where Telegram's web is; empty is https://t.me.
	BaseURL string
	// Transport carries the requests; nil is one that goes through the proxy of
	// the environment, if there is one.
	Transport http.RoundTripper
	// Turn is called before each request and waits until it may be sent: two to
	// four seconds after the one before are polite. Its error is given back.
	// Nil does not wait.
	Turn func(ctx context.Context) error
}

// Client asks for pages of previews, one at a time, however many goroutines
// use it. It keeps no cookies and follows no redirect.
type Client struct {
	base string
	http *http.Client
	turn func(ctx context.Context) error
	// busy holds a token while a request is under way: a mutex could not be
	// waited for with a context.
	busy chan struct{}
}

// NewClient returns a Client.
func NewClient(cfg ClientConfig) *Client {
	if cfg.BaseURL == "" {
		cfg.BaseURL = "https://t.me"
	}
	if cfg.Transport == nil {
		cfg.Transport = &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           1,
			IdleConnTimeout:        time.Minute,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		}
	}
	if cfg.Turn == nil {
		cfg.Turn = func(context.Context) error { return nil }
	}
	return &Client{
		base: strings.TrimSuffix(cfg.BaseURL, "/"),
		http: &http.Client{
			Transport:     cfg.Transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Timeout:       timeout,
		},
		turn: cfg.Turn,
		busy: make(chan struct{}, 1),
	}
}

// Latest returns the last page of the preview of the channel with this name. The
// error is ErrName, one of Parse's, RateLimited, StatusError, ErrUnreachable,
// Turn's, or the context's.
func (c *Client) Latest(ctx context.Context, name string) (Page, error) {
	return c.page(ctx, name, 0)
}

// Before returns the page of the posts before a number, with the errors of
// Latest. The page's own Before is always smaller than id, so that going on with
// it comes to an end.
func (c *Client) Before(ctx context.Context, name string, id int) (Page, error) {
	if id < 1 {
		return Page{}, ErrNumber
	}
	page, err := c.page(ctx, name, id)
	if page.Before >= id {
		page.Before = 0
	}
	return page, err
}

// page asks for a page when it is this request's turn.
func (c *Client) page(ctx context.Context, name string, before int) (Page, error) {
	if !isName(name) {
		return Page{}, ErrName
	}
	select {
	case c.busy <- struct{}{}:
	case <-ctx.Done():
		return Page{}, ctx.Err()
	}
	defer func() { <-c.busy }()
	if err := c.turn(ctx); err != nil {
		return Page{}, err
	}
	address := c.base + "/s/" + name
	if before > 0 {
		address += "?before=" + strconv.Itoa(before)
	}
	response, err := c.ask(ctx, address)
	if err != nil {
		return Page{}, wordless(ctx, err)
	}
	defer response.Body.Close() //nolint:errcheck // nothing was written
	if err := judge(response, name); err != nil {
		return Page{}, err
	}
	body := &answer{body: response.Body}
	page, err := Parse(body, name, time.Now())
	if body.failed != nil {
		return Page{}, wordless(ctx, body.failed)
	}
	return page, err
}

func (c *Client) ask(ctx context.Context, address string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Accept", "text/html")
	// The words that are read on a page (edited, subscribers) are English.
	request.Header.Set("Accept-Language", "en")
	return c.http.Do(request)
}

// answer is a body that remembers why reading it failed.
type answer struct {
	body   io.Reader
	failed error
}

func (a *answer) Read(p []byte) (int, error) {
	n, err := a.body.Read(p)
	if err != nil && err != io.EOF {
		a.failed = err
	}
	return n, err
}

// judge says what is wrong with an answer before its body is read.
func judge(response *http.Response, name string) error {
	switch code := response.StatusCode; {
	case code == http.StatusOK:
		return nil
	case code == http.StatusTooManyRequests:
		return RateLimited{After: retryAfter(response.Header)}
	case code >= 300 && code < 400:
		// Who has no preview is sent to the card of the name.
		if to, err := url.Parse(response.Header.Get("Location")); err == nil && strings.EqualFold(strings.Trim(to.Path, "/"), name) {
			return ErrNoPreview
		}
		return ErrChallenge
	case code == http.StatusForbidden:
		return ErrChallenge
	default:
		return StatusError{Code: code, After: retryAfter(response.Header)}
	}
}

// isName says whether a name can be a channel's: nothing else gets into an
// address.
func isName(name string) bool {
	if len(name) < 5 || len(name) > 32 {
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
		default:
			return false
		}
	}
	return true
}
