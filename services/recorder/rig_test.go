package recorder_test

import (
	"context"
	"encoding/binary"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/recorder"
)

const telegram = doxtrailv1.Platform_PLATFORM_TELEGRAM

// rig is a bus and a ClickHouse with a recorder between them, which reaches
// ClickHouse through the proxy.
type rig struct {
	t         testing.TB
	bus       *bustest.Server
	proxy     *proxy
	direct    *store.Store
	cfg       store.Config // of direct
	through   *store.Store
	publisher *bus.Publisher
	// tombstones are those of every recorder that is started.
	tombstones *privacy.Tombstones
}

func newRig(t testing.TB) *rig {
	t.Helper()
	cfg := storetest.Config(t) // starts the engine, which stays
	alive := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, append(bustest.Leaks(), alive)...) })
	r := &rig{t: t, direct: storetest.Open(t, cfg), cfg: cfg}
	if err := r.direct.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.proxy = newProxy(t, cfg.URL)
	cfg.URL = "http://" + r.proxy.address
	var err error
	if r.through, err = store.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.through.Close() })
	r.bus = bustest.New(t)
	keys, err := r.bus.Conn.PublicKeys(r.within())
	if err == nil {
		err = keys.PutFailed(r.within(), r.bus.Failed.PublicKey())
	}
	if err != nil {
		t.Fatal(err)
	}
	if r.publisher, err = r.bus.Conn.NewPublisher(bus.StageRecords, bus.PublisherConfig{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.publisher.Close(r.within()) })
	return r
}

// within is a context that outlasts what should happen soon.
func (r *rig) within() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), bustest.Patience)
	r.t.Cleanup(cancel)
	return ctx
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bustest.Patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// running is a recorder at work.
type running struct {
	t      testing.TB
	stats  *bus.Stats
	reg    *prometheus.Registry
	cancel context.CancelFunc
	done   chan error
}

// quick is a configuration under which rows come soon.
func quick() recorder.Config {
	cfg := recorder.Defaults()
	cfg.BatchWait = 10 * time.Millisecond
	cfg.InsertTimeout = 20 * time.Second
	return cfg
}

// never is a wait that no test sits out.
const never = time.Hour

func (r *rig) start(cfg recorder.Config) *running {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	run := &running{t: r.t, stats: &bus.Stats{}, reg: prometheus.NewRegistry(), cancel: cancel, done: make(chan error, 1)}
	service := recorder.New(cfg, recorder.Deps{
		Log: slog.New(slog.DiscardHandler), Registry: run.reg, Conn: r.bus.ConnectWith("recorder", run.stats), Store: r.through, Tombstones: r.tombstones,
	})
	go func() { run.done <- service.Run(ctx) }()
	r.t.Cleanup(run.stop)
	return run
}

// stop tells the recorder to stop and waits until it has.
func (run *running) stop() {
	run.t.Helper()
	run.cancel()
	if run.done == nil {
		return
	}
	select {
	case err := <-run.done:
		if err != nil {
			run.t.Errorf("run: %v", err)
		}
	case <-time.After(bustest.Patience):
		run.t.Error("the recorder did not stop")
	}
	run.done = nil
}

// metric sums a counter over its series, or over those that have a label's
// value; of a histogram it gives the sum and the number of its values.
func (run *running) metric(name string, labels ...string) (sum float64, values uint64) {
	run.t.Helper()
	families, err := run.reg.Gather()
	if err != nil {
		run.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			wanted := len(labels) == 0
			for _, l := range m.GetLabel() {
				wanted = wanted || slices.Contains(labels, l.GetValue())
			}
			if wanted {
				sum += m.GetCounter().GetValue() + m.GetHistogram().GetSampleSum()
				values += m.GetHistogram().GetSampleCount()
			}
		}
	}
	return sum, values
}

// keyOf is the key of the nth post.
func keyOf(n int) []byte {
	k := []byte("a key: \x00\x00\x00\x00\x00\x00\x00\x00\x00")
	binary.BigEndian.PutUint32(k[8:], uint32(n))
	return k
}

// post is the nth post, encoded.
func post(n int) []byte {
	record, err := proto.Marshal(doxtrailv1.Post_builder{
		PostKey: keyOf(n), ChannelKey: []byte("a channel's key."), Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(),
		PostedAt: proto.Int64(1_590_000_000_000 + int64(n)), PostedPrecisionS: proto.Uint32(1),
		Length: proto.Uint32(uint32(n)), Generation: proto.Uint64(1),
	}.Build())
	if err != nil {
		panic(err)
	}
	return record
}

// posts are the posts from a number up to another.
func posts(from, to int) [][]byte {
	var list [][]byte
	for n := from; n < to; n++ {
		list = append(list, post(n))
	}
	return list
}

// publish puts one batch of posts on RECORDS.
func (r *rig) publish(lane bus.Lane, records ...[]byte) {
	r.t.Helper()
	r.publishAs(bus.Subject{Stage: bus.StageRecords, Lane: lane, Kind: bus.KindPosts, Platform: telegram}, records...)
}

func (r *rig) publishAs(subject bus.Subject, records ...[]byte) {
	r.t.Helper()
	b := bus.NewBuilder(bus.StageRecords)
	for _, record := range records {
		if err := b.AddEncoded(record); err != nil {
			r.t.Fatal(err)
		}
	}
	m, err := b.Records(subject)
	if err != nil {
		r.t.Fatal(err)
	}
	receipt, err := r.publisher.Publish(r.within(), m)
	if err == nil {
		_, err = receipt.Wait(r.within())
	}
	if err != nil {
		r.t.Fatal(err)
	}
}
