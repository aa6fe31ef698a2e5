package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	twitter "github.com/g8rswimmer/go-twitter/v2"
)

// Config says whom a Client asks and how.
type Config struct {
	// URL is where the API is, without a path; empty is https://api.x.com. Plain
	// http is for a loopback address only.
	URL string
	// Token gives the bearer token of the app, before each call: it may change.
	// Its error is not told on, since it may name a file: the call fails with
	// NoToken.
	Token func() (string, error)
	// Gate gives turns; *throttle.Gate is one.
	Gate Gate
	// Transport carries the requests; nil is two of the client's own, one of them for
	// the stream, which go through the proxy of the environment, if there is one. It
	// must decompress what it asked to have compressed, as http.Transport does, and
	// what of the stream lies in it unread is its own affair.
	Transport http.RoundTripper
	// QueryLimit is how many characters a query may have; 0 is 512 for recent posts
	// and 1,024 for all, and an Enterprise contract allows 4,096.
	QueryLimit int
	// CallLimit bounds a call with its answer, and how long a file may bring
	// nothing; 0 is a minute.
	CallLimit time.Duration
	// StreamIdle is how long the stream may bring nothing, where X sends a heartbeat
	// every 20 s; 0 is 30 s.
	StreamIdle time.Duration
	// Seen is told each request that was made, for metrics; nil is told nothing. It
	// must be safe for concurrent use.
	Seen func(Call)
}

// Gate gives the turns of one app. Wait returns when the method may be called
// once; Hold says that X allows no call of it before d from now.
type Gate interface {
	Wait(ctx context.Context, method string) error
	Hold(ctx context.Context, method string, d time.Duration) error
}

// Call is one request that was made.
type Call struct {
	// Method is one of Methods.
	Method string
	// Class is "ok", the Kind of what went wrong, or "stopped" where the caller's
	// context ended first.
	Class string
	// Took is the time until the answer was read, of the stream and of files until
	// it began.
	Took time.Duration
	// Bytes are those of the answer's body, decompressed; 0 for the stream and files.
	Bytes int64
}

const (
	defaultURL   = "https://api.x.com"
	callLimit    = time.Minute
	streamIdle   = 30 * time.Second
	headerLimit  = 30 * time.Second
	recentLimit  = 512
	archiveLimit = 1024
)

// Client asks X. It is safe for concurrent use; Close it when no call is under
// way.
type Client struct {
	cfg     Config
	api     *url.URL
	library *twitter.Client
	http    *http.Client
	own     *http.Transport // for all but the stream; nil where the configuration gave one
	renamed atomic.Bool     // requests are spelled post

	mu    sync.Mutex
	lanes map[string]*lane
}

// New returns a Client. It makes no request.
func New(cfg Config) (*Client, error) {
	if cfg.Token == nil || cfg.Gate == nil {
		return nil, errors.New("open X's API: token and gate must be given")
	}
	if cfg.URL == "" {
		cfg.URL = defaultURL
	}
	at, err := url.Parse(strings.TrimSuffix(cfg.URL, "/"))
	if err != nil || at.Host == "" || at.Path != "" || at.RawQuery != "" || at.User != nil || !secure(at, true) {
		return nil, fmt.Errorf("open X's API: the address must be https://HOST, or http://HOST:PORT of a loopback address, without a path")
	}
	if cfg.CallLimit <= 0 {
		cfg.CallLimit = callLimit
	}
	if cfg.StreamIdle <= 0 {
		cfg.StreamIdle = streamIdle
	}
	if cfg.Seen == nil {
		cfg.Seen = func(Call) {}
	}
	c := &Client{cfg: cfg, api: at, lanes: map[string]*lane{}}
	base, stream := cfg.Transport, cfg.Transport
	if base == nil {
		c.own = newTransport()
		// On a kept connection net/http may send a request a second time, which
		// nobody has a turn for. HTTP/2 does so only for what was not processed.
		c.own.DisableKeepAlives = at.Scheme == "http"
		base, stream = c.own, newStreamTransport()
	}
	c.http = &http.Client{
		Transport:     &transport{base: base, stream: stream, client: c},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.library = &twitter.Client{Authorizer: bearer{}, Client: c.http, Host: at.String()}
	return c, nil
}

// Close lets go of idle connections. It ends no stream.
func (c *Client) Close() {
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer().DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           4,
		IdleConnTimeout:        time.Minute,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  headerLimit,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

func dialer() *net.Dialer { return &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second} }

// secure says whether an address may be asked: over TLS, or on this machine where
// the API is there too.
func secure(at *url.URL, loopback bool) bool {
	return at.Scheme == "https" || at.Scheme == "http" && loopback && isLoopback(at.Hostname())
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
