package provisioner

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

const (
	harbour = "families: [{label: harbour-leaks, sites: [harbour-leaks.example]}]\n"
	pier    = "families: [{label: pier-cards, sites: [pier-cards.example, pier-cards.test]}]\n"
	faulty  = "families: [{label: harbour-leaks, sites: [https://harbour-leaks.example/card]}]\nunknown: 1\n"
)

// study is a bus, a key ring and a watch list file.
type study struct {
	t      *testing.T
	server *bustest.Server
	ring   *privacy.Ring
	file   string
}

func newStudy(t *testing.T, opts ...bustest.Option) *study {
	t.Helper()
	ring, err := privacy.CreateRing(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return &study{t: t, server: bustest.New(t, opts...), ring: ring, file: filepath.Join(t.TempDir(), "watchlist.yaml")}
}

// write puts a watch list into the file, whole at once.
func (s *study) write(text string) {
	s.t.Helper()
	if err := os.WriteFile(s.file+".new", []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(s.file+".new", s.file); err != nil {
		s.t.Fatal(err)
	}
}

// made is a Provisioner and its metrics.
type made struct {
	*Provisioner
	registry *prometheus.Registry
}

// provisioner makes a service that reads a watch list file, none if it is
// empty. The store may be nil where nothing is provisioned.
func (s *study) provisioner(file string, db *store.Store) made {
	s.t.Helper()
	cfg := Defaults()
	cfg.RawMaxBytes, cfg.RecordsMaxBytes, cfg.WatchlistPoll = 64<<20, 64<<20, 10*time.Millisecond
	registry := prometheus.NewRegistry()
	return made{New(cfg, Deps{
		Log: slog.New(slog.DiscardHandler), Registry: registry, Conn: s.server.Connect(Name), Store: db, Watchlist: file, Ring: s.ring,
	}), registry}
}

// metric is the value of a metric without labels.
func (m made) metric(t *testing.T, name string) float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "doxtrail_provisioner_"+name {
			return f.GetMetric()[0].GetCounter().GetValue() + f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// sync compares file and list, which must not fail.
func (m made) sync(t *testing.T) uint64 {
	t.Helper()
	generation, err := m.SyncWatchlist(within(t))
	if err != nil {
		t.Fatal(err)
	}
	return generation
}

// inForce is the list in force.
func (m made) inForce(t *testing.T) *watchlist.Effective {
	t.Helper()
	list, err := m.Effective(within(t))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bustest.Patience)
	t.Cleanup(cancel)
	return ctx
}

// run runs a service until the returned stop, or the end of the test.
func (m made) run(t *testing.T) (stop func()) {
	t.Helper()
	return servicetest.Background(t, m.Run)
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx := within(t)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

// stream is the state of a stream.
func (s *study) stream(name string) bus.StreamLag {
	s.t.Helper()
	lag, err := s.server.Conn.Lag(within(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, l := range lag.Streams {
		if l.Stream == name {
			return l
		}
	}
	s.t.Fatalf("no stream %s", name)
	return bus.StreamLag{}
}
