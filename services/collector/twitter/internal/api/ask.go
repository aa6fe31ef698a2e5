package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// mostTries is how often a call is made that X says comes too early: the waits
// between them are up to a quarter of an hour long.
const mostTries = 8

// errLate ends a call that takes too long.
var errLate = errors.New("the answer is late")

// lane is one method: a call under way, and how often in a row X said that it came
// too early without saying when not to.
type lane struct {
	busy    chan struct{} // holds one while a call is under way
	strikes int           // for whoever is under way
}

// enter waits until no other call of the method is under way: calls that wait would
// arrive together, and those beside one that is told to wait would come too early.
func (c *Client) enter(ctx context.Context, method string) (*lane, error) {
	c.mu.Lock()
	l := c.lanes[method]
	if l == nil {
		l = &lane{busy: make(chan struct{}, 1)}
		c.lanes[method] = l
	}
	c.mu.Unlock()
	select {
	case l.busy <- struct{}{}:
		return l, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// body makes a call and returns the body of its answer, which is one whole JSON
// object. Errors: *Fault, that of ctx, the Gate's.
func (c *Client) body(ctx context.Context, method string, params url.Values, do func(context.Context) error) ([]byte, error) {
	e, err := c.ask(ctx, errand{method: method, params: params}, do)
	if err != nil {
		return nil, err
	}
	return e.body, nil
}

// ask makes a call, again if it came too early, and once more if the server spells
// fields the other way.
func (c *Client) ask(ctx context.Context, order errand, do func(context.Context) error) (*errand, error) {
	l, err := c.enter(ctx, order.method)
	if err != nil {
		return nil, err
	}
	defer func() { <-l.busy }()
	respelled := false
	for try := 1; ; try++ {
		if err := c.cfg.Gate.Wait(ctx, order.method); err != nil {
			return nil, fmt.Errorf("wait for a turn: %w", err)
		}
		e := order
		fault := c.once(ctx, &e, do)
		if fault != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		held := c.settle(ctx, l, &e, fault)
		switch {
		case fault == nil:
			// The answer is paid for: that a hold could not be kept does not lose it.
			return &e, nil
		case held != nil:
			return nil, held
		case fault.Kind == Limited && try < mostTries:
		case fault.Kind == Refused && !respelled && namesFields(e.body):
			respelled = true
			c.renamed.Store(!e.renamed)
		default:
			return nil, fault
		}
	}
}

// once makes a call once and says what went wrong.
func (c *Client) once(ctx context.Context, e *errand, do func(context.Context) error) *Fault {
	token, err := c.cfg.Token()
	if err != nil || token == "" {
		return &Fault{Kind: NoToken, Method: e.method}
	}
	e.token = token
	outer := ctx
	ctx, cancel := context.WithCancelCause(outer)
	late := time.AfterFunc(c.cfg.CallLimit, func() { cancel(errLate) })
	began := time.Now()
	err = do(e.in(ctx))
	inTime := late.Stop()
	fault := judge(e, err)
	if fault != nil && errors.Is(context.Cause(ctx), errLate) || e.live != nil && !inTime {
		fault = &Fault{Kind: Timeout, Method: e.method}
	}
	if e.live == nil || fault != nil {
		cancel(nil)
	} else {
		e.cancel = cancel
	}
	c.seen(outer, e, fault, time.Since(began))
	return fault
}

func (c *Client) seen(ctx context.Context, e *errand, fault *Fault, took time.Duration) {
	call := Call{Method: e.method, Class: "ok", Took: took, Bytes: int64(len(e.body))}
	switch {
	case fault != nil && ctx.Err() != nil:
		call.Class = "stopped"
	case fault != nil:
		call.Class = string(fault.Kind)
	}
	c.cfg.Seen(call)
}

// settle gives the Gate what the answer says of limits.
func (c *Client) settle(ctx context.Context, l *lane, e *errand, fault *Fault) error {
	limited := fault != nil && fault.Kind == Limited
	d := holdFor(e.header, limited, l.strikes, time.Now())
	l.strikes++
	if !limited {
		l.strikes = 0
	}
	if d <= 0 {
		return nil
	}
	if limited {
		fault.Until = time.Now().Add(d)
	}
	if err := c.cfg.Gate.Hold(ctx, e.method, d); err != nil {
		return fmt.Errorf("hold a method: %w", err)
	}
	return nil
}

// plain makes a request that the library has no call for.
func (c *Client) plain(method, path string, query url.Values) func(context.Context) error {
	return func(ctx context.Context) error {
		at := *c.api
		at.Path, at.RawQuery = "/"+path, query.Encode()
		request, err := http.NewRequestWithContext(ctx, method, at.String(), http.NoBody)
		if err != nil {
			return err
		}
		request.Header.Set("Accept", "application/json")
		c.library.Authorizer.Add(request)
		response, err := c.library.Client.Do(request)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body)
		return response.Body.Close()
	}
}

// isObject says whether a body is one whole JSON object.
func isObject(body []byte) bool {
	return len(body) > 0 && body[0] == '{' && json.Valid(body)
}

func trimmed(body []byte) []byte { return bytes.TrimSpace(body) }
