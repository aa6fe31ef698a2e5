// Package recorder writes records into ClickHouse. It is the only service that
// writes rows.
//
// It collects what RECORDS delivers until there are enough rows or they waited
// long enough, inserts them, and acknowledges the messages after ClickHouse
// confirmed. While one batch is inserted the next is collected. A crash, or an
// answer that never came, means that rows are inserted again; their keys and
// versions absorb that, so nothing is ever checked before it is written.
//
// Limits: two batches are held in memory. While ClickHouse is away nothing is
// taken from RECORDS beyond that; the stream holds the rest.
package recorder

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// Name is the service's word in subjects, metrics and log lines.
const Name = "recorder"

// Deps is what a Recorder needs from outside.
type Deps struct {
	Log      *slog.Logger
	Registry prometheus.Registerer
	// Conn is its own connection to NATS.
	Conn *bus.Conn
	// Store is a connection with the right to insert.
	Store *store.Store
}

// Recorder is the service.
type Recorder struct {
	cfg     Config
	deps    Deps
	log     *slog.Logger
	metrics *metrics
}

// New returns a Recorder that has done nothing yet.
func New(cfg Config, deps Deps) *Recorder {
	return &Recorder{cfg: cfg, deps: deps, log: service.For(deps.Log, Name), metrics: newMetrics(deps.Registry)}
}

// Name implements service.Service.
func (*Recorder) Name() string { return Name }

// keyWait is how long a start waits for the normaliser to publish the key that
// failed records are sealed to.
const keyWait = time.Minute

// Run records until ctx ends, then inserts what it has collected. While
// ClickHouse is away it does not wait for it to stop: what is not stored is
// given back to the stream. The error is for what it cannot start without:
// streams that nobody provisioned, or no key within a minute.
func (r *Recorder) Run(ctx context.Context) error {
	err := r.run(ctx)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // told to stop; what was in hand is delivered again
	}
	return err
}

func (r *Recorder) run(ctx context.Context) error {
	lanes, err := r.bind(ctx)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	full := make(chan *batch)
	empty := make(chan *batch, 2)
	empty <- newBatch()
	empty <- newBatch()
	group.Go(func() error { return lanes.Run(ctx) })
	group.Go(func() error {
		defer close(full)
		r.collect(lanes.Deliveries(), empty, full)
		return nil
	})
	group.Go(func() error {
		for b := range full {
			r.record(ctx, b)
			b.reset()
			empty <- b
		}
		return nil
	})
	return group.Wait()
}

// bind makes the reader of both lanes of RECORDS.
func (r *Recorder) bind(ctx context.Context) (*bus.Lanes, error) {
	keys, err := r.deps.Conn.PublicKeys(ctx)
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx, keyWait)
	defer cancel()
	failed, err := keys.Failed(bounded)
	if err != nil {
		return nil, err
	}
	return r.deps.Conn.NewLanes(ctx, bus.StreamRecords, bus.ConsumerConfig{FailedKey: failed, Drain: r.cfg.InsertTimeout})
}

// collect fills batches from deliveries and hands them over when they are due:
// full, or BatchWait after the batch before, so that what comes after a pause,
// as a live post does, hardly waits at all. It goes on filling a due batch until it is
// taken, so that batches grow when ClickHouse is slow. It ends when deliveries
// is closed.
func (r *Recorder) collect(deliveries <-chan *bus.Delivery, empty <-chan *batch, full chan<- *batch) {
	b := <-empty
	timer := time.NewTimer(r.cfg.BatchWait)
	timer.Stop()
	var taken time.Time   // when the batch before was
	var due chan<- *batch // nil until the batch is due
	for {
		in := deliveries
		if b.rows.Len() >= r.cfg.BatchRows {
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
				timer.Reset(max(r.cfg.BatchWait-time.Since(taken), lull))
			}
			r.add(b, d)
		case <-timer.C:
			due = full
		case due <- b:
			timer.Stop() // it ran for that batch
			taken = time.Now()
			b, due = <-empty, nil
		}
	}
}

// lull is how long a batch waits after a pause: posts of one moment come in more
// than one message.
const lull = 10 * time.Millisecond

// add appends the records of a delivery to a batch. A record that can never be
// a row fails alone. What the rows hold need not stay in memory as records too;
// of the live lane, which is small, the records tell the lag later.
func (r *Recorder) add(b *batch, d *bus.Delivery) {
	b.deliveries = append(b.deliveries, d)
	for i, record := range d.Records {
		if err := b.rows.Append(store.Kind(d.Subject.Kind), d.Subject.Platform, record); err != nil {
			if err := d.Fail(i, classBadRecord); err != nil {
				r.log.Error("bad record cannot be set aside", service.Error(err))
			}
		}
	}
	if d.Subject.Lane != bus.LaneLive {
		d.Fold()
	}
}

// classBadRecord is the class of records that can never become a row.
const classBadRecord bus.Class = "bad_record"

// classRefused is the class of records that ClickHouse refuses for good.
const classRefused bus.Class = "refused"
