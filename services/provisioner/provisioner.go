// Package provisioner creates what the other services use: streams, consumers
// and buckets in NATS, databases, tables and views in ClickHouse, and the
// effective watch list with its generation. It is their sole owner: a service
// that misses one of them waits and then says so, it never makes its own.
//
// Provision does all of it once and may be called again at any time. Run does
// it and then looks at the watch list file for changes.
//
// Limits: nothing is ever taken away; a stream or table that is no longer used
// is for a person to drop.
package provisioner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// Name is the service's word in subjects, metrics and log lines.
const Name = "provisioner"

// Deps is what a Provisioner needs from outside.
type Deps struct {
	Log      *slog.Logger
	Registry prometheus.Registerer
	// Conn is its own connection to NATS, with the right to create.
	Conn *bus.Conn
	// Store is a connection with the right to create tables.
	Store *store.Store
	// Watchlist is the path of the watch list file; empty means none, and then
	// every link is studied.
	Watchlist string
	// StoreNotEmpty says that the embedded store held streams before it was
	// started: then new, empty ones would hide what it holds.
	StoreNotEmpty bool
	// Ring seals the watch list. The provisioner makes no keyed ids.
	Ring *privacy.Ring
}

// Provisioner is the service.
type Provisioner struct {
	cfg     Config
	deps    Deps
	log     *slog.Logger
	metrics *metrics
}

// New returns a Provisioner that has done nothing yet.
func New(cfg Config, deps Deps) *Provisioner {
	return &Provisioner{cfg: cfg, deps: deps, log: service.For(deps.Log, Name), metrics: newMetrics(deps.Registry)}
}

// Name implements service.Service.
func (*Provisioner) Name() string { return Name }

// Provision brings streams, tables and the watch list to what this version
// wants. Doing it twice changes nothing.
func (p *Provisioner) Provision(ctx context.Context) error {
	// Tables first: a recorder starts when it finds its stream.
	if err := p.deps.Store.Migrate(ctx); err != nil {
		return err
	}
	streams := p.cfg.provision()
	streams.StoreNotEmpty, streams.Log = p.deps.StoreNotEmpty, p.log
	if _, err := p.deps.Conn.Provision(ctx, streams); err != nil {
		return err
	}
	_, err := p.SyncWatchlist(ctx)
	return err
}

// Run provisions, then follows the watch list file and keeps house until ctx
// ends. A faulty file is reported once and the list in force stays.
func (p *Provisioner) Run(ctx context.Context) error {
	seen := p.stamp() // before the file is read, so that no change falls in between
	err := p.Provision(ctx)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // told to stop in the middle of it; the next start does it again
	}
	if err != nil {
		return err
	}
	poll, house := time.NewTicker(p.cfg.WatchlistPoll), time.NewTicker(houseEvery)
	defer poll.Stop()
	defer house.Stop()
	p.keepHouse(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-house.C:
			p.keepHouse(ctx)
		case <-poll.C:
			seen = p.follow(ctx, seen)
		}
	}
}

// follow takes over the watch list file if it changed since seen, and returns
// the state of the file that it dealt with.
func (p *Provisioner) follow(ctx context.Context, seen fileStamp) fileStamp {
	now := p.stamp()
	if now == seen {
		return seen
	}
	_, err := p.SyncWatchlist(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return seen
	case errors.Is(err, errWatchlistAway):
		p.log.Warn("watch list not taken over; it is tried again", service.Error(err))
		return seen
	default:
		p.metrics.watchlistFaults.Inc()
		p.log.Error("watch list not taken over; the old one stays in force", service.Error(err))
	}
	return now
}

// fileStamp tells one state of a file from the next.
type fileStamp struct {
	size     int64
	modified time.Time
}

// stamp returns the zero value for a missing file and for no file.
func (p *Provisioner) stamp() fileStamp {
	info, err := os.Stat(p.deps.Watchlist)
	if err != nil {
		return fileStamp{}
	}
	return fileStamp{info.Size(), info.ModTime()}
}

// wrap adds what was being done to a fault of the watch list.
func wrap(err error) error { return fmt.Errorf("sync watch list: %w", err) }
