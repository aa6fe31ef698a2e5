package redirect

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"code.dny.dev/ssrf"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/throttle"
)

// Client expands short links. It is safe for concurrent use and needs no closing.
type Client struct {
	cfg       Config
	watched   func(host string) bool
	gate      *throttle.Gate
	rules     *ssrf.Guardian
	line      *line
	transport http.RoundTripper
	metrics   *metrics
}

// New returns a Client. The error names every fault of the configuration.
func New(cfg Config) (*Client, error) { return newClient(cfg, wiring{}) }

func newClient(cfg Config, w wiring) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configure redirects: %w", err)
	}
	cfg = cfg.withDefaults()
	c := &Client{cfg: cfg, watched: cfg.Watched, gate: cfg.Gate, rules: ssrf.New(), metrics: newMetrics(cfg.Metrics)}
	c.line = newLine(cfg.Shorteners, cfg.Waiting, c.metrics.waiting)
	c.transport = w.transport(c.rules)
	return c, nil
}

// Short says whether a host is a shortener that Expand would request.
func (c *Client) Short(host string) bool {
	return c.line.has(strings.TrimPrefix(strings.ToLower(host), "www."))
}

// Expand follows a short link from shortener to shortener and says where it leads.
// It waits its turn for each request. Errors, when nothing is known of the link:
// ErrNotShort, ErrBusy, ErrHeld, that of ctx, or the Gate's. What goes wrong with the link
// itself is a Result. Neither holds any address but Result.URL.
func (c *Client) Expand(ctx context.Context, link string) (Result, error) {
	at, err := cardlink.Resolve("", link)
	if err != nil {
		return Result{}, ErrNotShort
	}
	result, hop := c.judge(at)
	switch {
	case hop:
		if result, err = c.follow(ctx, at); err != nil {
			return Result{}, err
		}
	case result.Outcome != Watched:
		return Result{}, ErrNotShort
	}
	c.metrics.count(result)
	return result, nil
}

// follow requests one hop after another, beginning with a hop.
func (c *Client) follow(ctx context.Context, at cardlink.Address) (Result, error) {
	left := c.cfg.Timeout
	seen := map[string]bool{}
	for hops := 1; ; hops++ {
		seen[at.URL] = true
		ref, why, err := c.ask(ctx, at, &left)
		if err != nil {
			return Result{}, err
		}
		result, hop := unresolved(why), false
		switch why {
		case "":
			if at, err = cardlink.Resolve(at.URL, ref); err != nil {
				result = unresolved(Refused)
			} else {
				result, hop = c.judge(at)
			}
		case withheld:
			result = Result{Outcome: Blocked}
		}
		if hop && seen[at.URL] {
			result, hop = unresolved(Loop), false
		}
		if hop && hops == c.cfg.Hops {
			result, hop = unresolved(TooMany), false
		}
		if !hop {
			result.Hops = hops
			return result, nil
		}
	}
}

// judge says what an address is: a hop, which is requested, or a result.
func (c *Client) judge(at cardlink.Address) (result Result, hop bool) {
	link, err := cardlink.Canonicalise(at.URL)
	if err != nil {
		return unresolved(Refused), false
	}
	if c.watched(link.Host) {
		return Result{URL: at.URL, Outcome: Watched}, false
	}
	if target, warns := warning(at); warns {
		return Result{URL: c.named(target), Outcome: Blocked}, false
	}
	switch {
	case c.Short(strings.TrimSuffix(at.Host, ".")):
		if at.Port != "" || at.Userinfo || strings.HasSuffix(at.Host, ".") {
			return unresolved(Refused), false
		}
		return Result{}, true
	case !c.reachable(at):
		return unresolved(Refused), false
	}
	return Result{URL: at.URL, Outcome: Resolved}, false
}

// reachable says whether an address can be one that everybody gets to.
func (c *Client) reachable(at cardlink.Address) bool {
	if at.IP {
		return isGlobal(c.rules, at.Host)
	}
	return at.Public && !strings.HasSuffix(strings.TrimSuffix(at.Host, "."), ".localhost")
}

// named reads the target that a warning names; it is empty if that is none.
func (c *Client) named(target string) string {
	at, err := cardlink.Resolve("", target)
	if err != nil || !c.reachable(at) {
		return ""
	}
	return at.URL
}

// spend runs what may take the time that is left, and takes off what it took.
func spend(ctx context.Context, left *time.Duration, do func(ctx context.Context)) {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, *left)
	defer cancel()
	do(ctx)
	*left = max(*left-time.Since(begun), 0)
}
