package bus_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const telegram = doxtrailv1.Platform_PLATFORM_TELEGRAM

func recordsSubject(lane bus.Lane) bus.Subject {
	return bus.Subject{Stage: bus.StageRecords, Lane: lane, Kind: bus.KindPosts, Platform: telegram}
}

func rawSubject(lane bus.Lane) bus.Subject {
	return bus.Subject{Stage: bus.StageRaw, Lane: lane, Kind: bus.KindPosts, Platform: telegram}
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bustest.Patience)
	t.Cleanup(cancel)
	return ctx
}

func publisher(t testing.TB, c *bus.Conn, stage bus.Stage, cfg bus.PublisherConfig) *bus.Publisher {
	t.Helper()
	p, err := c.NewPublisher(stage, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = p.Close(ctx)
	})
	return p
}

// message makes a batch of RECORDS.
func message(t testing.TB, s bus.Subject, records ...string) bus.Message {
	t.Helper()
	b := bus.NewBuilder(bus.StageRecords)
	for _, r := range records {
		if err := b.AddEncoded([]byte(r)); err != nil {
			t.Fatal(err)
		}
	}
	m, err := b.Records(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// rawMessage makes a sealed batch of RAW.
func rawMessage(t testing.TB, s *bustest.Server, lane bus.Lane, texts ...string) bus.Message {
	t.Helper()
	b := bus.NewBuilder(bus.StageRaw)
	for i, text := range texts {
		post := doxtrailv1.RawPost_builder{PostId: proto.String(fmt.Sprint(i)), Text: proto.String(text)}.Build()
		if err := b.Add(post); err != nil {
			t.Fatal(err)
		}
	}
	m, err := b.Raw(rawSubject(lane), origin(), s.Raw.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func origin() *doxtrailv1.BatchOrigin {
	leg := doxtrailv1.Leg_LEG_ARCHIVE
	return doxtrailv1.BatchOrigin_builder{Leg: &leg, FirstRecord: proto.Uint64(7), Query: proto.String("cards of nobody")}.Build()
}

// send publishes and waits for all receipts.
func send(t testing.TB, p *bus.Publisher, ms ...bus.Message) (last uint64) {
	t.Helper()
	ctx := within(t)
	receipts := make([]*bus.Receipt, 0, len(ms))
	for _, m := range ms {
		r, err := p.Publish(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		receipts = append(receipts, r)
	}
	for _, r := range receipts {
		n, err := r.Wait(ctx)
		if err != nil {
			t.Fatal(err)
		}
		last = max(last, n)
	}
	return last
}

func consumer(t testing.TB, s *bustest.Server, c *bus.Conn, d bus.Durable) *bus.Consumer {
	t.Helper()
	k, err := c.NewConsumer(within(t), bus.ConsumerConfig{Durable: d, Keys: s.Keys(), FailedKey: s.Failed.PublicKey(), Drain: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// running is a consumer at work in the background.
type running struct {
	cancel context.CancelFunc
	done   chan error
}

func consume(t testing.TB, source bus.Source, handlers ...bus.Handler) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{cancel: cancel, done: make(chan error, 1)}
	go func() { r.done <- bus.Consume(ctx, slog.New(slog.DiscardHandler), source, handlers...) }()
	t.Cleanup(func() { r.stop(t) })
	return r
}

func (r *running) stop(t testing.TB) {
	t.Helper()
	r.cancel()
	if r.done == nil {
		return
	}
	if err := <-r.done; err != nil {
		t.Errorf("consume: %v", err)
	}
	r.done = nil
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx := within(t)
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

// tally counts by word, from any goroutine.
type tally struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *tally) add(word string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = make(map[string]int)
	}
	c.n[word]++
	return c.n[word]
}

func (c *tally) of(word string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[word]
}

func (c *tally) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.n)
}
