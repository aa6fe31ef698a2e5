// Package recorder writes records into ClickHouse. It is the only service that
// writes rows.
//
// It collects what RECORDS delivers until there are enough rows or they waited
// long enough, inserts them, and acknowledges the messages after ClickHouse
// confirmed. While one batch is inserted the next is collected, and each lane has
// batches of its own, so that a live post waits for no batch of an archive. A crash, or an
// answer that never came, means that rows are inserted again; their keys and
// versions absorb that, so nothing is ever checked before it is written.
//
// Beside that it takes from the tables what must not be kept of posts that are
// gone from X, whether they came live, by a replay, an import or a restore. What was
// erased it does not insert again.
//
// Limits: two batches a lane are held in memory. While ClickHouse is away nothing is
// taken from RECORDS beyond that; the stream holds the rest.
package recorder

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
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
	// Tombstones are of what was erased: no row of it is inserted again. Nil erases
	// nothing.
	Tombstones *privacy.Tombstones
}

// Recorder is the service.
type Recorder struct {
	cfg     Config
	deps    Deps
	log     *slog.Logger
	metrics *metrics
	// strips holds a word while rows of X came that were not looked at yet.
	strips chan struct{}
	// tombstones is what was erased when the last delivery came.
	tombstones atomic.Pointer[privacy.TombstoneSet]
	// doubts holds a word while links came that may show an erased card.
	doubts chan struct{}
}

// New returns a Recorder that has done nothing yet.
func New(cfg Config, deps Deps) *Recorder {
	return &Recorder{cfg: cfg, deps: deps, log: service.For(deps.Log, Name), metrics: newMetrics(deps.Registry), strips: make(chan struct{}, 1), doubts: make(chan struct{}, 1)}
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
	failed, err := r.failedKey(ctx)
	if err != nil {
		return err
	}
	tracks := []track{
		{Recorder: r, durable: bus.RecorderLive, rows: min(liveRows, r.cfg.BatchRows)},
		{Recorder: r, durable: bus.RecorderArchive, rows: r.cfg.BatchRows},
	}
	for i, t := range tracks {
		cfg := bus.ConsumerConfig{Durable: t.durable, FailedKey: failed, Drain: r.cfg.InsertTimeout}
		if tracks[i].reader, err = r.deps.Conn.NewConsumer(ctx, cfg); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, t := range tracks {
		group.Go(func() error { return t.run(ctx) })
	}
	group.Go(func() error {
		r.keepStripping(ctx)
		return nil
	})
	group.Go(func() error {
		r.keepErased(ctx)
		return nil
	})
	err = group.Wait()
	r.lastStrip(ctx)
	r.lastLook(ctx)
	return err
}

// failedKey is the key that failed records are sealed to.
func (r *Recorder) failedKey(ctx context.Context) (privacy.PublicKey, error) {
	keys, err := r.deps.Conn.PublicKeys(ctx)
	if err != nil {
		return privacy.PublicKey{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, keyWait)
	defer cancel()
	return keys.Failed(bounded)
}

// lull is how long a batch waits after a pause: posts of one moment come in more
// than one message.
const lull = 10 * time.Millisecond

// add appends the records of a delivery to a batch, without those about what was
// erased. A record that can never be a row fails alone. What the rows hold need not
// stay in memory as records too; of the live lane, which is small, the records tell
// the lag later.
func (r *Recorder) add(b *batch, d *bus.Delivery) {
	if !r.heed(d) {
		return
	}
	b.deliveries = append(b.deliveries, d)
	for i, record := range d.Records {
		if err := r.append(b.rows, d.Subject, record); err != nil {
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
