package bus_test

import (
	"context"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// TestAHandlerSlowerThanTheStopEndsInPeace settles a part of a delivery after its
// consumer gave up waiting for it: the next part finds nobody who hands out.
func TestAHandlerSlowerThanTheStopEndsInPeace(t *testing.T) {
	s := bustest.New(t)
	send(t, publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{}), message(t, recordsSubject(bus.LaneLive), "one", "two", "three"))
	k, err := s.Conn.NewConsumer(within(t), bus.ConsumerConfig{
		Durable: bus.RecorderLive, FailedKey: s.Failed.PublicKey(), Drain: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- k.Run(ctx) }()
	whole := <-k.Deliveries()
	if err := whole.Split("odd"); err != nil {
		t.Fatal(err)
	}
	if err := whole.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	part := <-k.Deliveries()
	stop()
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	naked := s.Stats.Naked.Load()
	if err := part.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what is left of the delivery is put off", func() bool { return s.Stats.Naked.Load() == naked+1 })
}
