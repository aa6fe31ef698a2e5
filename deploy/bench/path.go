package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	archivecollector "github.com/doxtrail/doxtrail/services/collector/archive"
	"github.com/doxtrail/doxtrail/services/normaliser"
	"github.com/doxtrail/doxtrail/services/provisioner"
	"github.com/doxtrail/doxtrail/services/recorder"
)

// part is the path up to a stage. Each is run in a process of its own, with the
// real servers and services; what comes after its last stage is read from the
// stream and thrown away. A stage costs what its part costs more than the one
// before.
type part string

const (
	// partRead reads the archive and throws the posts away.
	partRead part = "read"
	// partRaw also seals them, puts them on RAW, and takes and opens them there.
	partRaw part = "raw"
	// partNormalise also normalises them, puts the records on RECORDS and takes
	// them there.
	partNormalise part = "normalise"
	// partOnce is partNormalise over a smaller archive, and partTwice puts the
	// records on RECORDS and takes them there once more: what it costs more is
	// RECORDS. With a large archive it would be what a backlog costs, too.
	partOnce  part = "once"
	partTwice part = "twice"
	// partStore is the whole path, to rows in ClickHouse.
	partStore part = "store"
)

// partsInOrder lists them from the shortest to the longest.
func partsInOrder() []part {
	return []part{partRead, partRaw, partNormalise, partOnce, partTwice, partStore}
}

// part runs a part in a process of its own and gives its CPU time, in seconds.
func (b bench) part(ctx context.Context, p part, archivePath string) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp(b.dir, "part-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()                                                         // a temporary folder
	cmd := exec.CommandContext(ctx, self, "-stage", string(p), "-archive", archivePath, "-dir", dir) //nolint:gosec // this program itself
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("run the part up to %s: %w", p, err)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

// runPart is that process.
func runPart(ctx context.Context, p part, archivePath, dir string) (err error) {
	service.BudgetMemory() // as doxtrail itself
	if p == partRead {
		return timed(func() error { return readOnly(ctx, archivePath) })
	}
	path, err := newPath(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, path.close(ctx)) }()
	if err := path.start(ctx, p); err != nil {
		return err
	}
	return timed(func() error { return path.importUpTo(ctx, p, archivePath) })
}

// timed prints the CPU seconds of this process while do ran.
func timed(do func() error) error {
	before := cpuSeconds()
	if err := do(); err != nil {
		return err
	}
	_, err := fmt.Println(cpuSeconds() - before)
	return err
}

func cpuSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return seconds(u.Utime) + seconds(u.Stime)
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }

// readOnly reads an archive and keeps nothing.
func readOnly(ctx context.Context, path string) error {
	for source, err := range archive.Open([]string{path}, nil) {
		if err != nil {
			return err
		}
		if _, err := archive.Read(ctx, source, archive.Options{}, discard{}); err != nil {
			return err
		}
	}
	return nil
}

type discard struct{}

func (discard) Look(archive.Look) error                { return nil }
func (discard) Channel(*doxtrailv1.RawChannel) error   { return nil }
func (discard) Post(uint64, *doxtrailv1.RawPost) error { return nil }

// path is the servers and services of one study, wired by hand.
type path struct {
	servers  *embedded.Servers
	ring     *privacy.Ring
	store    *store.Store
	log      *slog.Logger
	conns    []*bus.Conn
	stop     context.CancelFunc
	services chan error
}

func newPath(ctx context.Context, dir string) (*path, error) {
	p := &path{log: service.NewLogger(os.Stderr, slog.LevelError)}
	var err error
	if p.ring, err = privacy.CreateRing(filepath.Join(dir, "keys")); err != nil {
		return nil, err
	}
	cfg := provisioner.Defaults()
	p.servers, err = embedded.Open(ctx, embedded.Config{
		Dir: filepath.Join(dir, "data"), Log: p.log, NATS: embedded.NATSConfig{MaxStore: cfg.StoreBytes()},
	})
	if err != nil {
		return nil, err
	}
	ch := p.servers.ClickHouse()
	if p.store, err = store.Open(ctx, store.Config{URL: ch.URL, User: ch.User, Password: ch.Password, Layout: store.LayoutEmbedded}); err != nil {
		return nil, err
	}
	conn, err := p.conn(ctx, provisioner.Name)
	if err != nil {
		return nil, err
	}
	return p, provisioner.New(cfg, provisioner.Deps{
		Log: p.log, Registry: prometheus.NewRegistry(), Conn: conn, Store: p.store, Ring: p.ring,
	}).Provision(ctx)
}

func (p *path) conn(ctx context.Context, name string) (*bus.Conn, error) {
	nats := p.servers.NATS()
	c, err := bus.Connect(ctx, bus.Config{InProcess: nats.InProcess, Token: nats.Token, Name: name, Log: p.log})
	if err == nil {
		p.conns = append(p.conns, c)
	}
	return c, err
}

// start runs the services of a part in the background.
func (p *path) start(ctx context.Context, upTo part) error {
	var services []service.Service
	if upTo == partRaw {
		s, err := p.drain(ctx, bus.StreamRaw, nil)
		if err != nil {
			return err
		}
		services = append(services, s)
	} else {
		conn, err := p.conn(ctx, normaliser.Name)
		if err != nil {
			return err
		}
		services = append(services, normaliser.New(normaliser.Defaults(), normaliser.Deps{
			Log: p.log, Registry: prometheus.NewRegistry(), Conn: conn, Ring: p.ring,
		}))
	}
	s, err := p.end(ctx, upTo)
	if err != nil {
		return err
	}
	if s != nil {
		services = append(services, s)
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop, p.services = stop, make(chan error, 1)
	const patience = time.Minute
	go func() { p.services <- service.Run(background, p.log, patience, services...) }()
	return nil
}

// end is the service at the end of a part that reaches RECORDS.
func (p *path) end(ctx context.Context, upTo part) (service.Service, error) {
	switch upTo {
	case partNormalise, partOnce:
		return p.drain(ctx, bus.StreamRecords, nil)
	case partTwice:
		conn, err := p.conn(ctx, "again")
		if err != nil {
			return nil, err
		}
		publisher, err := conn.NewPublisher(bus.StageRecords, bus.PublisherConfig{})
		if err != nil {
			return nil, err
		}
		return p.drain(ctx, bus.StreamRecords, again(publisher))
	case partStore:
		conn, err := p.conn(ctx, recorder.Name)
		if err != nil {
			return nil, err
		}
		return recorder.New(recorder.Defaults(), recorder.Deps{
			Log: p.log, Registry: prometheus.NewRegistry(), Conn: conn, Store: p.store,
		}), nil
	default:
		return nil, nil //nolint:nilnil // the part ends before RECORDS
	}
}

// importUpTo imports an archive and waits until the end of the part has all.
func (p *path) importUpTo(ctx context.Context, upTo part, archivePath string) error {
	conn, err := p.conn(ctx, archivecollector.Name)
	if err != nil {
		return err
	}
	sum, err := archivecollector.New(archivecollector.Defaults(), archivecollector.Deps{
		Log: p.log, Registry: prometheus.NewRegistry(), Conn: conn,
	}).Import(ctx, archivecollector.Call{Files: archive.Open([]string{archivePath}, nil)})
	if err != nil {
		return err
	}
	if upTo == partRaw {
		return conn.Await(ctx, bus.NormaliserArchive, sum.Sequence)
	}
	if err := conn.AwaitRows(ctx, bus.LaneArchive, sum.Sequence); err != nil {
		return err
	}
	if upTo == partTwice {
		return conn.AwaitRows(ctx, bus.LaneLive, sum.Sequence)
	}
	return nil
}

func (p *path) close(ctx context.Context) error {
	var errs []error
	if p.stop != nil {
		p.stop()
		errs = append(errs, <-p.services)
	}
	for _, c := range p.conns {
		errs = append(errs, c.Close(ctx))
	}
	return errors.Join(append(errs, p.store.Close(), p.servers.Close(ctx))...)
}
