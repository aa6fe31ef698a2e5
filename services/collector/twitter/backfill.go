package twitter

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// backfillName is the leg's word, and the name of its cursor.
const backfillName = "backfill"

// backfill is the leg that reads history from the full archive, for each watch once,
// from now back to the configured day. It is paid for by what the month leaves over.
// Search has no reposts, and what went or is withheld is not in it.
type backfill struct {
	app   *app
	times streamTimes
	begin time.Time

	watches []watch
	state   []history
	out     []leftOut
}

func newBackfill(a *app, begin time.Time) *backfill {
	return &backfill{app: a, times: a.streamTimes(), begin: begin}
}

func (*backfill) name() string { return backfillName }

// atomName is the keyed name of an atom in the cursor, which is bounded.
func (b *backfill) atomName(atom string) string { return b.app.key.Name("twitter/atom", atom)[:12] }

// run implements leg.
func (b *backfill) run(ctx context.Context) error {
	b.state, b.watches, b.out = nil, nil, nil
	if _, err := b.app.load(ctx, backfillName, backfillName, &b.state); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	lists := b.app.follow(ctx, group, backfillName)
	group.Go(func() error { return b.loop(ctx, lists) })
	return group.Wait()
}

// errNewList ends a search because the watch list is another.
var errNewList = errors.New("the watch list is another")

func (b *backfill) loop(ctx context.Context, lists <-chan *watchlist.Effective) error {
	for {
		select {
		case list := <-lists:
			if err := b.take(ctx, list); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
		b.app.is(b, legRuns, "", time.Time{}, ForLater)
		err := b.work(ctx, lists)
		switch {
		case errors.Is(err, errNewList):
		case err != nil:
			return err
		default:
			b.app.is(b, legDone, "", time.Time{}, ForLater)
		}
	}
}

// take plans what a watch list adds.
func (b *backfill) take(ctx context.Context, list *watchlist.Effective) error {
	b.watches, _ = watchesOf(list, b.app.key) // what is left out the rules say
	b.out = nil
	b.state = plan(b.state, b.watches, b.atomName, b.app.cfg.Search.AllLength, b.begin, time.Now().Add(b.times.settle))
	return b.app.keep(ctx, backfillName, backfillName, b.state)
}

// work reads what is not done, one search after the other.
func (b *backfill) work(ctx context.Context, lists <-chan *watchlist.Effective) error {
	for i := range b.state {
		text, label := b.state[i].text(b.watches, b.atomName, b.app.cfg.Search.AllLength)
		if b.state[i].Done || text == "" {
			continue
		}
		if err := b.ripe(ctx, b.state[i], lists); err != nil {
			return err
		}
		err := b.read(ctx, &b.state[i], text, lists)
		if api.KindOf(err) == api.Refused {
			b.out = append(b.out, leftOut{label, "a query that X does not take"})
			b.app.board.leftOut(backfillName, b.out)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ripe waits until what lies below the top of a search can be found.
func (b *backfill) ripe(ctx context.Context, h history, lists <-chan *watchlist.Effective) error {
	for {
		wait := time.Until(time.UnixMilli(h.Top).Add(b.times.settle))
		switch {
		case len(lists) > 0:
			return errNewList
		case wait <= 0:
			return ctx.Err()
		}
		timer := time.NewTimer(min(wait, b.app.cfg.pauses.look))
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// read reads one search to its end, page by page, and keeps after each how far it
// came.
func (b *backfill) read(ctx context.Context, h *history, text string, lists <-chan *watchlist.Effective) error {
	f := finding{
		name: backfillName, leg: doxtrailv1.Leg_LEG_HISTORY, lane: bus.LaneArchive, share: ForLater, all: true,
		query: text, from: time.UnixMilli(h.Begin), until: h.Until,
	}
	if f.until == 0 {
		f.until = idAt(time.UnixMilli(h.Top))
	}
	next := *h
	moved := func(lowest uint64, last bool) {
		if lowest != 0 {
			next.Until = lowest
		}
		next.Done = last
	}
	extra := func(page *haul.Haul, far found) {
		top := next.lower()
		moved(far.lowest, far.last)
		from := next.lower()
		if far.last {
			from = next.Begin
		}
		if from < top {
			page.Coverage = append(page.Coverage, covered(text, far.covers, time.UnixMilli(from), time.UnixMilli(top)))
		}
	}
	return b.app.find(ctx, f, extra, func(found) error {
		*h = next
		if err := b.app.keep(ctx, backfillName, backfillName, b.state); err != nil {
			return err
		}
		if len(lists) > 0 {
			return errNewList
		}
		return nil
	})
}
