package bus_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// TestAnIndexFromBeforeAKillIsNoDamage restarts a server as kill -9 leaves it:
// beside an index that names blocks whose messages have all been acked and taken
// off since. The server calls them lost, and nobody else may.
func TestAnIndexFromBeforeAKillIsNoDamage(t *testing.T) {
	s := bustest.New(t, bustest.WithProvision(smallBlocks))
	p := publisher(t, s.Conn, bus.StageRaw, bus.PublisherConfig{})
	publish := func() {
		for i := range 40 {
			send(t, p, rawMessage(t, s, bus.LaneArchive, noise(i, 1000)))
		}
	}
	publish()
	s.Stop()
	path := filepath.Join(s.Dir, "jetstream", "$G", "streams", bus.StreamRaw, "msgs", "index.db")
	index, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	reconnected(t, s)

	// A reader that is killed: its last words are from before what it was given.
	reader := s.Connect("reader")
	l, err := reader.NewLanes(within(t), bus.StreamRaw, bus.ConsumerConfig{Keys: s.Keys(), FailedKey: s.Failed.PublicKey(), Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	publish()
	audit(t, s.Conn)
	ctx, cancel := context.WithCancel(t.Context())
	var handled sequenceSet
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = bus.Consume(ctx, slog.New(slog.DiscardHandler), l, handled.handle) // it is cut off
	}()
	eventually(t, "all were handled and are gone", func() bool {
		lag, err := s.Conn.Lag(within(t))
		return err == nil && handled.len() == 80 && lag.Streams[0].Messages == 0
	})
	reader.Break()
	cancel()
	<-ended

	s.Stop()
	if err := os.WriteFile(path, index, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Start()
	reconnected(t, s)
	start(t, s.Conn)
	if gaps, err := s.Conn.OpenGaps(within(t)); err != nil || len(gaps) != 0 {
		t.Errorf("nothing was lost, but named are %+v: %v", gaps, err)
	}
}
