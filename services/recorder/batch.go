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
// confirms; only when ctx ends does it give up, and then the deliveries stay
// unsettled and come again at the next start.
func (r *Recorder) record(ctx context.Context, b *batch) {
	switch r.insert(ctx, b.rows) {
	case inserted:
		r.settle(ctx, b.deliveries)
	case refused:
		r.recordApart(ctx, b)
	case stopped:
	}
}

// recordApart inserts the deliveries of a refused batch one by one, so that
// only the one with the culprit is taken apart further.
func (r *Recorder) recordApart(ctx context.Context, b *batch) {
	alone := newBatch()
	for _, d := range b.deliveries {
		alone.reset()
		r.add(alone, d)
		switch r.insert(ctx, alone.rows) {
		case inserted:
		case refused:
			if err := d.Split(classRefused); err != nil {
				r.log.Error("refused delivery cannot be taken apart", service.Error(err))
				continue
			}
		case stopped:
			return
		}
		r.settle(ctx, alone.deliveries)
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
	for wait := retryFirst; ; wait = min(wait*2, retryLimit) {
		started := time.Now()
		attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.cfg.InsertTimeout)
		err := r.deps.Store.Insert(attempt, rows)
		cancel()
		if err == nil {
			r.metrics.insertSeconds.Observe(time.Since(started).Seconds())
			r.metrics.batchRows.Observe(float64(rows.Len()))
			for _, kind := range store.Kinds() {
				if n := rows.LenOf(kind); n > 0 {
					r.metrics.rows.WithLabelValues(string(kind)).Add(float64(n))
				}
			}
			return inserted
		}
		class := store.Classify(err)
		r.metrics.retries.WithLabelValues(class.String()).Inc()
		if class == store.Permanent {
			r.log.Error("insert refused", service.Error(err))
			return refused
		}
		r.log.Warn("insert failed and is tried again", slog.String(service.KeyClass, class.String()), slog.Duration(service.KeyWait, wait), service.Error(err))
		select {
		case <-ctx.Done():
			return stopped
		case <-time.After(wait):
		}
	}
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
