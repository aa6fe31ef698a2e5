package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/store"
	archivecollector "github.com/doxtrail/doxtrail/services/collector/archive"
	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
	twittercollector "github.com/doxtrail/doxtrail/services/collector/twitter"
	"github.com/doxtrail/doxtrail/services/normaliser"
	"github.com/doxtrail/doxtrail/services/provisioner"
	"github.com/doxtrail/doxtrail/services/recorder"
)

// parts is what the services of one process are made of. Each service gets a
// connection of its own, as it would in a process of its own.
type parts struct {
	cfg      *Config
	log      *slog.Logger
	registry *prometheus.Registry
	health   *service.Health
	servers  *servers
	ring     *privacy.Ring
	// disk is the file system of the embedded servers; nil beside real ones.
	disk *service.Disk

	conns  []*bus.Conn
	stores []*store.Store
}

// builders makes each service by its name. This screen is the whole wiring.
func (p *parts) builders() map[string]func(context.Context) (service.Service, error) {
	return map[string]func(context.Context) (service.Service, error){
		provisioner.Name: func(ctx context.Context) (service.Service, error) { return p.provisioner(ctx) },
		archivecollector.Name: func(ctx context.Context) (service.Service, error) {
			conn, err := p.conn(ctx, archivecollector.Name)
			if err != nil {
				return nil, err
			}
			return archivecollector.New(p.cfg.CollectorArchive, archivecollector.Deps{Log: p.log, Registry: p.registry, Conn: conn}), nil
		},
		telegramcollector.Name: func(ctx context.Context) (service.Service, error) { return p.telegram(ctx) },
		twittercollector.Name:  func(ctx context.Context) (service.Service, error) { return p.twitter(ctx) },
		normaliser.Name: func(ctx context.Context) (service.Service, error) {
			if p.ring == nil {
				return nil, errNoRing
			}
			conn, err := p.conn(ctx, normaliser.Name)
			if err != nil {
				return nil, err
			}
			erased, err := privacy.OpenTombstones(p.cfg.Keys)
			if err != nil {
				return nil, plain(err) // it says what to type about the user's own folder
			}
			return normaliser.New(p.cfg.Normaliser, normaliser.Deps{
				Log: p.log, Registry: p.registry, Conn: conn, Ring: p.ring, Tombstones: erased, Alone: p.cfg.embedded(),
			}), nil
		},
		recorder.Name: func(ctx context.Context) (service.Service, error) {
			conn, connErr := p.conn(ctx, recorder.Name)
			db, dbErr := p.store(ctx)
			erased, erasedErr := privacy.OpenTombstones(p.cfg.Keys)
			if err := errors.Join(connErr, dbErr, plain(erasedErr)); err != nil {
				return nil, err
			}
			return recorder.New(p.cfg.Recorder, recorder.Deps{Log: p.log, Registry: p.registry, Conn: conn, Store: db, Tombstones: erased}), nil
		},
	}
}

// telegram is apart because it is ready when it collects.
func (p *parts) telegram(ctx context.Context) (*telegramcollector.Collector, error) {
	key, err := p.stateKey()
	if err != nil {
		return nil, err
	}
	conn, err := p.conn(ctx, telegramcollector.Name)
	if err != nil {
		return nil, err
	}
	collector := telegramcollector.New(p.cfg.CollectorTelegram, telegramcollector.Deps{
		Log: p.log, Registry: p.registry, Conn: conn, Key: key, LegalBasis: p.cfg.LegalBasis, Lease: !p.cfg.embedded(),
	})
	p.health.Add(telegramcollector.Name, collector.Ready)
	return collector, nil
}

// twitter is apart for the same reason.
func (p *parts) twitter(ctx context.Context) (*twittercollector.Collector, error) {
	key, err := p.stateKey()
	if err != nil {
		return nil, err
	}
	conn, err := p.conn(ctx, twittercollector.Name)
	if err != nil {
		return nil, err
	}
	collector := twittercollector.New(p.cfg.CollectorTwitter, twittercollector.Deps{
		Log: p.log, Registry: p.registry, Conn: conn, Key: key, LegalBasis: p.cfg.LegalBasis, Lease: !p.cfg.embedded(),
	})
	p.health.Add(twittercollector.Name, collector.Ready)
	return collector, nil
}

// stateKey is the part of the ring that live collectors have: beside real servers
// their folder holds nothing else of it.
func (p *parts) stateKey() (*privacy.StateKey, error) {
	if p.ring != nil {
		return p.ring.StateKey(), nil
	}
	key, err := privacy.OpenStateKey(p.cfg.Keys)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoRing
	}
	return key, plain(err) // it says what to type about the user's own folder
}

// errNoRing says that a service that needs keys has none.
var errNoRing = wrongUse(errors.New("this service needs the study's key ring: make one with `doxtrail keys init`, or name it with --keys"))

// provisioner is apart from the others because commands use it too.
func (p *parts) provisioner(ctx context.Context) (*provisioner.Provisioner, error) {
	if p.ring == nil {
		return nil, errNoRing
	}
	conn, connErr := p.conn(ctx, provisioner.Name)
	db, dbErr := p.store(ctx)
	if err := errors.Join(connErr, dbErr); err != nil {
		return nil, err
	}
	return provisioner.New(p.cfg.Provisioner, provisioner.Deps{Log: p.log, Registry: p.registry, Conn: conn, Store: db, Ring: p.ring, Watchlist: p.cfg.Watchlist, StoreNotEmpty: p.servers.storeNotEmpty, Disk: p.disk, AccountsOfX: p.cfg.accountsOfX()}), nil
}

// conn connects to NATS under a service's name; close closes it.
func (p *parts) conn(ctx context.Context, name string) (*bus.Conn, error) {
	cfg := p.servers.nats
	cfg.Name, cfg.Log, cfg.Stats = name, service.For(p.log, name), &bus.Stats{}
	if p.disk != nil && bringsIn(name) {
		cfg.Room = p.disk // only who brings in more waits; what is on its way goes on
	}
	conn, err := bus.Connect(ctx, cfg)
	if err != nil {
		return nil, err
	}
	p.conns = append(p.conns, conn)
	if name != provisioner.Name { // services start in any order
		bounded, cancel := context.WithTimeout(ctx, readyWait)
		defer cancel()
		if err := conn.AwaitProvisioned(bounded); err != nil {
			return nil, err
		}
	}
	if err := p.registry.Register(bus.Collector(name, cfg.Stats)); err != nil {
		return nil, fmt.Errorf("register metrics of %s: %w", name, err)
	}
	p.health.Add(name, conn.Ready(durablesOf(name)...).Check)
	return conn, nil
}

// bringsIn says whether what connects under a name puts something new on the streams.
func bringsIn(name string) bool {
	return name == archivecollector.Name || name == commandName || slices.Contains(liveCollectors(), name)
}

// commandName is the name under which a command connects.
const commandName = "command"

// durablesOf is what a service reads, and is ready if it gets on with.
func durablesOf(name string) []bus.Durable {
	switch name {
	case normaliser.Name:
		return []bus.Durable{bus.NormaliserLive, bus.NormaliserArchive}
	case recorder.Name:
		return []bus.Durable{bus.RecorderLive, bus.RecorderArchive}
	default:
		return nil
	}
}

// store connects to ClickHouse with the services' account; close closes it.
func (p *parts) store(ctx context.Context) (*store.Store, error) {
	s, err := store.Open(ctx, p.servers.clickhouse)
	if err != nil {
		return nil, err
	}
	p.stores = append(p.stores, s)
	return s, nil
}

// close gives back all connections, once the services have ended.
func (p *parts) close(ctx context.Context) error {
	var errs []error
	for _, c := range p.conns {
		errs = append(errs, c.Close(ctx))
	}
	for _, s := range p.stores {
		errs = append(errs, s.Close())
	}
	p.conns, p.stores = nil, nil
	return errors.Join(errs...)
}
