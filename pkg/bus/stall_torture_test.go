//go:build torture

package bus_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// stallLimit is the longest that acks may stay away while there is work. On one
// connection for both directions the reading stood still for as long as the
// library's heartbeats allow.
const stallLimit = 2 * time.Second

// TestTortureStall reads MESSAGES messages (200,000 unless it is set) and
// publishes one for each, as the normaliser does, ROUNDS times over (20), and
// wants acks all the time.
func TestTortureStall(t *testing.T) {
	messages := setting("MESSAGES", 200_000)
	for round := range setting("ROUNDS", 20) {
		t.Run(strconv.Itoa(round+1), func(t *testing.T) {
			gap, took := stallRound(t, messages)
			fmt.Printf("round %2d: %d messages in %.1f s, longest gap between acks %d ms\n", round+1, messages, took.Seconds(), gap.Milliseconds())
			if gap > stallLimit {
				t.Errorf("no ack for %s", gap)
			}
		})
	}
}

func setting(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// stallRound works through one full stream and gives the longest gap.
func stallRound(t *testing.T, messages int) (gap, took time.Duration) {
	t.Helper()
	s := bustest.New(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	fill(ctx, t, s, messages)
	stats := &bus.Stats{}
	conn := s.ConnectWith("normaliser", stats)
	out := publisher(t, conn, bus.StageRecords, bus.PublisherConfig{})
	handle := func(ctx context.Context, _ *bus.Delivery) ([]*bus.Receipt, error) {
		r, err := out.Publish(ctx, message(t, recordsSubject(bus.LaneArchive), "a record of some hundred bytes"))
		return []*bus.Receipt{r}, err
	}
	run := consume(t, consumer(t, s, conn, bus.NormaliserArchive), handle, handle)
	defer run.stop(t)
	started := time.Now()
	last, seen := started, uint64(0)
	for seen < uint64(messages) && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond) // the gap is the measure
		if n := stats.Acked.Load(); n > seen {
			seen, last = n, time.Now()
		}
		gap = max(gap, time.Since(last))
	}
	if seen < uint64(messages) {
		t.Fatalf("%d of %d messages were acknowledged", seen, messages)
	}
	return gap, time.Since(started)
}

// fill puts small batches on RAW.
func fill(ctx context.Context, t *testing.T, s *bustest.Server, messages int) {
	t.Helper()
	p := publisher(t, s.Conn, bus.StageRaw, bus.PublisherConfig{})
	for range messages {
		if _, err := p.Publish(ctx, rawMessage(t, s, bus.LaneArchive, "a post")); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}
