package recorder

import (
	"context"
	"log/slog"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// batch is rows together with the deliveries they came from.
type batch struct {
	rows       *store.Rows
	deliveries []*bus.Delivery
}

func newBatch() *batch { return &batch{rows: store.NewRows()} }

func (b *batch) reset() {
	b.rows.Reset()
	clear(b.deliveries)
	b.deliveries = b.deliveries[:0]
}

const (
	retryFirst = 100 * time.Millisecond
	retryLimit = 5 * time.Second
)

// record inserts a batch and settles its deliveries. It tries until ClickHouse
// confirms; only when ctx ends does it give up, and gives the deliveries back.
func (r *Recorder) record(ctx context.Context, b *batch) {
	defer r.noteStrips(b.deliveries) // whatever of it became rows
	switch r.insert(ctx, b.rows) {
	case inserted:
		r.noteLag(b.deliveries, time.Now())
		r.settle(ctx, b.deliveries)
	case refused:
		r.recordApart(ctx, b)
	case stopped:
		r.giveBack(ctx, b.deliveries)
	}
}

type insertOutcome int

const (
	inserted insertOutcome = iota
	// refused means that the same rows will never be taken.
	refused
	// stopped means that ctx ended first.
	stopped
)

// insert tries until the outcome is known. An attempt is not cut off when ctx
// ends: its answer is worth the wait, which InsertTimeout bounds.
func (r *Recorder) insert(ctx context.Context, rows *store.Rows) insertOutcome {
	if rows.Len() == 0 { // nothing but records that can never be rows
		return inserted
	}
	for wait := retryFirst; ; wait = min(wait*2, retryLimit) {
		fault := r.try(ctx, rows)
		switch fault {
		case faultNone:
			return inserted
		case faultRows:
			return refused
		case faultOutside, faultStatement:
		}
		select {
		case <-ctx.Done():
			return stopped
		case <-time.After(wait):
		}
	}
}

// try makes one attempt to insert, and counts and logs what became of it.
func (r *Recorder) try(ctx context.Context, rows *store.Rows) fault {
	started := time.Now()
	attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.cfg.InsertTimeout)
	defer cancel()
	bus.KillPoint("insert", "rows")
	err := r.deps.Store.Insert(attempt, rows)
	f := faultOf(err)
	if f != faultNone {
		r.metrics.retries.WithLabelValues(f.String()).Inc()
		r.log.Log(ctx, f.level(), "insert failed", slog.String(service.KeyClass, f.String()), slog.Int(service.KeyCount, rows.Len()), service.Error(err))
		return f
	}
	bus.KillPoint("inserted", "rows")
	r.metrics.insertSeconds.Observe(time.Since(started).Seconds())
	r.metrics.batchRows.Observe(float64(rows.Len()))
	for _, kind := range store.Kinds() {
		if n := rows.LenOf(kind); n > 0 {
			r.metrics.rows.WithLabelValues(string(kind)).Add(float64(n))
		}
	}
	return faultNone
}

// settle acknowledges deliveries whose rows are in ClickHouse.
func (r *Recorder) settle(ctx context.Context, deliveries []*bus.Delivery) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.cfg.InsertTimeout)
	defer cancel()
	for _, d := range deliveries {
		if err := d.Settle(bounded); err != nil {
			r.log.Warn("delivery comes again", service.Error(err))
		}
	}
}

// giveBackDelay is how long the stream keeps what is given back before another
// process may have it.
const giveBackDelay = time.Second

// giveBack returns deliveries whose rows are not known to be in ClickHouse to
// the stream, so that a stop need not wait for them.
func (r *Recorder) giveBack(ctx context.Context, deliveries []*bus.Delivery) {
	for _, d := range deliveries {
		d.Later(giveBackDelay)
	}
	r.settle(ctx, deliveries)
	r.log.Warn("stopped before ClickHouse confirmed; deliveries come again", slog.Int(service.KeyCount, len(deliveries)))
}
