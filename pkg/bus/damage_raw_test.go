package bus_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// TestDamageOfRawIsNamed damages RAW behind a reader's back: every message was
// either handled or is named, and none is both.
func TestDamageOfRawIsNamed(t *testing.T) {
	for _, d := range damages() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := bustest.New(t, bustest.WithProvision(smallBlocks))
			p := publisher(t, s.Conn, bus.StageRaw, bus.PublisherConfig{})
			const early, late = 15, 75
			var handled sequenceSet
			read := func() *running { return consume(t, lanes(t, s, bus.StreamRaw), handled.handle) }
			publish := func(n int) {
				var all []bus.Message
				for i := range n {
					lane := bus.LaneArchive
					if i%3 == 0 {
						lane = bus.LaneLive
					}
					all = append(all, rawMessage(t, s, lane, noise(i, 1000)))
				}
				send(t, p, all...)
			}
			audit(t, s.Conn)
			publish(early)
			first := read()
			eventually(t, "the early ones are handled", func() bool { return handled.len() == early })
			first.stop(t)
			publish(late - early)
			audit(t, s.Conn)
			s.Stop()
			d.inflict(t, s, bus.StreamRaw)
			s.Start()
			reconnected(t, s)
			start(t, s.Conn)
			audit(t, s.Conn)

			l := lanes(t, s, bus.StreamRaw)
			consume(t, l, handled.handle)
			var gaps []bus.Gap
			eventually(t, "every message was handled or is named", func() bool {
				l.JudgeGaps(within(t))
				_, err := s.Conn.AuditRaw(within(t))
				if err != nil {
					t.Fatal(err)
				}
				gaps, err = s.Conn.OpenGaps(within(t))
				return err == nil && handled.len()+len(sequencesOf(gaps)) >= late
			})
			for _, n := range sequencesOf(gaps) {
				if handled.has(n) || n > late {
					t.Errorf("%d was handled, but is named as lost", n)
				}
			}
			if len(gaps) == 0 || handled.len()+len(sequencesOf(gaps)) != late {
				t.Errorf("%d handled, named are %+v", handled.len(), gaps)
			}
			// And it goes on, with nothing left behind.
			send(t, p, rawMessage(t, s, bus.LaneArchive, "one more"))
			eventually(t, "RAW is empty and nothing is pending", func() bool {
				if _, err := s.Conn.AuditRaw(within(t)); err != nil {
					t.Fatal(err)
				}
				lag, err := s.Conn.Lag(within(t))
				pending := uint64(0)
				for _, d := range lag.Durables {
					pending += d.Pending + uint64(d.AckPending)
				}
				return err == nil && lag.Streams[0].Messages == 0 && pending == 0
			})
		})
	}
}

// sequenceSet notes what was handled.
type sequenceSet struct {
	mu  sync.Mutex
	set map[uint64]bool
}

func (s *sequenceSet) handle(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set == nil {
		s.set = make(map[uint64]bool)
	}
	s.set[d.Sequence] = true
	return nil, nil
}

func (s *sequenceSet) has(n uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.set[n]
}

func (s *sequenceSet) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.set)
}

// TestAReaderGoesOnAfterTheEndOfItsStreamWasLost cuts off messages that were
// read already: the stream gives their numbers to new messages.
func TestAReaderGoesOnAfterTheEndOfItsStreamWasLost(t *testing.T) {
	for _, stage := range []bus.Stage{bus.StageRaw, bus.StageRecords} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			s := bustest.New(t, bustest.WithProvision(smallBlocks))
			p := publisher(t, s.Conn, stage, bus.PublisherConfig{})
			stream, durable := bus.StreamRaw, bus.NormaliserArchive
			make := func(text string) bus.Message { return rawMessage(t, s, bus.LaneArchive, text) }
			if stage == bus.StageRecords {
				stream, durable = bus.StreamRecords, bus.RecorderArchive
				make = func(text string) bus.Message { return message(t, recordsSubject(bus.LaneArchive), text) }
			}
			var all []bus.Message
			for i := range 70 {
				all = append(all, make(noise(i, 1000)))
			}
			send(t, p, all...)
			var seen tally
			work := consume(t, consumer(t, s, s.Conn, durable), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
				seen.add(fmt.Sprint(d.Sequence))
				return nil, nil
			})
			if err := s.Conn.Await(within(t), durable, 60); err != nil {
				t.Fatal(err)
			}
			work.stop(t)
			s.Stop()
			damage{block: -1, hurt: func(b []byte) []byte { return b[:len(b)/4] }, index: true}.inflict(t, s, stream)
			s.Start()
			reconnected(t, s)
			var fresh tally
			consume(t, consumer(t, s, s.Conn, durable), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
				fresh.add(string(d.Records[0]))
				return nil, nil
			})
			before := fresh.len()
			for i := range 30 {
				send(t, p, make(fmt.Sprint("new", i)))
			}
			eventually(t, "the new ones come", func() bool { return fresh.len() >= before+30 })
		})
	}
}
