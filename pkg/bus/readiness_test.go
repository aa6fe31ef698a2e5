package bus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

func TestReadyNeedsAServerThatStores(t *testing.T) {
	s := bustest.New(t, bustest.WithProvision(func(c *bus.ProvisionConfig) { c.BucketBytes = 64 << 10 }))
	if err := s.Conn.Ready(bus.RecorderLive, bus.RecorderArchive).Check(); err != nil {
		t.Errorf("an idle service is not ready: %v", err)
	}
	// A bucket without room stands for a disk without.
	ctx := within(t)
	kv, err := s.Conn.JetStream().KeyValue(ctx, bus.BucketCursors)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{8 << 10, 0} {
		for n := 0; ; n++ {
			if _, err := kv.Put(ctx, fmt.Sprintf("f%x.%x", size%7, n), make([]byte, size)); err != nil {
				break
			}
		}
	}
	if err := s.Connect("another").Ready().Check(); err == nil || err.Error() != "a message cannot be stored (code 10077)" {
		t.Errorf("a server that stores nothing: %v", err)
	}
	s.Stop()
	ready := s.Conn.Ready()
	eventually(t, "the connection is gone", func() bool { return !s.Conn.Connected() })
	if err := ready.Check(); err == nil {
		t.Error("ready without a server")
	}
}

// room lets nobody pass until it is opened.
type room chan struct{}

func (r room) Wait(ctx context.Context) error {
	select {
	case <-r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestNothingGoesOnRawWithoutRoom(t *testing.T) {
	s := bustest.New(t)
	gate := make(room)
	stats := &bus.Stats{}
	c, err := bus.Connect(within(t), bus.Config{InProcess: s, Name: "collector", Token: s.Token(), Stats: stats, Room: gate})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(within(t)) })
	send(t, publisher(t, c, bus.StageRecords, bus.PublisherConfig{}), message(t, recordsSubject(bus.LaneLive), "this does not wait"))
	sent := make(chan struct{})
	p := publisher(t, c, bus.StageRaw, bus.PublisherConfig{})
	m := rawMessage(t, s, bus.LaneLive, "this does")
	go func() {
		defer close(sent)
		send(t, p, m)
	}()
	eventually(t, "it waits", func() bool { return stats.HeldForRoom.Load() == 1 })
	if lag, err := s.Conn.Lag(within(t)); err != nil || lag.Streams[0].Messages != 0 {
		t.Errorf("RAW holds %d: %v", lag.Streams[0].Messages, err)
	}
	close(gate)
	<-sent
	if stats.HeldForRoom.Load() != 0 {
		t.Error("it still counts as waiting")
	}
}

// TestWorkInHandThatIsNotDoneIsNotReady holds all there is, as a recorder does
// while ClickHouse is away: for the server nothing is pending then.
func TestWorkInHandThatIsNotDoneIsNotReady(t *testing.T) {
	s := bustest.New(t)
	send(t, publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{}), message(t, recordsSubject(bus.LaneLive), "held"))
	taken, release := make(chan struct{}), make(chan struct{})
	consume(t, consumer(t, s, s.Conn, bus.RecorderLive), func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) {
		close(taken)
		<-release
		return nil, nil
	})
	<-taken
	ready := s.Conn.Ready(bus.RecorderLive, bus.RecorderArchive)
	if err := ready.Check(); err != nil {
		t.Errorf("at once: %v", err)
	}
	ready.Later(time.Minute)
	if err := ready.Check(); err == nil {
		t.Error("after a minute with a delivery in hand it is ready")
	}
	close(release)
	eventually(t, "it is ready again", func() bool {
		ready.Later(time.Minute)
		return ready.Check() == nil
	})
}

func TestAFullBucketSaysHowFullItIsAndWhatToDo(t *testing.T) {
	const most = 64 << 10
	s := bustest.New(t, bustest.WithProvision(func(c *bus.ProvisionConfig) { c.BucketBytes = most }))
	b, err := s.Conn.Bucket(within(t), bus.BucketCursors)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; err == nil; n++ {
		_, err = b.Store(within(t), fmt.Sprint("channel.", n), make([]byte, 8<<10), 0)
	}
	var full *bus.FullError
	if !errors.As(err, &full) || full.Bucket != bus.BucketCursors || full.MaxBytes != most || full.Bytes < most/2 || full.Bytes > most {
		t.Fatalf("error is %v", err)
	}
	if text := err.Error(); !strings.HasPrefix(text, "the CURSORS bucket is full: ") || !strings.Contains(text, "provisioner.bucket_max_bytes") {
		t.Errorf("it says %q", text)
	}
	if lag, err := s.Conn.Lag(within(t)); err != nil || lag.Cursors.MaxBytes != most || int64(lag.Cursors.Bytes) != full.Bytes {
		t.Errorf("the state is %+v: %v", lag.Cursors, err)
	}
}
