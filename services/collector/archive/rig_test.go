package archive

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, bustest.Leaks()...) }

// rig is a bus, a collector on it and what it logged.
type rig struct {
	t         *testing.T
	bus       *bustest.Server
	stats     *bus.Stats
	reg       *prometheus.Registry
	collector *Collector
	log       *logged
}

// newRig has a collector whose normaliser has published a key.
func newRig(t *testing.T, cfg Config, opts ...bustest.Option) *rig {
	t.Helper()
	r := &rig{t: t, bus: bustest.New(t, opts...), log: &logged{}}
	keys, err := r.bus.Conn.PublicKeys(r.within())
	if err == nil {
		err = keys.PutRaw(r.within(), r.bus.Raw.PublicKey())
	}
	if err != nil {
		t.Fatal(err)
	}
	r.restart(cfg)
	return r
}

// restart makes a new collector, as another process would be.
func (r *rig) restart(cfg Config) {
	r.t.Helper()
	r.stats, r.reg = &bus.Stats{}, prometheus.NewRegistry()
	// Without the scrubber: nothing to scrub is to reach the log.
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.collector = New(cfg, Deps{Log: log, Registry: r.reg, Conn: r.bus.ConnectWith(Name, r.stats)})
}

// within is a context that outlasts what should happen soon.
func (r *rig) within() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), bustest.Patience)
	r.t.Cleanup(cancel)
	return ctx
}

func eventually(t *testing.T, what string, ok func() bool) {
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

// imports does one import that must go well.
func (r *rig) imports(call Call) Summary {
	r.t.Helper()
	sum, err := r.collector.Import(r.within(), call)
	if err != nil {
		r.t.Fatalf("import: %v", err)
	}
	return sum
}

// metric gives a counter, by the value of its label.
func (r *rig) metric(name, label string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (len(m.GetLabel()) == 0 || m.GetLabel()[0].GetValue() == label) {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// logged keeps what is logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// wantNoPath checks that neither the log nor a summary names a folder or file.
func (r *rig) wantNoPath(sum Summary, paths ...string) {
	r.t.Helper()
	text := r.log.String()
	for _, f := range sum.Files {
		if f.Err != nil {
			text += f.Err.Error()
		}
	}
	for _, path := range paths {
		for _, part := range strings.Split(filepath.ToSlash(path), "/") {
			if len(part) > 4 && strings.Contains(text, part) {
				r.t.Errorf("a part of a path is readable in the log or an error")
			}
		}
	}
}

// rawBatch is a batch of RAW, opened.
type rawBatch struct {
	subject  bus.Subject
	origin   *doxtrailv1.BatchOrigin
	records  [][]byte
	sequence uint64
}

// reader reads RAW as the normaliser would and keeps what it reads.
type reader struct {
	t       *testing.T
	mu      sync.Mutex
	batches []rawBatch
}

func (r *rig) read() *reader {
	r.t.Helper()
	k, err := r.bus.Conn.NewConsumer(r.within(), bus.ConsumerConfig{
		Durable: bus.NormaliserArchive, Keys: r.bus.Keys(), FailedKey: r.bus.Failed.PublicKey(), Drain: 5 * time.Second,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	out := &reader{t: r.t}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- bus.Consume(ctx, nil, k, out.keep) }()
	r.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("read RAW: %v", err)
		}
	})
	return out
}

func (o *reader) keep(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
	b := rawBatch{subject: d.Subject, origin: proto.CloneOf(d.Origin), sequence: d.Sequence}
	for _, record := range d.Records {
		b.records = append(b.records, bytes.Clone(record))
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.batches = append(o.batches, b)
	return nil, nil
}

// upTo waits until everything up to a sequence was read and gives it in order.
func (o *reader) upTo(sequence uint64) []rawBatch {
	o.t.Helper()
	var all []rawBatch
	eventually(o.t, "RAW is read", func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		all = slices.Clone(o.batches)
		return uint64(len(all)) >= sequence
	})
	slices.SortFunc(all, func(a, b rawBatch) int { return int(a.sequence) - int(b.sequence) })
	return all
}

// ledger lists the import records among what was read so far.
func (o *reader) ledger() []*doxtrailv1.Import {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []*doxtrailv1.Import
	for _, b := range o.batches {
		if b.subject.Kind == bus.KindImports {
			list = append(list, decoded[doxtrailv1.Import](o.t, b.records[0]))
		}
	}
	return list
}

func decoded[T any, M interface {
	*T
	proto.Message
}](t *testing.T, record []byte,
) *T {
	t.Helper()
	m := new(T)
	if err := proto.Unmarshal(record, M(m)); err != nil {
		t.Fatalf("decode record: %v", err)
	}
	return m
}

// write puts a file below a folder and gives its path.
func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
