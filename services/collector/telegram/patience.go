package telegram

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/doxtrail/doxtrail/pkg/service"
)

// lingerLimit bounds how long what was begun may take after the stop.
const lingerLimit = 5 * time.Second

// lingering is a context for the end of what was begun: it outlasts ctx, but not
// for long.
func lingering(ctx context.Context) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lingerLimit, cancel) })
	return lasting, func() { stop(); cancel() }
}

const (
	// retryFirst is the first wait between two tries; each next one is twice as
	// long.
	retryFirst = 100 * time.Millisecond
	// sayEvery is how often it is logged that something still does not pass: with
	// hundreds of channels a line for each try would bury the log.
	sayEvery = time.Hour
)

// tries are the tries of one thing, and the waits between them, longer each time up
// to a limit. What does not pass is said to troubled, and nothing when it did.
type tries struct {
	log      *slog.Logger
	limit    time.Duration
	troubled func(what string)

	failures int
	wait     time.Duration
	saidAt   time.Time
}

// passed begins anew.
func (t *tries) passed() {
	if t.failures == 0 {
		return
	}
	t.troubled("")
	if !t.saidAt.IsZero() {
		t.log.Info("a look at a channel that failed has passed", service.KeyCount, t.failures)
	}
	t.failures, t.wait, t.saidAt = 0, 0, time.Time{}
}

// failed says how long to wait, and whether there is any sense in another try.
func (t *tries) failed(err error) (wait time.Duration, again bool) {
	if faultOf(err) != faultTransient {
		return 0, false
	}
	t.failures++
	t.wait = max(retryFirst, min(2*t.wait, t.limit))
	if t.wait >= t.limit {
		t.troubled("tried again and again: " + reasonOf(err))
	}
	if now := time.Now(); t.failures > 1 && now.Sub(t.saidAt) >= sayEvery {
		t.saidAt = now
		t.log.Warn("a look at a channel failed; it is tried again", slog.String(service.KeyClass, class(err)), slog.Int(service.KeyCount, t.failures), service.Error(err))
	}
	return t.wait/2 + rand.N(t.wait/2), true //nolint:gosec // no secret, it spreads tries
}

// retry does something again for as long as what hinders it may pass by itself.
func retry(ctx context.Context, log *slog.Logger, limit time.Duration, troubled func(what string), do func() error) error {
	t := &tries{log: log, limit: limit, troubled: troubled}
	for {
		err := do()
		if err == nil {
			t.passed()
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		wait, again := t.failed(err)
		if !again {
			return err
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// sleep waits, or returns ctx's error.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
