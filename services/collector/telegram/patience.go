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

// retryFirst is the first wait between two tries; each next one is twice as long.
const retryFirst = 100 * time.Millisecond

// retry waits longer after each try, up to a limit. What does not pass is said to
// troubled, and nothing when it did.
func retry(ctx context.Context, log *slog.Logger, limit time.Duration, troubled func(what string), do func() error) error {
	for wait := retryFirst; ; wait = min(2*wait, limit) {
		err := do()
		if err == nil && wait > retryFirst {
			troubled("")
		}
		if err == nil || ctx.Err() != nil || faultOf(err) != faultTransient {
			return err
		}
		if wait >= limit {
			troubled("tried again and again: " + class(err))
		}
		if wait > retryFirst {
			log.Warn("a look at a channel failed; it is tried again", slog.String(service.KeyClass, class(err)), service.Error(err))
		}
		if err := sleep(ctx, wait/2+rand.N(wait/2)); err != nil { //nolint:gosec // no secret, it spreads tries
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
