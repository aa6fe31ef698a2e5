package bus_test

import (
	"context"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

func TestAUsedUpMessageIsSweptUp(t *testing.T) {
	for _, c := range []struct {
		name    string
		durable bus.Durable
		stage   bus.Stage
	}{
		{"on RAW", bus.NormaliserArchive, bus.StageRaw},
		{"on RECORDS", bus.RecorderArchive, bus.StageRecords},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := bustest.New(t)
			if err := s.Conn.SetMaxDeliver(within(t), c.durable, 1); err != nil {
				t.Fatal(err)
			}
			p := publisher(t, s.Conn, c.stage, bus.PublisherConfig{})
			if c.stage == bus.StageRaw {
				send(t, p, rawMessage(t, s, bus.LaneArchive, "forgotten"))
			} else {
				send(t, p, message(t, recordsSubject(bus.LaneArchive), "forgotten"))
			}
			var seen tally
			work := consume(t, consumer(t, s, s.Conn, c.durable), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
				seen.add("tries")
				d.Later(time.Millisecond)
				return nil, nil
			})
			eventually(t, "it was put off", func() bool { return s.Stats.Naked.Load() == 1 })
			if err := s.Conn.Await(within(t), c.durable, 1); err != nil { // nothing is pending any more
				t.Fatal(err)
			}
			work.stop(t)
			consume(t, consumer(t, s, s.Conn, c.durable), func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) {
				seen.add("again")
				return nil, nil
			})
			n := 0
			eventually(t, "the sweep finds it", func() bool {
				found, err := s.Conn.Sweep(within(t))
				if err != nil {
					t.Fatal(err)
				}
				n += found
				return n == 1
			})
			eventually(t, "it came again", func() bool { return seen.of("again") == 1 })
			if n, err := s.Conn.Sweep(within(t)); n != 0 || err != nil {
				t.Errorf("a second sweep found %d: %v", n, err)
			}
		})
	}
}
