// Package provisioner creates what the other services use: streams, consumers
// and buckets in NATS, databases, tables and views in ClickHouse, and the
// effective watch list with its generation. It is their sole owner: a service
// that misses one of them waits and then says so, it never makes its own.
//
// Provision does all of it once and may be called again at any time. Run does
// it and then looks at the watch list file and at what was decided
// for changes.
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
	// Disk is the file system that the servers write on, where they are in this
	// process; else nil.
	Disk *service.Disk
	// AccountsOfX says that rows of X may answer questions about single accounts.
	AccountsOfX bool
	// Ring seals the watch list. The provisioner makes no keyed ids.
	Ring *privacy.Ring
}

// Provisioner is the service.
type Provisioner struct {
	cfg     Config
	deps    Deps
	log     *slog.Logger
	metrics *metrics
	alarms  alarms
	// begun says that what was lost before the start was looked for.
	begun              bool
	auditedAt, partsAt time.Time
}

// New returns a Provisioner that has done nothing yet.
func New(cfg Config, deps Deps) *Provisioner {
	return &Provisioner{cfg: cfg, deps: deps, log: service.For(deps.Log, Name), metrics: newMetrics(deps.Registry), alarms: alarms{}}
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
	if err := p.deps.Store.SetAccountsOfX(ctx, p.deps.AccountsOfX); err != nil {
		return err
	}
	streams := p.cfg.provision()
	streams.StoreNotEmpty, streams.Log = p.deps.StoreNotEmpty, p.log
	if _, err := p.deps.Conn.Provision(ctx, streams); err != nil {
		return err
	}
	if err := p.begin(ctx); err != nil {
		return err
	}
	_, err := p.SyncWatchlist(ctx)
	return err
}

// begin looks for what the streams lost while nothing ran, once, before others
// publish and read. That it cannot be told is no reason not to start.
func (p *Provisioner) begin(ctx context.Context) error {
	if p.begun {
		return nil
	}
	if _, err := p.deps.Conn.AuditStart(ctx); err != nil {
		if ctx.Err() != nil {
			return err
		}
		p.log.Warn("what the streams lost before the start is not known", service.Error(err))
	}
	p.begun = true
	return nil
}

// Run provisions, then follows the watch list file and the decisions of persons,
// and keeps house until ctx ends. A faulty file is reported once and the list in force stays.
func (p *Provisioner) Run(ctx context.Context) error {
	seen := p.inputs(ctx, inputs{}) // before they are read, so that no change falls in between
	err := p.Provision(ctx)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // told to stop in the middle of it; the next start does it again
	}
	if err != nil {
		return err
	}
	poll, house, look := time.NewTicker(p.cfg.WatchlistPoll), time.NewTicker(houseEvery), time.NewTicker(lookEvery)
	defer poll.Stop()
	defer house.Stop()
	defer look.Stop()
	defer p.lastLook(ctx)
	p.look(ctx)
	p.keepHouse(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-house.C:
			p.keepHouse(ctx)
		case <-look.C:
			p.look(ctx)
		case <-poll.C:
			seen = p.follow(ctx, seen)
		}
	}
}

// lastLook notes where the streams end, so that a disk that loses the end before
// the next start is found out.
func (p *Provisioner) lastLook(ctx context.Context) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLookWait)
	defer cancel()
	if err := p.deps.Conn.NoteEnds(bounded); err != nil {
		p.log.Warn("the ends of the streams are not noted", service.Error(err))
	}
}

const lastLookWait = 2 * time.Second

// follow takes over the watch list if what it is made of changed since seen, and
// returns the state that it dealt with.
func (p *Provisioner) follow(ctx context.Context, seen inputs) inputs {
	now := p.inputs(ctx, seen)
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

// inputs tells one state of the watch list file and of the decisions from the
// next.
type inputs struct {
	size     int64
	modified time.Time
	decided  uint64
}

// inputs has no size for a missing file and for no file. Decisions that cannot be
// read now are as they were before.
func (p *Provisioner) inputs(ctx context.Context, before inputs) inputs {
	now := inputs{decided: before.decided}
	if info, err := os.Stat(p.deps.Watchlist); err == nil {
		now.size, now.modified = info.Size(), info.ModTime()
	}
	if bucket, err := p.deps.Conn.Watchlist(ctx); err == nil {
		if decided, err := bucket.LoadDecided(ctx); err == nil {
			now.decided = decided.Revision()
		}
	}
	return now
}

// wrap adds what was being done to a fault of the watch list.
func wrap(err error) error { return fmt.Errorf("sync watch list: %w", err) }
