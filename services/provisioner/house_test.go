package provisioner

import (
	"context"
	"crypto/rand"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// fill puts messages of a hundred kilobytes on RECORDS.
func (s *study) fill(n int) {
	s.t.Helper()
	publisher, err := s.server.Conn.NewPublisher(bus.StageRecords, bus.PublisherConfig{})
	if err != nil {
		s.t.Fatal(err)
	}
	builder := bus.NewBuilder(bus.StageRecords)
	record := make([]byte, 100<<10)
	for range n {
		_, _ = rand.Read(record) // so that it does not compress
		if err := builder.AddEncoded(record); err != nil {
			s.t.Fatal(err)
		}
		m, err := builder.Records(bus.Subject{
			Stage: bus.StageRecords, Lane: bus.LaneArchive, Kind: bus.KindPosts, Platform: doxtrailv1.Platform_PLATFORM_TELEGRAM,
		})
		if err != nil {
			s.t.Fatal(err)
		}
		if _, err := publisher.Publish(within(s.t), m); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := publisher.Close(within(s.t)); err != nil {
		s.t.Fatal(err)
	}
}

// record reads RECORDS to its end as the recorder does.
func (s *study) record() {
	s.t.Helper()
	lanes, err := s.server.Connect("recorder").NewLanes(within(s.t), bus.StreamRecords, bus.ConsumerConfig{FailedKey: s.server.Failed.PublicKey()})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- bus.Consume(ctx, nil, lanes, func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) { return nil, nil })
	}()
	last := s.stream(bus.StreamRecords).LastSeq
	for _, d := range []bus.Durable{bus.RecorderLive, bus.RecorderArchive} {
		if err := s.server.Conn.Await(within(s.t), d, last); err != nil {
			s.t.Error(err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		s.t.Error(err)
	}
}

func TestALookMakesRoomForNewRecords(t *testing.T) {
	const limit = 4 << 20
	s := newStudy(t, bustest.WithProvision(func(c *bus.ProvisionConfig) { c.RecordsBytes = limit }))
	p := s.provisioner("", nil)
	look := func(what string, wantTrimmed bool) {
		t.Helper()
		before, trimmed := s.stream(bus.StreamRecords), p.metric(t, "trimmed_records_total")
		p.look(within(t))
		after := s.stream(bus.StreamRecords)
		gone := float64(before.Messages - after.Messages)
		if wantTrimmed != (gone > 0) || p.metric(t, "trimmed_records_total")-trimmed != gone {
			t.Errorf("%s: %v messages went, counted %v", what, gone, p.metric(t, "trimmed_records_total")-trimmed)
		}
	}
	s.fill(20)
	s.record()
	look("half full and recorded", false)
	s.fill(14)
	look("nearly full, the newest not recorded", true)
	if got := s.stream(bus.StreamRecords); got.Messages < 14 {
		t.Fatalf("%d messages are left, but 14 were not recorded", got.Messages)
	}
	s.fill(15)
	s.record()
	look("nearly full and recorded", true)
	if got := s.stream(bus.StreamRecords); float64(got.Bytes) > trimmedShare*limit || got.Messages == 0 {
		t.Errorf("%d messages of %d bytes are left", got.Messages, got.Bytes)
	}
}

func TestKeepingHouseOutlivesABusThatIsAway(t *testing.T) {
	s := newStudy(t)
	p := s.provisioner("", nil)
	if err := p.deps.Conn.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	p.keepHouse(within(t)) // logs, and is tried again later
	if p.metric(t, "swept_messages_total") != 0 || p.metric(t, "trimmed_records_total") != 0 {
		t.Error("something was counted")
	}
}
