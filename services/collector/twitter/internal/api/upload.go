package api

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Upload sends a job its ids, one a line. It streams: of a *bytes.Reader,
// *bytes.Buffer or *strings.Reader the length is sent ahead, which some stores want.
// It ends when nothing moves for as long as a call may take. Errors: *Fault, that of
// ctx.
func (c *Client) Upload(ctx context.Context, job Job, ids io.Reader) error {
	e := errand{method: MethodCompliance, file: true}
	outer := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	request, fault := c.fileRequest(e.in(ctx), http.MethodPut, job.UploadURL, ids)
	if fault != nil {
		return fault
	}
	request.Header.Set("Content-Type", "text/plain")
	stalled := time.AfterFunc(c.cfg.CallLimit, func() { cancel(errLate) })
	defer stalled.Stop()
	if request.Body != nil {
		request.Body = &pushed{ReadCloser: request.Body, stalled: stalled, limit: c.cfg.CallLimit}
	}
	request.GetBody = nil // or a second try would not be watched
	began := time.Now()
	response, err := c.http.Do(request)
	if err == nil {
		err = response.Body.Close()
	}
	return c.fileFault(outer, &e, err, began)
}

// pushed is what is uploaded: as long as it is read, something moves.
type pushed struct {
	io.ReadCloser
	stalled *time.Timer
	limit   time.Duration
}

// Read implements io.Reader.
func (p *pushed) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.stalled.Reset(p.limit)
	return n, err
}

// fileRequest asks for a file of a job, over TLS and from a host with a name that is
// not this machine, or on this machine where the API is there too: the address comes
// from an answer, and must not lead into the network that the collector is in.
func (c *Client) fileRequest(ctx context.Context, method, address string, body io.Reader) (*http.Request, *Fault) {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" || at.User != nil || !c.isFile(at) {
		return nil, &Fault{Kind: Refused, Method: MethodCompliance}
	}
	request, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return nil, &Fault{Kind: Refused, Method: MethodCompliance}
	}
	return request, nil
}

// isFile says whether a file may lie at an address.
func (c *Client) isFile(at *url.URL) bool {
	if isLoopback(c.api.Hostname()) {
		return secure(at, true)
	}
	host := strings.ToLower(strings.TrimSuffix(at.Hostname(), "."))
	_, err := netip.ParseAddr(host)
	local := !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal")
	return err != nil && !local && !numeric(host) && secure(at, false)
}

// numeric says whether a host is an address in one of the ways that resolvers take for
// one, like 0x7f.1 or 2130706433.
func numeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil
}

// fileFault says what went wrong with a file, and counts the request.
func (c *Client) fileFault(ctx context.Context, e *errand, err error, began time.Time) error {
	fault := judge(e, err)
	if fault == nil && err != nil {
		fault = &Fault{Kind: networkKind(err), Method: e.method}
	}
	c.seen(ctx, e, fault, time.Since(began))
	switch {
	case fault == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		return fault
	}
}
