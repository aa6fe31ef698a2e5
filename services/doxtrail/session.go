package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/services/normaliser"
	"github.com/doxtrail/doxtrail/services/provisioner"
)

// session is what a command works with: the servers, wherever they are, and
// connections to them. If this process holds the data folder, all services run
// in it for as long as the session lasts.
type session struct {
	cfg      *Config
	log      *slog.Logger
	registry *prometheus.Registry
	parts    *parts
	conn     *bus.Conn
	store    *store.Store
	reader   *store.Store

	provisioner *provisioner.Provisioner
	stop        context.CancelFunc
	services    chan error // what the services ended with; nil if none run here
	// restoring is set by the command that may open a folder with half a study.
	restoring bool
	// live is set by the command that collects: none that only lasts a moment logs
	// in anywhere.
	live bool
	// reading is set by commands that ask the tables and nothing else: they go on in a
	// study whose ring is retired. retired says that this one is.
	reading, retired bool
}

// applyWait bounds the wait for a changed watch list, liveWait that for rows of
// what came in meanwhile, readyWait that for the services at the start.
const (
	applyWait = 30 * time.Second
	liveWait  = 5 * time.Second
	readyWait = time.Minute
)

// errHolderGone says that the process that served the data folder ended.
var errHolderGone = errors.New("the process that served this data folder has ended; run the command again")

// newSession returns a session that has opened nothing yet and logs to stderr,
// at the given level unless the configuration names one.
func newSession(cfg *Config, stderr io.Writer, level slog.Level) (*session, error) {
	level, err := cfg.level(level)
	if err != nil {
		return nil, wrongUse(err)
	}
	return &session{cfg: cfg, log: service.NewLogger(stderr, level), registry: service.NewRegistry()}, nil
}

// withSession opens a session, runs do in it and closes it. What do reads
// includes the watch list as it stands in the file now.
func withSession(cmd *cobra.Command, cfg *Config, do func(context.Context, *session) error) error {
	s, err := newSession(cfg, cmd.ErrOrStderr(), slog.LevelWarn)
	if err != nil {
		return err
	}
	return s.run(cmd, do)
}

// run opens the session, runs do in it and closes it.
func (s *session) run(cmd *cobra.Command, do func(context.Context, *session) error) (err error) {
	ctx, cancel := context.WithCancelCause(cmd.Context())
	defer cancel(nil)
	if err := s.open(ctx, s.log); err != nil {
		return errors.Join(err, s.close(ctx))
	}
	defer func() {
		closing := s.close(ctx)
		if causeOf(ctx) == nil { // else err tells, and closing can but repeat it
			err = errors.Join(err, closing)
		}
	}()
	s.sayWaiting(cmd.ErrOrStderr())
	go s.watchHolder(ctx, cancel)
	if err := s.start(ctx); err != nil {
		if cause := causeOf(ctx); cause != nil {
			return cause
		}
		return err
	}
	go s.watchServices(ctx, cancel)
	if err := do(ctx, s); err != nil {
		if cause := causeOf(ctx); cause != nil {
			return cause
		}
		// Those that attached meanwhile are not to suffer for it.
		return errors.Join(err, s.linger(ctx, cmd.ErrOrStderr()))
	}
	return s.linger(ctx, cmd.ErrOrStderr())
}

// causeOf is why a session was ended that the user did not end.
func causeOf(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// sayWaiting tells the user of a command why it does not get on.
func (s *session) sayWaiting(stderr io.Writer) {
	if s.parts.disk == nil {
		return
	}
	s.parts.disk.Waiting = func(free, needed uint64) {
		fmt.Fprintln(stderr, "waiting: "+lowDiskText(free, needed))
	}
	s.parts.disk.Going = func(uint64) { fmt.Fprintln(stderr, "going on: there is room on the disk again") }
}

// open takes the key ring and the servers, and connects.
func (s *session) open(ctx context.Context, log *slog.Logger) error {
	// First, because opening makes a ring where there is none.
	if err := apart(s.cfg.Data, s.cfg.Keys); s.cfg.embedded() && err != nil {
		return err
	}
	if err := s.checkWatchlist(); err != nil {
		return err
	}
	ring, err := openRing(s.cfg)
	if errors.Is(err, privacy.ErrRetired) {
		err = errRetired
		if s.reading {
			s.retired, err = true, sameStudy(s.cfg)
		}
	}
	if err != nil {
		return plain(err) // it says what to type about the user's own folder
	}
	if err := refuseHalfRestored(s.cfg.Data); s.cfg.embedded() && !s.restoring && err != nil {
		return err
	}
	servers, err := openServers(ctx, s.cfg, log)
	if err != nil {
		return err
	}
	s.parts = &parts{cfg: s.cfg, log: log, registry: s.registry, health: service.NewHealth(), servers: servers, ring: ring}
	if s.cfg.embedded() {
		s.parts.disk = service.NewDisk(s.cfg.Data, uint64(s.cfg.MinDiskFree), log)
		if s.retired {
			return nil
		}
		if err := bindStudy(s.cfg.Data, ring.ID()); err != nil {
			return err
		}
	}
	return nil
}

// checkWatchlist finds faults of the file before anything is opened. Beside real
// servers the provisioner has the file.
func (s *session) checkWatchlist() error {
	if !s.cfg.embedded() {
		return nil
	}
	_, err := provisioner.ReadWatchlist(s.cfg.Watchlist)
	return wrongUse(err)
}

// start runs the services if this process holds the folder, and connects the
// command itself.
func (s *session) start(ctx context.Context) (err error) {
	if s.retired {
		return s.startTables(ctx)
	}
	if s.cfg.embedded() {
		if s.provisioner, err = s.parts.provisioner(ctx); err != nil {
			return err
		}
	}
	if s.parts.servers.holder() {
		if err := s.startServices(ctx); err != nil {
			return err
		}
	}
	if s.conn, err = s.parts.conn(ctx, commandName); err != nil {
		return err
	}
	if err := s.openTables(ctx); err != nil {
		return err
	}
	return s.applyWatchlist(ctx)
}

// startServices provisions and then runs every service in the background.
func (s *session) startServices(ctx context.Context, more ...service.Service) error {
	bounded, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	if err := s.provisioner.Provision(bounded); err != nil {
		return err
	}
	running := append([]service.Service{s.provisioner}, more...)
	for name, build := range s.parts.builders() {
		if name == provisioner.Name || !s.live && slices.Contains(liveCollectors(), name) || !s.cfg.enabled(name) {
			continue
		}
		part, err := build(ctx)
		if err != nil {
			return err
		}
		running = append(running, part)
	}
	// The services outlive ctx: when the user stops the command, they still
	// finish what they have in hand.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop, s.services = stop, make(chan error, 1)
	go func() { s.services <- service.Run(background, s.log, s.cfg.StopWait, running...) }()
	return nil
}

// watchHolder ends a command whose data folder is served no more by the process
// it is attached to.
func (s *session) watchHolder(ctx context.Context, cancel context.CancelCauseFunc) {
	folder := s.parts.servers.folder
	if folder == nil || folder.Holder() {
		return
	}
	select {
	case <-ctx.Done():
	case <-folder.Gone():
		cancel(errHolderGone)
	}
}

// watchServices ends a command when one of the services beside it ended.
func (s *session) watchServices(ctx context.Context, cancel context.CancelCauseFunc) {
	select {
	case <-ctx.Done():
	case err := <-s.services:
		s.services <- err // close reads it again
		cancel(fmt.Errorf("a service ended: %w", err))
	}
}

// applyWatchlist publishes the watch list file if it changed and waits until
// its sites are rows, so that a question asked now sees them.
func (s *session) applyWatchlist(ctx context.Context) error {
	if !s.cfg.embedded() {
		return nil // the provisioner of the servers has the file
	}
	bounded, cancel := context.WithTimeout(ctx, applyWait)
	defer cancel()
	generation, err := s.provisioner.SyncWatchlist(bounded)
	if err != nil {
		return err
	}
	if err := normaliser.AwaitApplied(bounded, s.conn, generation); err != nil {
		return err
	}
	return s.awaitLive(ctx)
}

// awaitLive waits until what live collectors brought in is rows. Where nothing can
// be written at present the command goes on without: one that asks what is wrong
// must not fail for it.
func (s *session) awaitLive(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, liveWait)
	defer cancel()
	err := s.conn.AwaitRows(bounded, bus.LaneLive, 0)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		s.log.Warn("what came in last is not in the tables yet; doxtrail status shows what holds it up")
		return nil
	}
	return err
}

// awaitRows waits until what was put on RAW up to a sequence is rows. There is
// no limit but the user's patience: an import of years takes its time.
func (s *session) awaitRows(ctx context.Context, sequence uint64) error {
	if sequence == 0 {
		return nil
	}
	return s.conn.AwaitRows(ctx, bus.LaneArchive, sequence)
}

// lingerSilence is how long a command that is done stays without a word.
const lingerSilence = time.Second

// linger keeps serving until the processes that attached have left.
func (s *session) linger(ctx context.Context, stderr io.Writer) error {
	if !s.parts.servers.holder() || ctx.Err() != nil {
		return nil
	}
	said := time.AfterFunc(lingerSilence, func() {
		fmt.Fprintln(stderr, "finished; other commands still use the servers that this one started, and end with it on Ctrl-C")
	})
	defer said.Stop()
	return s.parts.servers.folder.Linger(ctx)
}

// close stops the services, then the connections, then the servers. The services
// take stop_wait at most, and what is closed after them has as long again.
func (s *session) close(ctx context.Context) error {
	var errs []error
	if s.services != nil {
		s.stop()
		errs = append(errs, <-s.services)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.StopWait)
	defer cancel()
	if s.parts != nil {
		errs = append(errs, s.parts.close(ctx))
		if s.parts.servers.folder != nil {
			errs = append(errs, s.parts.servers.folder.Close(ctx))
		}
	}
	return errors.Join(errs...)
}
