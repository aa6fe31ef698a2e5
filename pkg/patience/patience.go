// Package patience is how a live collector waits: it tries again what may pass by
// itself, more and more rarely, and brings to an end what it has begun.
//
//	err := patience.Retry(ctx, patience.Config{Limit: 30 * time.Second, Passes: transient}, look)
//
// Nothing in it waits for longer than its context lasts, but Lingering, which is
// bounded on its own.
package patience

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// First is the first wait between two tries; each next one is twice as long.
	First = 100 * time.Millisecond
	// LingerLimit bounds how long what was begun may take after the stop.
	LingerLimit = 5 * time.Second
	// SayEvery is how often it is said that something still does not pass: with
	// hundreds of things that fail at once a line for each try would bury the log.
	SayEvery = time.Hour
)

// Lingering is a context for the end of what was begun: it outlasts ctx, but by
// LingerLimit at most.
func Lingering(ctx context.Context) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(LingerLimit, cancel) })
	return lasting, func() { stop(); cancel() }
}

// Config says what is tried again, and who is told. Functions that are nil tell
// nobody.
type Config struct {
	// Limit is the longest wait between two tries.
	Limit time.Duration
	// Passes says whether an error may pass by itself; others are not tried again.
	Passes func(error) bool
	// Failing is told what does not pass, from the second failure on and then once
	// an hour, with how many there were; Passed how many there were, if Failing was
	// told of any.
	Failing func(err error, failures int)
	Passed  func(failures int)
	// Troubled is told what does not pass once the waits have reached Limit, and nil
	// when it did.
	Troubled func(error)
}

// Tries are the tries of one thing, and the waits between them.
type Tries struct {
	cfg      Config
	failures int
	wait     time.Duration
	saidAt   time.Time
}

// NewTries returns Tries of which none has failed.
func NewTries(cfg Config) *Tries { return &Tries{cfg: cfg} }

// Passed begins anew.
func (t *Tries) Passed() {
	if t.failures == 0 {
		return
	}
	if t.cfg.Troubled != nil {
		t.cfg.Troubled(nil)
	}
	if !t.saidAt.IsZero() && t.cfg.Passed != nil {
		t.cfg.Passed(t.failures)
	}
	t.failures, t.wait, t.saidAt = 0, 0, time.Time{}
}

// Failed says how long to wait, and whether there is any sense in another try.
func (t *Tries) Failed(err error) (wait time.Duration, again bool) {
	if !t.cfg.Passes(err) {
		return 0, false
	}
	t.failures++
	t.wait = max(First, min(2*t.wait, t.cfg.Limit))
	if t.wait >= t.cfg.Limit && t.cfg.Troubled != nil {
		t.cfg.Troubled(err)
	}
	if now := time.Now(); t.failures > 1 && now.Sub(t.saidAt) >= SayEvery {
		t.saidAt = now
		if t.cfg.Failing != nil {
			t.cfg.Failing(err, t.failures)
		}
	}
	return t.wait/2 + rand.N(t.wait/2), true //nolint:gosec // no secret, it spreads tries
}

// Retry does something until it succeeds, ctx ends, or an error does not pass by
// itself. It returns the last error, or ctx's.
func Retry(ctx context.Context, cfg Config, do func() error) error {
	t := NewTries(cfg)
	for {
		err := do()
		if err == nil {
			t.Passed()
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		wait, again := t.Failed(err)
		if !again {
			return err
		}
		if err := Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// Sleep waits, or returns ctx's error.
func Sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// While is a context that ends with ctx, or soon after ok is false, which is asked
// every so often.
func While(ctx context.Context, every time.Duration, ok func() bool) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		for Sleep(ctx, every) == nil {
			if !ok() {
				cancel()
			}
		}
	}()
	return ctx, cancel
}
