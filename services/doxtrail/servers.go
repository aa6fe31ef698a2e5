package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// servers is where NATS and ClickHouse answer, whichever shape this is.
type servers struct {
	nats       bus.Config // without Name and Log
	clickhouse store.Config
	// researcher and operator only read: the one the views, the other the
	// tables too.
	researcher store.Config
	operator   store.Config
	// folder is the embedded servers' data folder; nil with real servers.
	folder *embedded.Servers
	// storeNotEmpty says that the folder held streams before it was opened.
	storeNotEmpty bool
}

// openServers takes the data folder or, if the configuration names servers,
// reads their secrets.
func openServers(ctx context.Context, cfg *Config, log *slog.Logger) (*servers, error) {
	if !cfg.embedded() {
		return remoteServers(cfg)
	}
	streams, err := holdsStreams(cfg.Data)
	if err != nil {
		return nil, fmt.Errorf("look for streams: %w", err)
	}
	folder, err := embedded.Open(ctx, embedded.Config{
		Dir: cfg.Data, Log: log,
		ClickHouse: embedded.ClickHouseConfig{Library: cfg.Embedded.Libchdb, Log: log},
		NATS:       embedded.NATSConfig{Log: log, MaxStore: cfg.Provisioner.StoreBytes()},
	})
	if errors.Is(err, embedded.ErrNoLibrary) {
		return nil, plain(err) // it says what to type
	}
	if err != nil {
		return nil, err
	}
	ch := folder.ClickHouse()
	s := &servers{
		folder: folder,

		storeNotEmpty: streams,

		nats:       bus.Config{URL: folder.NATS().URL, Token: folder.NATS().Token},
		clickhouse: store.Config{URL: ch.URL, User: ch.User, Password: ch.Password, Layout: store.LayoutEmbedded},
		researcher: store.Config{URL: ch.URL, User: ch.ResearcherUser, Password: ch.ResearcherPassword, Layout: store.LayoutEmbedded, ReadOnly: true},
		operator:   store.Config{URL: ch.URL, User: embedded.OperatorUser, Password: ch.Password, Layout: store.LayoutEmbedded, ReadOnly: true},
	}
	if folder.Holder() {
		s.nats.InProcess = folder.NATS().InProcess
	}
	return s, nil
}

// holdsStreams says whether a data folder holds messages of streams. A process that
// is killed while it makes its first stream leaves a folder without any, in which
// nothing is hidden.
func holdsStreams(data string) (bool, error) {
	folder := os.DirFS(filepath.Join(data, "nats", "jetstream"))
	blocks, err := fs.Glob(folder, "*/streams/*/msgs/*.blk")
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(blocks, func(block string) bool {
		info, err := fs.Stat(folder, block)
		return err != nil || info.Size() > 0 // what cannot be looked at may hold some
	}), nil
}

// remoteServers reads what the configuration says of real servers.
func remoteServers(cfg *Config) (*servers, error) {
	token, tokenErr := secret("nats.token_file", cfg.NATS.TokenFile)
	password, passwordErr := secret("clickhouse.password_file", cfg.ClickHouse.PasswordFile)
	research, researchErr := secret("clickhouse.researcher_password_file", cfg.ClickHouse.ResearcherPasswordFile)
	operate, operateErr := secret("clickhouse.operator_password_file", cfg.ClickHouse.OperatorPasswordFile)
	if err := errors.Join(tokenErr, passwordErr, researchErr, operateErr); err != nil {
		return nil, wrongUse(err)
	}
	layout := store.LayoutServer
	if cfg.ClickHouse.Layout != "" {
		layout = store.Layout(cfg.ClickHouse.Layout)
	}
	ch := store.Config{
		URL: cfg.ClickHouse.URL, User: cfg.ClickHouse.User, Password: password,
		Layout: layout, Cluster: cfg.ClickHouse.Cluster, CAFile: cfg.ClickHouse.CAFile,
	}
	reader := func(user, password string) store.Config {
		c := ch
		c.User, c.Password, c.ReadOnly = user, password, true
		return c
	}
	return &servers{
		nats:       bus.Config{URL: cfg.NATS.URL, Token: token, SeedFile: cfg.NATS.SeedFile, CAFile: cfg.NATS.CAFile},
		clickhouse: ch,
		researcher: reader(cfg.ClickHouse.ResearcherUser, research),
		operator:   reader(cfg.ClickHouse.OperatorUser, operate),
	}, nil
}

// secret reads a file that holds one secret; no path is no secret.
func secret(key, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, bare(err))
	}
	return strings.TrimSpace(string(b)), nil
}

// holder says whether this process serves the embedded servers.
func (s *servers) holder() bool { return s.folder != nil && s.folder.Holder() }
