// Package storetest gives tests a real, migrated ClickHouse: one embedded
// engine for the process, in memory, and a pair of databases for each test.
//
//	func TestX(t *testing.T) {
//		s := storetest.New(t)
//		...
//	}
//
// Limits: the engine ends with the process. The databases of a test that
// failed stay, but only until then; their names are in the test's log.
package storetest

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// engine boots on the first call. There can be one in a process, and a boot
// costs as much as a hundred queries, so tests share it.
//
//nolint:gochecknoglobals // one engine a process is a limit of libchdb
var engine = sync.OnceValues(func() (*embedded.ClickHouse, error) {
	return embedded.StartClickHouse(context.Background(), embedded.ClickHouseConfig{})
})

// Config starts the engine and gives the configuration of an empty pair of
// databases, which are dropped at the end of the test if it passed.
func Config(t testing.TB) store.Config {
	t.Helper()
	server, err := engine()
	if err != nil {
		t.Fatalf("start embedded clickhouse: %v", err)
	}
	end := server.Endpoint()
	name := strings.ToLower(rand.Text()[:10])
	return store.Config{
		URL: end.URL, User: end.User, Password: end.Password,
		Tables: "doxtrail_" + name, Research: "research_" + name,
	}
}

// New gives a migrated store of its own to a test.
func New(t testing.TB) *store.Store {
	t.Helper()
	s := Open(t, Config(t))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return s
}

// Open opens a store and, at the end of the test, drops its databases if the
// test passed, and closes it.
func Open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("databases %s and %s are kept", cfg.Tables, cfg.Research)
		} else if err := drop(context.WithoutCancel(t.Context()), s); err != nil {
			t.Errorf("drop databases: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}

// Researcher opens the same databases with the account that may only read.
func Researcher(t testing.TB, of *store.Store) *store.Store {
	t.Helper()
	server, err := engine()
	if err != nil {
		t.Fatalf("start embedded clickhouse: %v", err)
	}
	end := server.Endpoint()
	s, err := store.Open(t.Context(), store.Config{
		URL: end.URL, User: end.ResearcherUser, Password: end.ResearcherPassword,
		Tables: of.Tables(), Research: of.Research(),
	})
	if err != nil {
		t.Fatalf("open store as researcher: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}

// drop waits for statements that still read, but not for ever.
func drop(ctx context.Context, s *store.Store) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return s.Drop(ctx)
}
