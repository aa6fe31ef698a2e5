package bus_test

import (
	"context"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// hasty is a consumer that hardly waits for what is in hand when it stops.
func hasty(t *testing.T, s *bustest.Server) *bus.Consumer {
	t.Helper()
	k, err := s.Conn.NewConsumer(within(t), bus.ConsumerConfig{
		Durable: bus.RecorderLive, FailedKey: s.Failed.PublicKey(), Drain: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestAHandlerSlowerThanTheStopEndsInPeace settles a part of a delivery after its
// consumer gave up waiting for it: the next part finds nobody who hands out.
func TestAHandlerSlowerThanTheStopEndsInPeace(t *testing.T) {
	s := bustest.New(t)
	send(t, publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{}), message(t, recordsSubject(bus.LaneLive), "one", "two", "three"))
	k := hasty(t, s)
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

// TestWhatComesAgainWhileItWaitsInLineIsHandedOutOnce keeps messages in line until
// the server delivers them anew, and then takes them: each once.
func TestWhatComesAgainWhileItWaitsInLineIsHandedOutOnce(t *testing.T) {
	s := bustest.New(t, bustest.WithProvision(func(c *bus.ProvisionConfig) { c.AckWait = 100 * time.Millisecond }))
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	const messages = 20
	for i := range messages {
		send(t, p, message(t, recordsSubject(bus.LaneLive), noise(i, 100)))
	}
	k := hasty(t, s)
	k.Mute()
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- k.Run(ctx) }()
	eventually(t, "all came again", func() bool {
		lag, err := s.Conn.Lag(within(t))
		return err == nil && lag.Durables[2].Redelivered == messages
	})
	handed := map[uint64]bool{}
	for range messages {
		d := <-k.Deliveries()
		if handed[d.Sequence] {
			t.Errorf("%d was handed out twice", d.Sequence)
		}
		handed[d.Sequence] = true
	}
	stop()
	go func() {
		for d := range k.Deliveries() {
			t.Errorf("%d was handed out twice", d.Sequence)
			_ = d.Settle(context.Background())
		}
	}()
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
}
