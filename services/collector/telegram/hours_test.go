package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gotd/td/telegram"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/throttle"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// hours is an account and its Telegram in a bubble of testing/synctest, with the
// rates and waits of a real one: hours pass in a moment. What the collector keeps
// and sends stays in memory, because NATS needs a network. The rest is real.
type hours struct {
	t    *testing.T
	fake *fake.Server
	cfg  Config
	log  *logged
	raw  *raw
	kept *memory

	list      atomic.Pointer[watchlist.Effective]
	changed   chan struct{}
	collector *Collector
	stop      func()
}

// inHours runs a test in a bubble.
func inHours(t *testing.T, options fake.Options, test func(t *testing.T, h *hours)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		options.Pipes = true
		server, err := fake.Start(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		h := &hours{
			t: t, fake: server, cfg: Defaults(), log: &logged{}, raw: newRaw(), kept: &memory{values: map[string][]byte{}},
			changed: make(chan struct{}, 1),
		}
		h.list.Store(&watchlist.Effective{})
		h.cfg.APIID = 1
		h.start()
		defer func() { h.stop() }()
		test(t, h)
	})
}

// start starts a collector, as another process would be.
func (h *hours) start() {
	h.t.Helper()
	log := slog.New(slog.NewTextHandler(h.log, nil))
	h.collector = New(h.cfg, Deps{Log: log, Registry: prometheus.NewRegistry()})
	c := h.collector
	turns, err := throttle.Open(h.t.Context(), throttle.Config{Bucket: h.kept, Key: budgetKey(h.cfg), Rules: h.cfg.rules(), Default: otherRule(), Log: c.log})
	if err != nil {
		h.t.Fatal(err)
	}
	storage, err := h.fake.Session(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	a := &account{
		cfg: h.cfg, log: c.log, metrics: c.metrics, shelf: h.kept.cursors(), outbox: h.raw, proposals: &proposals{},
		lists: h.lists, followed: map[int64]*channel{}, watched: map[string]follower{}, claimed: map[int64]chan struct{}{},
		connected: func() { c.turn(StateCollecting, "") },
	}
	c.use(turns, a)
	ctx, cancel := context.WithCancel(h.t.Context())
	done := make(chan error, 1)
	go func() {
		done <- a.run(ctx, func(edit func(*telegram.Options)) (*telegram.Client, error) {
			options := h.fake.Options()
			options.SessionStorage, options.Middlewares = storage, []telegram.Middleware{newGate(turns, c.metrics)}
			edit(&options)
			return telegram.NewClient(1, "hash", options), nil
		})
	}()
	h.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil && ctx.Err() == nil {
			h.t.Errorf("run: %v", err)
		}
	})
}

// lists implements account.lists.
func (h *hours) lists(ctx context.Context, each func(*watchlist.Effective)) error {
	for {
		each(h.list.Load())
		select {
		case <-h.changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// channel makes a channel with posts and puts it on the watch list.
func (h *hours) channel(label string, posts int) *fake.Channel {
	c := h.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "watch_" + label, Title: label, Created: time.Now()})
	for i := range posts {
		c.Say(fmt.Sprint("post ", i))
	}
	h.listed(label, "watch_"+label)
	return c
}

// listed puts a channel on the watch list.
func (h *hours) listed(label, name string) {
	h.list.Store(&watchlist.Effective{Channels: append(slices.Clip(h.list.Load().Channels), watchlist.EffectiveChannel{Channel: byName(label, name), Listed: true})})
}

// watch puts the watch list into force.
func (h *hours) watch() { h.changed <- struct{}{} }

// pass lets time pass until it is ok, and says how long that took. It looks every
// tenth of a second.
func (h *hours) pass(limit time.Duration, what string, ok func() bool) time.Duration {
	h.t.Helper()
	began := time.Now()
	for !ok() {
		if time.Since(began) > limit {
			h.t.Fatalf("waited %s in vain until %s\n%s\n%s", limit, what, h.raw, h.log)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return time.Since(began)
}

// calls counts calls by method, from the n-th on.
func (h *hours) calls(from int) map[string]int {
	counts := map[string]int{}
	for _, call := range h.fake.Calls()[from:] {
		counts[call.Method]++
	}
	return counts
}

// report is what status shows of a channel.
func (h *hours) report(label string) ChannelReport {
	for _, r := range h.collector.now(time.Now()).Channels {
		if r.Label == label {
			return r
		}
	}
	return ChannelReport{}
}

// lines counts lines of the log.
func (h *hours) lines() int { return strings.Count(h.log.String(), "\n") }

// memory is a bucket, and a shelf of cursors, in memory.
type memory struct {
	mu        sync.Mutex
	values    map[string][]byte
	revisions uint64
	saves     map[string]int
}

func (m *memory) Load(_ context.Context, key string) ([]byte, uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.values[key]; ok {
		return v, m.revisions, nil
	}
	return nil, 0, bus.ErrAbsent
}

func (m *memory) Store(_ context.Context, key string, value []byte, _ uint64) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key] = value
	m.revisions++
	return m.revisions, nil
}

func (m *memory) cursors() *memoryShelf { return &memoryShelf{m} }

type memoryShelf struct{ *memory }

func (m *memoryShelf) Load(ctx context.Context, name string, into any) (bool, error) {
	value, _, err := m.memory.Load(ctx, name)
	if err != nil {
		return false, nil //nolint:nilerr // there is none
	}
	return true, json.Unmarshal(value, into)
}

func (m *memoryShelf) Save(ctx context.Context, name string, value any) error {
	plain, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = m.Store(ctx, name, plain, 0)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.saves == nil {
		m.saves = map[string]int{}
	}
	m.saves[name]++
	return err
}

func messages[M proto.Message](records []M) (list []proto.Message) {
	for _, r := range records {
		list = append(list, r)
	}
	return list
}

// Send implements sink.
func (o *raw) Send(ctx context.Context, h haul.Haul) error {
	for kind, records := range map[bus.Kind][]proto.Message{
		bus.KindChannels: messages(h.Channels), bus.KindPosts: messages(h.Posts),
		bus.KindObservations: messages(h.Observations), bus.KindCoverage: messages(h.Coverage),
	} {
		d := &bus.Delivery{Subject: bus.Subject{Kind: kind, Platform: doxtrailv1.Platform_PLATFORM_TELEGRAM}}
		for _, r := range records {
			encoded, err := proto.Marshal(r)
			if err != nil {
				return err
			}
			d.Records = append(d.Records, encoded)
		}
		if _, err := o.keep(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// saved is how often a cursor was saved.
func (m *memory) saved(name string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.saves[name]
}
