package bus_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// TestWhoIsKilledFromOutsideBlamesNoneOfManySmallBatches kills a reader again and
// again while it has many batches of one record in hand and none of them done.
func TestWhoIsKilledFromOutsideBlamesNoneOfManySmallBatches(t *testing.T) {
	s := bustest.New(t, bustest.WithProvision(func(c *bus.ProvisionConfig) { c.AckWait = 200 * time.Millisecond }))
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	const messages, kills, inHand = 60, 5, 15
	for i := range messages {
		send(t, p, message(t, recordsSubject(bus.LaneLive), fmt.Sprint("record ", i)))
	}
	for range kills {
		killedWith(t, s, bus.RecorderLive, inHand)
	}
	seen := &tally{}
	consume(t, consumer(t, s, s.Conn, bus.RecorderLive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		for _, r := range d.Records {
			seen.add(string(r))
		}
		return nil, nil
	})
	if err := s.Conn.Await(within(t), bus.RecorderLive, messages); err != nil {
		t.Fatal(err)
	}
	if n := seen.len(); n != messages {
		t.Errorf("%d of %d records came", n, messages)
	}
	lag, err := s.Conn.Lag(within(t))
	if err != nil || lag.Failed > 0 {
		t.Errorf("%d records are blamed: %v", lag.Failed, err)
	}
}

// killedWith is one process that takes so many deliveries and dies over them.
func killedWith(t *testing.T, s *bustest.Server, d bus.Durable, deliveries int) {
	t.Helper()
	c := s.Connect("recorder")
	k, err := c.NewConsumer(within(t), bus.ConsumerConfig{Durable: d, Keys: s.Keys(), FailedKey: s.Failed.PublicKey(), Drain: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { _ = k.Run(ctx); close(ended) }()
	var taken []*bus.Delivery
	timeout := within(t)
	for range deliveries {
		select {
		case d := <-k.Deliveries():
			taken = append(taken, d)
		case <-timeout.Done():
			t.Fatalf("%d of %d deliveries came", len(taken), deliveries)
		}
	}
	c.Break()
	cancel()
	for _, d := range taken {
		d.Later(0)
		_ = d.Settle(context.Background()) // reaches nobody
	}
	<-ended
}
