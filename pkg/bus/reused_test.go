package bus_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// TestANewMessageWithTheNumberOfOneInHandIsHandedOut keeps messages in hand while
// the server loses the end of their stream and gives their numbers to others.
func TestANewMessageWithTheNumberOfOneInHandIsHandedOut(t *testing.T) {
	s := bustest.New(t, bustest.WithProvision(smallBlocks))
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	const messages, more = 70, 30
	for i := range messages {
		send(t, p, message(t, recordsSubject(bus.LaneArchive), noise(i, 1000)))
	}
	k := consumer(t, s, s.Conn, bus.RecorderArchive)
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- k.Run(ctx) }()
	var old []*bus.Delivery
	for range messages {
		old = append(old, <-k.Deliveries())
	}
	s.Stop()
	damage{block: -1, hurt: func(b []byte) []byte { return b[:len(b)/4] }, index: true}.inflict(t, s, bus.StreamRecords)
	s.Start()
	reconnected(t, s)
	var last uint64
	for i := range more {
		last = send(t, p, message(t, recordsSubject(bus.LaneArchive), fmt.Sprint("new", i)))
	}
	fresh := map[string]*bus.Delivery{}
	timeout := within(t)
	for len(fresh) < more {
		select {
		case d := <-k.Deliveries():
			if text := string(d.Records[0]); strings.HasPrefix(text, "new") {
				fresh[text] = d
			}
		case <-timeout.Done():
			t.Fatalf("%d of %d new messages came", len(fresh), more)
		}
	}
	for _, d := range old {
		_ = d.Settle(within(t))
	}
	for _, d := range fresh {
		if err := d.Settle(within(t)); err != nil {
			t.Error(err)
		}
	}
	if err := s.Conn.Await(within(t), bus.RecorderArchive, last); err != nil {
		t.Error(err)
	}
	stop()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
