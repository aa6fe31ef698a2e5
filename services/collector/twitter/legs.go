package twitter

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/service"
)

// leg is one way of collecting. It runs beside the others and shares the app's rates
// and its budget with them.
type leg interface {
	// name is its word in status, log and metrics.
	name() string
	// run collects until ctx ends, and returns nil before that only if there is nothing
	// more to do. It tries again itself what passes; another error parks the leg, or ends
	// all of them where it is of the whole app. After an error it is run again, from
	// where its cursors are: it keeps nothing else that matters.
	run(ctx context.Context) error
}

// legsOf makes the legs that the configuration asks for.
func legsOf(a *app) []leg {
	legs := []leg{usage{a}}
	gaps := newGaps(a)
	if a.cfg.Stream.On {
		rules := newRules(a)
		legs = append(legs, rules, newStream(a, gaps, rules))
	}
	if a.cfg.Search.On {
		legs = append(legs, newSearch(a, gaps))
	}
	if begin, err := a.cfg.Backfill.Begin(); err == nil && !begin.IsZero() {
		legs = append(legs, newBackfill(a, begin))
	}
	return append(legs, againLegs(a)...)
}

// run asks X what it has counted, which shows whether it accepts the token, and then
// runs the legs until one of them ends them all.
func (a *app) run(ctx context.Context, legs []leg) error {
	if err := a.firstUsage(ctx); err != nil {
		return err
	}
	a.metrics.token.Set(1)
	defer a.metrics.token.Set(0)
	a.turn(StateCollecting, "")
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range legs {
		a.board.is(l.name(), legRuns, "", time.Time{}, ForLater)
		group.Go(func() error { return a.runLeg(ctx, l) })
	}
	group.Go(func() error { return a.expandShortLinks(ctx) })
	group.Go(func() error { // with legs that are all done, there may still be a new watch list
		<-ctx.Done()
		return ctx.Err()
	})
	return group.Wait()
}

// runLeg runs a leg until ctx ends, there is nothing more for it to do, or what is
// wrong is of the whole app. Else it is begun anew, more and more rarely.
func (a *app) runLeg(ctx context.Context, l leg) error {
	var said saying
	for wait := time.Duration(0); ; {
		began := time.Now()
		err := l.run(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			a.is(l, legDone, "", time.Time{}, ForLater)
			return nil
		case ofApp(err):
			return err
		}
		if spent := new(Spent); errors.As(err, &spent) {
			if err := a.restSpent(ctx, l, spent); err != nil {
				return err
			}
			wait = 0
			continue
		}
		if time.Since(began) > a.cfg.pauses.parkLimit {
			wait, said = 0, saying{}
		}
		wait = min(max(2*wait, a.cfg.pauses.park), a.cfg.pauses.parkLimit)
		if said.news(class(err)) {
			a.log.Warn("a leg cannot go on now", slog.String(keyLeg, l.name()), slog.String(service.KeyClass, class(err)), service.Error(err))
		}
		a.board.refuses(l.name(), refusedText(err), time.Now())
		a.is(l, legParked, reasonOf(err), time.Now().Add(wait), ForLater)
		if err := patience.Sleep(ctx, wait); err != nil {
			return err
		}
		a.is(l, legRuns, "", time.Time{}, ForLater)
	}
}

// restSpent waits until there may be something to spend again. The clock is looked at
// again and again: a month is longer than a clock is right.
func (a *app) restSpent(ctx context.Context, l leg, spent *Spent) error {
	a.log.Warn("a leg waits: its part of the budget is spent", slog.String(keyLeg, l.name()), slog.Time("until", spent.Until))
	a.is(l, legSpent, "its part of the budget is spent", spent.Until, spent.Share)
	for a.cfg.clock().Before(spent.Until) {
		if err := patience.Sleep(ctx, min(spent.Until.Sub(a.cfg.clock()), a.cfg.pauses.look)); err != nil {
			return err
		}
	}
	a.is(l, legRuns, "", time.Time{}, spent.Share)
	return nil
}

// is notes how a leg is, and what that means for the whole.
func (a *app) is(l leg, state legState, why string, until time.Time, share Share) {
	a.board.is(l.name(), state, why, until, share)
	a.turn(a.board.weigh())
}

// progressed notes that a leg got on, and what that means for the whole.
func (a *app) progressed(leg string, at time.Time) {
	if a.board.progressed(leg, at) {
		a.turn(a.board.weigh())
	}
}
