package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// A study whose key ring is retired takes nothing in any more, and no service of it
// runs. Its tables still answer.

// errRetired is what every other command ends with.
var errRetired = plain(errors.New("the study's key ring is retired: nothing can be added to the study any more; `doxtrail sql`, `query`, `explain` and `locate` still answer"))

// withTables is withSession for a command that asks the tables and nothing else.
func withTables(cmd *cobra.Command, cfg *Config, do func(context.Context, *session) error) error {
	s, err := newSession(cfg, cmd.ErrOrStderr(), slog.LevelWarn)
	if err != nil {
		return err
	}
	s.reading = true
	return s.run(cmd, do)
}

// sameStudy refuses a data folder of another ring than the one that is retired.
func sameStudy(cfg *Config) error {
	ring, err := privacy.DescribeRing(cfg.Keys)
	if err != nil || !cfg.embedded() {
		return err
	}
	return otherStudy(cfg.Data, ring.ID)
}

// openTables connects to ClickHouse, as the services and as a researcher.
func (s *session) openTables(ctx context.Context) (err error) {
	if s.store, err = s.parts.store(ctx); err != nil {
		return err
	}
	if s.reader, err = store.Open(ctx, s.parts.servers.researcher); err != nil {
		return err
	}
	s.parts.stores = append(s.parts.stores, s.reader)
	return nil
}

// startTables opens the tables of a retired study, as this version wants them.
func (s *session) startTables(ctx context.Context) error {
	if err := s.openTables(ctx); err != nil {
		return err
	}
	if !s.parts.servers.holder() {
		return nil
	}
	return s.store.Migrate(ctx)
}
