package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/service"
	archivecollector "github.com/doxtrail/doxtrail/services/collector/archive"
)

func newUp(opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "Run all services in one process on embedded servers, until Ctrl-C",
		Long: `Runs every service in this process, with NATS and ClickHouse embedded in the data
folder. Other commands on the same folder attach to it. Ctrl-C finishes what is
in hand and ends with exit code 0.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			if !cfg.embedded() {
				return wrongUse(fmt.Errorf("`up` is for the embedded servers, but the config names servers; use `doxtrail run SERVICE`"))
			}
			return up(cmd.Context(), cmd.ErrOrStderr(), cfg)
		},
	}
}

// up holds the data folder until ctx ends.
func up(ctx context.Context, stderr io.Writer, cfg *Config) (err error) {
	s, err := newSession(cfg, stderr, slog.LevelInfo)
	if err != nil {
		return err
	}
	s.live = true
	defer func() { err = endOfUp(ctx, err, s.close(ctx)) }()
	if err := s.open(ctx, s.log); err != nil {
		return err
	}
	if !s.parts.servers.holder() {
		return fmt.Errorf("another process serves this data folder already; commands attach to it by themselves")
	}
	if s.provisioner, err = s.parts.provisioner(ctx); err != nil {
		return err
	}
	if err := s.startServices(ctx, service.NewPages(cfg.Listen, s.log, s.parts.health, s.registry)); err != nil {
		return err
	}
	s.log.Info("doxtrail is up; stop it with Ctrl-C", service.KeyVersion, version)
	select {
	case <-ctx.Done():
		s.log.Info("stopping; what is in hand is finished first")
		return nil
	case err := <-s.services:
		s.services <- nil
		return err
	}
}

// endOfUp is the result of up: a stop that the user asked for is success, also
// when it came before everything was started.
func endOfUp(ctx context.Context, err, closing error) error {
	if ctx.Err() != nil {
		return closing
	}
	if err != nil {
		return err
	}
	return closing
}

func newRun(opts *options) *cobra.Command {
	names := slices.Sorted(maps.Keys((&parts{}).builders()))
	var ready bool
	cmd := &cobra.Command{
		Use:   "run SERVICE",
		Short: "Run one service alone against the servers of the config",
		Long: "Runs one service against the NATS and ClickHouse that the config names.\nServices: " + strings.Join(names, ", ") + `.

With --ready it runs nothing: it asks the process that runs with the same config
whether it makes progress, says what is wrong, and ends with 0 or 1.`,
		ValidArgs: names,
		Args:      args(cobra.MatchAll(count(1, 1, "name one service of "+strings.Join(names, ", ")), oneOf(names))),
		RunE: func(cmd *cobra.Command, given []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			if cfg.embedded() {
				return wrongUse(fmt.Errorf("`run` needs servers: set nats.url and clickhouse.url in the config, or use `doxtrail up`"))
			}
			if ready {
				return askReady(cmd.Context(), cfg.Listen)
			}
			if given[0] == archivecollector.Name && cfg.CollectorArchive.Inbox == "" {
				return wrongUse(archivecollector.ErrNoInbox)
			}
			if !cfg.enabled(given[0]) {
				return wrongUse(notEnabled(given[0]))
			}
			return runService(cmd.Context(), cmd.ErrOrStderr(), cfg, given[0])
		},
	}
	cmd.Flags().BoolVar(&ready, "ready", false, "ask the running service whether it is ready")
	return cmd
}

// oneOf is cobra.OnlyValidArgs without an echo of what was typed, which may be
// the name of a file, and that of a person.
func oneOf(names []string) cobra.PositionalArgs {
	return func(_ *cobra.Command, given []string) error {
		if !slices.Contains(names, given[0]) {
			return fmt.Errorf("unknown service; it is one of %s", strings.Join(names, ", "))
		}
		return nil
	}
}

// runService runs one service until ctx ends.
func runService(ctx context.Context, stderr io.Writer, cfg *Config, name string) (err error) {
	s, err := newSession(cfg, stderr, slog.LevelInfo)
	if err != nil {
		return err
	}
	defer func() { err = endOfUp(ctx, err, s.close(ctx)) }()
	if err := s.open(ctx, s.log); err != nil {
		return err
	}
	part, err := s.parts.builders()[name](ctx)
	if err != nil {
		return err
	}
	pages := service.NewPages(cfg.Listen, s.log, s.parts.health, s.registry)
	return service.Run(ctx, s.log, cfg.StopWait, part, pages)
}
