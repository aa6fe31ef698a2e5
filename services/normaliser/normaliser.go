// Package normaliser turns what collectors saw into text-free, keyed records.
// It is the one place where a key is made from a name, an id or a link, and
// the one service that can open RAW.
//
// For each raw batch it publishes posts, links, shares, later looks at them,
// coverage and sealed locators on RECORDS, and acknowledges the batch when all of
// them are stored. A crash in between means that the batch is normalised again;
// keys and versions absorb that.
// When the watch list changes it publishes the sites and channel labels of the
// new list, and from then on its rows carry the new generation.
//
// Limits: it follows no redirects, reads no pictures and knows no watched
// persons. What it cannot normalise goes to FAILED, one record at a time.
package normaliser

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
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

// Name is the service's word in subjects, metrics and log lines.
const Name = "normaliser"

// Deps is what a Normaliser needs from outside.
type Deps struct {
	Log      *slog.Logger
	Registry prometheus.Registerer
	// Conn is its own connection to NATS.
	Conn *bus.Conn
	// Ring holds the pseudonym keys and the private keys of RAW.
	Ring *privacy.Ring
	// Tombstones are of what was erased: it becomes no record again. Nil erases
	// nothing.
	Tombstones *privacy.Tombstones
	// Alone says that no other process normalises: only then can it be told
	// whether RAW lost a message before it was read.
	Alone bool
}

// Normaliser is the service.
type Normaliser struct {
	cfg     Config
	deps    Deps
	log     *slog.Logger
	metrics *metrics
	expiry  *expiry
	// list is the watch list in use.
	list atomic.Pointer[watchlist.Effective]
}

// New returns a Normaliser that has done nothing yet.
func New(cfg Config, deps Deps) *Normaliser {
	return &Normaliser{cfg: cfg, deps: deps, log: service.For(deps.Log, Name), metrics: newMetrics(deps.Registry), expiry: newExpiry(cfg.RawMaxAge, deps.Conn)}
}

// Name implements service.Service.
func (*Normaliser) Name() string { return Name }

// Run normalises until ctx ends, then finishes the batches in hand.
func (n *Normaliser) Run(ctx context.Context) error {
	err := n.run(ctx)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // told to stop; what was in hand is delivered again
	}
	return err
}

func (n *Normaliser) run(ctx context.Context) error {
	if err := n.publishKeys(ctx); err != nil {
		return err
	}
	publisher, err := n.deps.Conn.NewPublisher(bus.StageRecords, bus.PublisherConfig{Pace: bus.PaceRecords})
	if err != nil {
		return err
	}
	defer func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.cfg.StopTimeout)
		defer cancel()
		_ = publisher.Close(bounded)
	}()
	if err := n.firstList(ctx, publisher); err != nil {
		return err
	}
	failed, err := n.deps.Ring.FailedKey()
	if err != nil {
		return err
	}
	handlers, err := n.handlers(publisher)
	if err != nil {
		return err
	}
	lanes, err := n.deps.Conn.NewLanes(ctx, bus.StreamRaw, bus.ConsumerConfig{
		Keys: bus.NewKeys(n.deps.Ring.RawKeys), FailedKey: failed.PublicKey(), Drain: n.cfg.StopTimeout, Alone: n.deps.Alone,
	})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return n.followList(ctx, publisher) })
	group.Go(func() error { return n.rotateKeys(ctx) })
	group.Go(func() error { return bus.Consume(ctx, n.log, lanes, handlers...) })
	return group.Wait()
}

// newLocators gives nil where no locators are kept.
func (n *Normaliser) newLocators() (*locators, error) {
	if n.cfg.LocatorDays == 0 {
		return nil, nil //nolint:nilnil // a converter keeps none then
	}
	custodian, err := n.deps.Ring.CustodianPublicKey()
	if err != nil {
		return nil, err
	}
	return newLocators(custodian, n.cfg.LocatorDays)
}

// handlers makes one handler for each worker.
func (n *Normaliser) handlers(publisher *bus.Publisher) ([]bus.Handler, error) {
	handlers := make([]bus.Handler, 0, n.cfg.Workers)
	for range n.cfg.Workers {
		locators, err := n.newLocators()
		if err != nil {
			return nil, err
		}
		handlers = append(handlers, n.newWorker(publisher, locators).handle)
	}
	return handlers, nil
}

// worker is one goroutine's tools.
type worker struct {
	normaliser *Normaliser
	converter  *converter
	out        *output
	// rows is out without what was erased.
	rows     *sieve
	locators *locators
}

func (n *Normaliser) newWorker(publisher *bus.Publisher, locators *locators) *worker {
	out := newOutput(publisher)
	return &worker{normaliser: n, out: out, rows: &sieve{to: out, erased: n.metrics.erased}, locators: locators}
}

// handle normalises one delivery and returns the receipts of what it became.
func (w *worker) handle(ctx context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
	n := w.normaliser
	started := time.Now()
	if list := n.list.Load(); w.converter == nil || w.converter.generation != list.Generation {
		w.converter = newConverter(n.deps.Ring, list, n.cfg.MaxLinks)
		w.converter.locators = w.locators
	}
	if err := w.heed(); err != nil {
		n.log.ErrorContext(ctx, "tombstones cannot be read, and nothing goes on without them", service.Error(err))
		return nil, err
	}
	w.out.start(d.Subject.Lane)
	w.converter.forget() // what a delivery left that ended in a panic: its data key is nowhere
	if d.Subject.Kind == bus.KindPosts && n.expiry.over(ctx, d.StoredAt) {
		w.expire(d)
	} else {
		w.convert(d)
	}
	w.rows.report(n.log)
	sealed := w.converter.forget()
	n.metrics.locators.WithLabelValues(bus.PlatformToken(d.Subject.Platform)).Add(float64(sealed))
	n.metrics.seconds.Observe(time.Since(started).Seconds())

	// Publishing waits while RECORDS is full; the delivery stays in hand.
	return w.out.publish(ctx)
}

// convert turns the records of a delivery into output, by kind. A record that
// cannot be converted fails alone.
func (w *worker) convert(d *bus.Delivery) {
	platform := d.Subject.Platform
	fail := func(i int, err error) {
		if err := d.Fail(i, bus.Class(err.Error())); err != nil {
			w.out.fail(err) // then the whole batch comes again
		}
	}
	switch d.Subject.Kind {
	case bus.KindPosts:
		w.posts(d, fail)
	case bus.KindChannels:
		for i, record := range d.Records {
			if err := w.converter.channel(platform, record, w.rows); err != nil {
				fail(i, err)
			}
		}
	case bus.KindImports:
		for i, record := range d.Records {
			if err := w.converter.imported(platform, record, w.rows); err != nil {
				fail(i, err)
			}
		}
	case bus.KindCoverage:
		for i, record := range d.Records {
			if err := w.converter.report(platform, d.Origin, record, w.rows); err != nil {
				fail(i, err)
			}
		}
	case bus.KindObservations:
		w.observations(d, fail)
	default:
		for i := range d.Records {
			fail(i, errKind)
		}
	}
}

// observations converts a batch of later looks.
func (w *worker) observations(d *bus.Delivery, fail func(int, error)) {
	platform := d.Subject.Platform
	var converted int
	for i, record := range d.Records {
		if err := w.converter.observation(platform, record, w.rows); err != nil {
			fail(i, err)
			continue
		}
		converted++
	}
	w.normaliser.metrics.observations.WithLabelValues(bus.PlatformToken(platform)).Add(float64(converted))
}

// posts converts a batch of posts and notes what it covers.
func (w *worker) posts(d *bus.Delivery, fail func(int, error)) {
	platform := d.Subject.Platform
	looks := newLooks(platform)
	var posts, links, sightings, unread uint64
	for i, record := range d.Records {
		facts, err := w.converter.post(platform, record, w.rows)
		if err != nil {
			fail(i, err)
			looks.fail(facts.place)
			continue
		}
		looks.add(facts)
		if facts.erased {
			w.rows.leave(bus.KindPosts)
		}
		posts++
		links += facts.links
		sightings += facts.sightings
		if facts.text.unread {
			unread++
		}
	}
	w.converter.coverage(platform, d.Origin, looks, complete, w.rows)
	token := bus.PlatformToken(platform)
	m := w.normaliser.metrics
	m.posts.WithLabelValues(token).Add(float64(posts))
	m.links.WithLabelValues(token).Add(float64(links))
	m.sightings.WithLabelValues(token).Add(float64(sightings))
	m.unread.WithLabelValues(token).Add(float64(unread))
}
