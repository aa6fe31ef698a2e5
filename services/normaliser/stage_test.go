package normaliser

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// stage is a bus with a ring, and everything that comes out on RECORDS.
type stage struct {
	t        *testing.T
	server   *bustest.Server
	ring     *privacy.Ring
	registry *prometheus.Registry
	raw      *bus.Publisher
	// tombstones are the service's; nil where nothing was erased.
	tombstones *privacy.Tombstones

	mu  sync.Mutex
	out recorded
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{
		t: t, ring: testRing(t), registry: prometheus.NewRegistry(),
		server: bustest.New(t, bustest.WithProvision(func(c *bus.ProvisionConfig) { c.AckWait = time.Second })),
	}
	var err error
	if s.raw, err = s.server.Conn.NewPublisher(bus.StageRaw, bus.PublisherConfig{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.raw.Close(within(t)) })
	s.collect()
	return s
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bustest.Patience)
	t.Cleanup(cancel)
	return ctx
}

// collect reads RECORDS as the recorder does and keeps the rows.
func (s *stage) collect() {
	s.t.Helper()
	lanes, err := s.server.Connect("recorder").NewLanes(within(s.t), bus.StreamRecords, bus.ConsumerConfig{FailedKey: s.server.Failed.PublicKey()})
	if err != nil {
		s.t.Fatal(err)
	}
	servicetest.Background(s.t, func(ctx context.Context) error {
		return bus.Consume(ctx, nil, lanes, func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, record := range d.Records {
				s.out.add(d.Subject.Kind, d.Subject.Platform, record)
			}
			return nil, nil
		})
	})
}

// rows gives what came out so far but locators, which are sealed anew each time.
func (s *stage) rows() recorded { return without(s.all(), bus.KindLocators, bus.KindLocatorKeys) }

// all gives what came out so far.
func (s *stage) all() recorded {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.out)
}

func (s *stage) service() *Normaliser {
	cfg := Defaults()
	cfg.Workers, cfg.StopTimeout = 2, 5*time.Second
	s.registry = prometheus.NewRegistry()
	return New(cfg, Deps{Log: slog.New(slog.DiscardHandler), Registry: s.registry, Conn: s.server.Connect(Name), Ring: s.ring, Tombstones: s.tombstones})
}

// list publishes a watch list as the provisioner does.
func (s *stage) list(text string) *watchlist.Effective {
	s.t.Helper()
	bucket, err := s.server.Conn.Watchlist(within(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	var previous *watchlist.Effective
	published, err := bucket.Load(within(s.t))
	if err == nil {
		previous, err = watchlist.Unseal(s.ring.StateKey(), published.Sealed)
	} else if errors.Is(err, bus.ErrAbsent) {
		err = nil
	}
	if err != nil {
		s.t.Fatal(err)
	}
	next, _ := watchlist.Next(previous, parseList(s.t, text))
	sealed, err := next.Seal(s.ring.StateKey())
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := bucket.Store(within(s.t), published, next.Generation, sealed); err != nil {
		s.t.Fatal(err)
	}
	return next
}

// put publishes a batch on RAW, sealed to the key that collectors are told.
func (s *stage) put(kind bus.Kind, records ...[]byte) {
	s.t.Helper()
	s.putFrom(origin(telegram), bus.LaneArchive, kind, records...)
}

func (s *stage) putFrom(from *doxtrailv1.BatchOrigin, lane bus.Lane, kind bus.Kind, records ...[]byte) {
	s.t.Helper()
	keys, err := s.server.Conn.PublicKeys(within(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	key, err := keys.Raw(within(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	s.publish(key, from, bus.Subject{Stage: bus.StageRaw, Lane: lane, Kind: kind, Platform: telegram}, records...)
}

func (s *stage) putSealed(key privacy.PublicKey, kind bus.Kind, records ...[]byte) {
	s.t.Helper()
	s.publish(key, origin(telegram), bus.Subject{Stage: bus.StageRaw, Lane: bus.LaneArchive, Kind: kind, Platform: telegram}, records...)
}

func (s *stage) publish(key privacy.PublicKey, from *doxtrailv1.BatchOrigin, to bus.Subject, records ...[]byte) {
	s.t.Helper()
	b := bus.NewBuilder(bus.StageRaw)
	for _, record := range records {
		if err := b.AddEncoded(record); err != nil {
			s.t.Fatal(err)
		}
	}
	m, err := b.Raw(to, from, key)
	if err != nil {
		s.t.Fatal(err)
	}
	receipt, err := s.raw.Publish(within(s.t), m)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := receipt.Wait(within(s.t)); err != nil {
		s.t.Fatal(err)
	}
}

// settled waits until RAW is worked off and all of RECORDS is collected.
func (s *stage) settled() {
	s.t.Helper()
	for _, stream := range []string{bus.StreamRaw, bus.StreamRecords} {
		last := s.lastOf(stream)
		for _, lane := range []bus.Lane{bus.LaneLive, bus.LaneArchive} {
			if err := s.server.Conn.Await(within(s.t), bus.DurableOf(stream, lane), last); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// lastOf is the number of the last message of a stream.
func (s *stage) lastOf(stream string) uint64 {
	s.t.Helper()
	lag, err := s.server.Conn.Lag(within(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, l := range lag.Streams {
		if l.Stream == stream {
			return l.LastSeq
		}
	}
	s.t.Fatalf("no stream %s", stream)
	return 0
}

func deterministic(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// metric adds up the values of a metric over its labels.
func (s *stage) metric(name string) float64 {
	s.t.Helper()
	return servicetest.Metric(s.t, s.registry, "doxtrail_normaliser_"+name)
}
