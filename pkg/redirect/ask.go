package redirect

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/throttle"
)

// userAgent is the same for all installations and releases, and is no browser's:
// t.co answers browsers with a page in place of a redirect.
const userAgent = "link-expander"

// withheld says within the package that a shortener may not lead to its target.
const withheld Reason = "withheld"

// maxHeader bounds what is read of an answer's header.
const maxHeader = 32 << 10

// pauseDefault is how long a shortener is left alone that asks for a pause and does
// not say how long, or that does not answer; pauseLimit the longest that is believed.
const (
	pauseDefault = time.Minute
	pauseLimit   = 24 * time.Hour
)

// transport carries requests: each on a connection of its own, which is closed
// behind it, whatever the server still has to say.
func (w wiring) transport(rules *ssrf.Guardian) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext:            w.dialer(rules),
		Protocols:              protocols,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxResponseHeaderBytes: maxHeader,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: w.roots},
	}
}

// ask requests a hop when it is its turn and says where it leads, or why it is not
// known, and takes the time that this took off what is left.
func (c *Client) ask(ctx context.Context, at cardlink.Address, left *time.Duration) (ref string, why Reason, err error) {
	request, ok := newRequest(at)
	if !ok {
		return "", Refused, nil
	}
	host := strings.TrimPrefix(at.Host, "www.")
	leave, err := c.line.enter(ctx, host)
	if err != nil {
		return "", "", err
	}
	defer leave()
	if err := c.turn(ctx, Method(host)); err != nil {
		return "", "", err
	}
	whole := *left == c.cfg.Timeout
	var pause time.Duration
	spend(ctx, left, func(ctx context.Context) {
		ref, why, pause = c.exchange(request.WithContext(ctx))
	})
	if ctx.Err() != nil {
		return "", "", ctx.Err()
	}
	if why == Unreachable || why == Slow && whole {
		pause = pauseDefault // or the next links to it would each wait as long
	}
	if pause > 0 && c.gate != nil {
		err = c.gate.Hold(ctx, Method(host), pause)
	}
	return ref, why, err
}

// turn waits until a method may be called, unless that is longer than ctx lasts: whoever
// waits in vain keeps others from asking elsewhere.
func (c *Client) turn(ctx context.Context, method string) error {
	if c.gate == nil {
		return nil
	}
	deadline, bounded := ctx.Deadline()
	held := func(w throttle.Wait) bool { return w.Method == method && w.Until.After(deadline) }
	if bounded && slices.ContainsFunc(c.gate.Waits(), held) {
		return ErrHeld
	}
	return c.gate.Wait(ctx, method)
}

// newRequest makes the request for a hop, or none if Go's own reading of the address
// differs from the one that was judged.
func newRequest(at cardlink.Address) (*http.Request, bool) {
	u, err := url.Parse(at.URL)
	if err != nil || u.Scheme != at.Scheme || u.Host != at.Host || u.User != nil {
		return nil, false
	}
	header := http.Header{"User-Agent": {userAgent}, "Accept": {"text/html"}}
	return &http.Request{Method: http.MethodGet, URL: u, Host: at.Host, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, true
}

// exchange sends one request and reads its answer. Not an http.Client but its
// transport does it: that knows of no redirects, cookies and referrers.
func (c *Client) exchange(request *http.Request) (ref string, why Reason, pause time.Duration) {
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return "", reasonOf(err), 0
	}
	defer response.Body.Close() //nolint:errcheck // nothing was written
	switch code := response.StatusCode; {
	case code == http.StatusOK:
		ref, why = c.read(response)
		return ref, why, 0
	case code == http.StatusMovedPermanently, code == http.StatusFound, code == http.StatusSeeOther,
		code == http.StatusTemporaryRedirect, code == http.StatusPermanentRedirect:
		ref, why = location(response.Header)
		return ref, why, 0
	case code == http.StatusNotFound, code == http.StatusGone:
		return "", Gone, 0
	case code == http.StatusUnavailableForLegalReasons:
		return "", withheld, 0
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		return "", Paused, pauseOf(response.Header)
	case code >= http.StatusInternalServerError:
		return "", Paused, 0
	}
	return "", Failed, 0
}

// location reads where a redirect leads. Two that differ are a trick: servers and
// proxies do not agree on which one counts.
func location(header http.Header) (string, Reason) {
	values := header.Values("Location")
	if len(values) == 0 || values[0] == "" {
		return "", NoTarget
	}
	for _, other := range values[1:] {
		if other != values[0] {
			return "", Refused
		}
	}
	return values[0], ""
}

// read reads where a page sends its reader.
func (c *Client) read(response *http.Response) (string, Reason) {
	if ref, ok := refresh(response.Header.Get("Refresh")); ok {
		return ref, ""
	}
	kind, _, _ := strings.Cut(strings.ToLower(response.Header.Get("Content-Type")), ";")
	if kind != "" && strings.TrimSpace(kind) != "text/html" {
		return "", NoTarget
	}
	page, err := io.ReadAll(io.LimitReader(response.Body, c.cfg.Bytes))
	c.metrics.bytes.Add(float64(len(page)))
	if err != nil {
		return "", reasonOf(err)
	}
	if ref, ok := leadsTo(page); ok {
		return ref, ""
	}
	return "", NoTarget
}

// reasonOf sorts errors of the network, which hold addresses and are not passed on.
func reasonOf(err error) Reason {
	if errors.Is(err, errGuarded) {
		return Guarded
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return Slow
	}
	return Unreachable
}

// pauseOf reads how long an answer asks to wait, in seconds or as a date.
func pauseOf(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	wait := pauseDefault
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		wait = time.Duration(min(max(seconds, 0), int64(pauseLimit/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, time.Second), pauseLimit)
}
