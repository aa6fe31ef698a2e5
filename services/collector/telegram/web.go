package telegram

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/throttle"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/preview"
)

// methodWeb is the web preview's word among the methods, in rates, waits and
// metrics.
const methodWeb = "t.me/s"

// errCutOff says that a page came without its end.
var errCutOff = errors.New("the page of the web preview was cut off")

// web asks for pages of the web preview: one at a time, at the polite rate, and
// not before the web wants to be asked again.
type web struct {
	client  *preview.Client
	turns   *throttle.Gate
	metrics *metrics
	pauses  pauses

	// busy holds a token from a request until what it says about waiting is in
	// force. Who has it may use pause.
	busy chan struct{}
	// pause is how long was waited after the last trouble; 0 after an answer.
	pause time.Duration
}

// seeWeb has the account look through the web preview, where that is wanted.
func (a *account) seeWeb(turns *throttle.Gate) {
	if a.cfg.Preview.URL == "" {
		return
	}
	a.web = &web{
		client: preview.NewClient(preview.ClientConfig{BaseURL: a.cfg.Preview.URL, Turn: func(ctx context.Context) error {
			return turns.Wait(ctx, methodWeb)
		}}),
		turns: turns, metrics: a.metrics, pauses: a.cfg.pauses, busy: make(chan struct{}, 1),
	}
	if a.cfg.HasAccount() {
		a.vantage = newVantage(a)
	}
}

// follower follows a channel in the way that there is.
func (a *account) follower(w watchlist.Channel) follower {
	if a.cfg.HasAccount() {
		return newChannel(a, w)
	}
	return newWebChannel(a, w)
}

// runWeb follows channels through the web preview alone until ctx ends.
func (a *account) runWeb(ctx context.Context) error {
	a.connected()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.follow(ctx, group) })
	return group.Wait()
}

// page asks for the posts before a number; 0 asks for the newest. The error is
// one of package preview, errCutOff, one of package throttle, or the context's.
func (w *web) page(ctx context.Context, name string, before int) (page preview.Page, err error) {
	err = w.ask(ctx, func() error {
		if before > 0 {
			page, err = w.client.Before(ctx, name, before)
		} else {
			page, err = w.client.Latest(ctx, name)
		}
		if err == nil && !page.Whole() {
			err = errCutOff
		}
		return err
	})
	return page, err
}

// state asks what the web shows of a post, with the errors of page.
func (w *web) state(ctx context.Context, name string, id int) (state preview.State, page preview.Page, err error) {
	err = w.ask(ctx, func() error {
		state, page, err = w.client.State(ctx, name, id)
		return err
	})
	return state, page, err
}

// ask asks once, and keeps whatever the answer says about waiting.
func (w *web) ask(ctx context.Context, do func() error) error {
	select {
	case w.busy <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-w.busy }()
	err := do()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if faultOf(err).ofAccount() {
		return err
	}
	w.metrics.calls.WithLabelValues(methodWeb, webClass(err)).Inc()
	if !passes(err) {
		w.pause = 0
		return err
	}
	limit := w.pauses.parkLimit
	if errors.Is(err, preview.ErrUnreachable) || errors.Is(err, errCutOff) {
		limit = w.pauses.retryLimit
	}
	w.pause = min(max(2*w.pause, w.pauses.park), limit)
	if held := w.turns.Hold(ctx, methodWeb, max(w.pause, askedToWait(err))); held != nil {
		return fmt.Errorf("wait as the web asks: %w", held)
	}
	return err
}

// passes says whether trouble with the web may pass by itself, and is not that of
// one channel: nothing is asked for a while then.
func passes(err error) bool {
	var limited preview.RateLimited
	var status preview.StatusError
	return errors.As(err, &limited) || errors.As(err, &status) && status.Code >= 500 ||
		errors.Is(err, preview.ErrChallenge) || errors.Is(err, preview.ErrUnreachable) || errors.Is(err, errCutOff)
}

// askedToWait is how long the web wants not to be asked; 0 if it does not say.
func askedToWait(err error) time.Duration {
	var limited preview.RateLimited
	var status preview.StatusError
	if errors.As(err, &limited) {
		return limited.After
	}
	if errors.As(err, &status) {
		return status.After
	}
	return 0
}

// webClass is the word of an answer in log and metrics.
func webClass(err error) string {
	var limited preview.RateLimited
	var status preview.StatusError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &limited):
		return "rate_limited"
	case errors.As(err, &status):
		return "status_" + strconv.Itoa(status.Code)
	case errors.Is(err, preview.ErrNoPreview):
		return "no_preview"
	case errors.Is(err, preview.ErrChallenge):
		return "challenge"
	case errors.Is(err, preview.ErrOtherName):
		return "other_name"
	case errors.Is(err, preview.ErrTooLarge):
		return "too_large"
	case errors.Is(err, preview.ErrName):
		return "no_name"
	default:
		return "connection"
	}
}
