package bustest

import (
	"context"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

// ReadRaw reads RAW as the normaliser does, and gives each delivery to keep, until the
// test ends. Drain is how long it may take then.
func (s *Server) ReadRaw(t testing.TB, drain time.Duration, keep func(context.Context, *bus.Delivery) ([]*bus.Receipt, error)) {
	t.Helper()
	bounded, cancelled := context.WithTimeout(t.Context(), time.Minute)
	defer cancelled()
	lanes, err := s.Connect("normaliser").NewLanes(bounded, bus.StreamRaw, bus.ConsumerConfig{
		Keys: s.Keys(), FailedKey: s.Failed.PublicKey(), Drain: drain,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- bus.Consume(ctx, nil, lanes, keep) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("read RAW: %v", err)
		}
	})
}
