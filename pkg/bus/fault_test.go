package bus_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// TestAFullStreamStopsThePublisherAndLosesNothing fills RAW, sees that the
// publisher waits, and drains it.
func TestAFullStreamStopsThePublisherAndLosesNothing(t *testing.T) {
	s := bustest.New(t, bustest.WithProvision(func(c *bus.ProvisionConfig) { c.RecordsBytes = 64 << 20; c.RawBytes = 2 << 20 }))
	stats := &bus.Stats{}
	p := publisher(t, s.ConnectWith("collector", stats), bus.StageRaw, bus.PublisherConfig{WindowBytes: 1 << 20})
	const messages = 100
	ctx := within(t)
	done := make(chan error, 1)
	go func() {
		for i := range messages {
			// Noise, so that each takes its 50 KB in the store.
			m := rawMessage(t, s, bus.LaneArchive, fmt.Sprint("post ", i), noise(i, 50_000))
			if _, err := p.Publish(ctx, m); err != nil {
				done <- err
				return
			}
		}
		done <- p.Flush(ctx)
	}()
	eventually(t, "RAW is full", func() bool { return stats.Full.Load() == 1 })
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := p.Flush(short); err == nil {
		t.Error("the publisher did not wait")
	}

	var seen tally
	consume(t, consumer(t, s, s.Conn, bus.NormaliserArchive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		seen.add(string(d.Records[0]))
		return nil, nil
	})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	eventually(t, "all messages came out", func() bool { return seen.len() == messages })
	if stats.Full.Load() != 0 || stats.Rejected.Of("10077") == 0 || stats.Published.Total() != messages {
		t.Errorf("full %d, rejected %v, published %d", stats.Full.Load(), stats.Rejected.All(), stats.Published.Total())
	}
}

func noise(seed, n int) string {
	var b strings.Builder
	x := uint64(seed)*2654435761 + 1
	for b.Len() < n {
		x = x*6364136223846793005 + 1442695040888963407
		b.WriteByte('0' + byte(x>>33)%75)
	}
	return b.String()
}

// TestAServerRestartUnderLoadDeliversEverything restarts the server between a
// publisher and a consumer at work.
func TestAServerRestartUnderLoadDeliversEverything(t *testing.T) {
	s := bustest.New(t, bustest.WithProvision(func(c *bus.ProvisionConfig) { c.AckWait = time.Second }))
	p := publisher(t, s.Connect("normaliser"), bus.StageRecords, bus.PublisherConfig{})
	var seen tally
	consume(t, consumer(t, s, s.Conn, bus.RecorderArchive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		for _, r := range d.Records {
			seen.add(string(r))
		}
		return nil, nil
	})
	const messages = 3000
	ctx := within(t)
	done := make(chan error, 1)
	go func() {
		for i := range messages {
			if _, err := p.Publish(ctx, message(t, recordsSubject(bus.LaneArchive), fmt.Sprint(i))); err != nil {
				done <- err
				return
			}
		}
		done <- p.Flush(ctx)
	}()
	for _, n := range []int{300, 1200} {
		eventually(t, "some messages came out", func() bool { return seen.len() >= n })
		s.Restart()
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	eventually(t, "all messages came out", func() bool { return seen.len() == messages })
}

// life is one process that takes deliveries by hand until it dies.
func life(t *testing.T, s *bustest.Server, d bus.Durable, die func(*bus.Delivery) bool) (died bool) {
	t.Helper()
	c := s.Connect("recorder")
	k, err := c.NewConsumer(within(t), bus.ConsumerConfig{Durable: d, Keys: s.Keys(), FailedKey: s.Failed.PublicKey(), Drain: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { _ = k.Run(ctx); close(ended) }()
	defer func() { cancel(); <-ended }()
	idle := time.NewTicker(10 * time.Millisecond)
	defer idle.Stop()
	for {
		select {
		case d := <-k.Deliveries():
			if die(d) {
				c.Break()
				cancel()
				d.Later(0)
				_ = d.Settle(context.Background()) // reaches nobody
				return true
			}
			if err := d.Settle(within(t)); err != nil {
				t.Fatal(err)
			}
		case <-idle.C:
			short, cancel := context.WithTimeout(within(t), 5*time.Millisecond)
			err := s.Conn.Await(short, d, 1)
			cancel()
			if err == nil {
				return false
			}
		}
	}
}

func TestARecordThatKillsItsProcessEndsOnFailedAndTheOthersAreDone(t *testing.T) {
	s := bustest.New(t, bustest.WithProvision(func(c *bus.ProvisionConfig) { c.AckWait = 200 * time.Millisecond }))
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	var records []string
	for i := range 300 {
		records = append(records, fmt.Sprint("record ", i))
	}
	records[123] = "killer"
	send(t, p, message(t, recordsSubject(bus.LaneArchive), records...))
	var done tally
	lives := 0
	for life(t, s, bus.RecorderArchive, func(d *bus.Delivery) bool {
		for _, r := range d.Records {
			if string(r) == "killer" {
				return true
			}
		}
		for _, r := range d.Records {
			done.add(string(r))
		}
		return false
	}) {
		if lives++; lives > 15 {
			t.Fatal("the record keeps killing")
		}
	}
	if lives < 3 || done.len() != 299 {
		t.Errorf("%d lives were lost and %d records done, want 299", lives, done.len())
	}
	f, err := s.Conn.FailedRecord(within(t), 1)
	if err != nil || f.Class != bus.ClassPoison {
		t.Fatalf("entry is %+v: %v", f, err)
	}
	if r, _, err := f.Open(s.Failed); err != nil || string(r) != "killer" {
		t.Errorf("the failed record is another one: %v", err)
	}
}

func TestADeliveryInHandOutlastsTheServersPatience(t *testing.T) {
	s := bustest.New(t, bustest.WithProvision(func(c *bus.ProvisionConfig) { c.AckWait = 150 * time.Millisecond }))
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	seq := send(t, p, message(t, recordsSubject(bus.LaneLive), "slow"))
	release := make(chan struct{})
	taken := make(chan struct{}, 10)
	consume(t, consumer(t, s, s.Conn, bus.RecorderLive), func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) {
		taken <- struct{}{}
		<-release
		return nil, nil
	})
	<-taken
	timer := time.NewTimer(time.Second) // several times the server's patience
	defer timer.Stop()
	select {
	case <-taken:
		t.Error("the message was handed out again while it was in hand")
	case <-timer.C:
	}
	close(release)
	if err := s.Conn.Await(within(t), bus.RecorderLive, seq); err != nil {
		t.Fatal(err)
	}
	if n := s.Stats.Redelivered.Load(); n != 0 {
		t.Errorf("%d redeliveries", n)
	}
}

// TestNoPlainTextOfRawOrFailedIsOnTheDisk looks into every file of the store.
// That the search finds things is shown by a record that is not sealed.
func TestNoPlainTextOfRawOrFailedIsOnTheDisk(t *testing.T) {
	s := bustest.New(t)
	raw := publisher(t, s.Conn, bus.StageRaw, bus.PublisherConfig{})
	records := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	send(t, records, message(t, recordsSubject(bus.LaneLive), "planted-in-the-clear"))
	send(t, raw, rawMessage(t, s, bus.LaneArchive, "canary-陳大文-short"), rawMessage(t, s, bus.LaneLive, strings.Repeat("canary-陳大文-long ", 500)))
	consume(t, consumer(t, s, s.Conn, bus.NormaliserArchive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		return nil, d.Fail(0, "decode")
	})
	eventually(t, "the record failed", func() bool { return s.Stats.FailedRecords.Total() == 1 })
	s.Stop()
	if hits := search(t, s.Dir, "canary-陳大文"); len(hits) > 0 {
		t.Errorf("plain text in %v", hits)
	}
	if hits := search(t, s.Dir, "cards of nobody"); len(hits) > 0 {
		t.Errorf("the origin's query in %v", hits)
	}
	if hits := search(t, s.Dir, "planted-in-the-clear"); len(hits) == 0 {
		t.Error("the search does not find what is there")
	}
	s.Start()
}

func search(t *testing.T, dir, text string) (hits []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			hits = append(hits, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hits
}
