package recorder

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

// track is the way of one lane from RECORDS into the tables.
type track struct {
	*Recorder
	durable bus.Durable
	reader  *bus.Consumer
	rows    int // of a full batch
}

// liveRows is a full batch of the live lane: what waits there is wanted soon, and
// a batch that has grown to the size of an archive's would take as much memory.
const liveRows = 4_000

// run records what the reader hands out until ctx ends.
func (t track) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	full := make(chan *batch)
	empty := make(chan *batch, 2)
	empty <- newBatch()
	empty <- newBatch()
	group.Go(func() error { return t.reader.Run(ctx) })
	group.Go(func() error { //nolint:contextcheck // what cannot be judged is given back after a stop too
		defer close(full)
		t.collect(t.reader.Deliveries(), empty, full)
		return nil
	})
	group.Go(func() error {
		for b := range full {
			t.record(ctx, b)
			b.reset()
			empty <- b
		}
		return nil
	})
	return group.Wait()
}

// collect fills batches from deliveries and hands them over when they are due:
// full, or BatchWait after the batch before, so that what comes after a pause,
// as a live post does, hardly waits at all. It goes on filling a due batch until it is
// taken, so that batches grow when ClickHouse is slow. It ends when deliveries
// is closed.
func (t track) collect(deliveries <-chan *bus.Delivery, empty <-chan *batch, full chan<- *batch) {
	b := <-empty
	timer := time.NewTimer(t.cfg.BatchWait)
	timer.Stop()
	var taken time.Time   // when the batch before was
	var due chan<- *batch // nil until the batch is due
	for {
		in := deliveries
		if b.rows.Len() >= t.rows {
			in, due = nil, full // no more until this one is taken
		}
		select {
		case d, open := <-in:
			if !open {
				if len(b.deliveries) > 0 {
					full <- b
				}
				return
			}
			if len(b.deliveries) == 0 {
				timer.Reset(max(t.cfg.BatchWait-time.Since(taken), lull))
			}
			t.add(b, d)
		case <-timer.C:
			due = full
		case due <- b:
			timer.Stop() // it ran for that batch
			taken = time.Now()
			b, due = <-empty, nil
		}
	}
}
