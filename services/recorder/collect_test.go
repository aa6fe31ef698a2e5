package recorder

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// delivery is one with a single post in it.
func delivery(t *testing.T) *bus.Delivery {
	t.Helper()
	record, err := proto.Marshal(doxtrailv1.Post_builder{
		PostKey: []byte("the key of posts"), ChannelKey: []byte("a channel's key."), Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(),
		PostedAt: proto.Int64(1_590_000_000_000), PostedPrecisionS: proto.Uint32(1), Generation: proto.Uint64(1),
	}.Build())
	if err != nil {
		t.Fatal(err)
	}
	return &bus.Delivery{
		Subject: bus.Subject{Stage: bus.StageRecords, Lane: bus.LaneLive, Kind: bus.KindPosts, Platform: doxtrailv1.Platform_PLATFORM_TELEGRAM},
		Records: [][]byte{record},
	}
}

// collecting is collect at work, on a clock of its own.
type collecting struct {
	in    chan *bus.Delivery
	empty chan *batch
	full  chan *batch
	ended chan struct{}
}

func collectWith(cfg Config) *collecting {
	c := &collecting{in: make(chan *bus.Delivery), empty: make(chan *batch, 2), full: make(chan *batch), ended: make(chan struct{})}
	c.empty <- newBatch()
	c.empty <- newBatch()
	r := track{Recorder: &Recorder{cfg: cfg, log: slog.New(slog.DiscardHandler)}, rows: cfg.BatchRows}
	go func() {
		defer close(c.ended)
		r.collect(c.in, c.empty, c.full)
	}()
	return c
}

// take gets a batch, says how many deliveries it holds, and gives it back.
func (c *collecting) take() int {
	b := <-c.full
	n := len(b.deliveries)
	b.reset()
	c.empty <- b
	return n
}

func TestABatchWaitsForTheOneBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := collectWith(Config{BatchRows: 2, BatchWait: time.Second})
		next := func(what string, after, want time.Duration) {
			t.Helper()
			time.Sleep(after) // of the test's own clock
			c.in <- delivery(t)
			started := time.Now()
			if n := c.take(); n != 1 {
				t.Errorf("%s: %d deliveries, want 1", what, n)
			}
			if waited := time.Since(started); waited != want {
				t.Errorf("%s: it waited %s, want %s", what, waited, want)
			}
		}
		next("the first", 0, lull)
		next("one at once", 0, time.Second)
		next("one soon", 900*time.Millisecond, 100*time.Millisecond)
		next("one after a pause", time.Minute, lull)
		c.in <- delivery(t)
		c.in <- delivery(t)
		started := time.Now()
		if n := c.take(); n != 2 || time.Since(started) != 0 {
			t.Errorf("%d deliveries in the full batch after %s, want 2 at once", n, time.Since(started))
		}
		next("one after a full batch", 0, time.Second)
		close(c.in)
		<-c.ended
	})
}

func TestAnEmptyBatchIsNeverHandedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := collectWith(Config{BatchRows: 1, BatchWait: time.Second})
		c.in <- delivery(t)
		c.take()
		time.Sleep(time.Minute)
		select {
		case b := <-c.full:
			t.Errorf("a batch of %d deliveries came", len(b.deliveries))
		default:
		}
		close(c.in)
		<-c.ended
	})
}

func TestABatchGrowsUntilItIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := collectWith(Config{BatchRows: 5, BatchWait: time.Second})
		for range 3 {
			c.in <- delivery(t)
			time.Sleep(time.Minute)
		}
		if n := c.take(); n != 3 {
			t.Errorf("%d deliveries, want 3", n)
		}
		for range 5 {
			c.in <- delivery(t)
		}
		select {
		case c.in <- delivery(t):
			t.Error("a full batch took one more")
		case <-time.After(time.Minute):
		}
		if n := c.take(); n != 5 {
			t.Errorf("%d deliveries, want 5", n)
		}
		c.in <- delivery(t)
		close(c.in) // what is left is handed over
		if n := c.take(); n != 1 {
			t.Errorf("%d deliveries at the end, want 1", n)
		}
		<-c.ended
	})
}
