package bus_test

import (
	"context"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// TestTheErasureLogForgetsWhatWasTrimmed keeps the log as short as its stream: it
// is one value of a bucket, and one that is too long cannot be stored.
func TestTheErasureLogForgetsWhatWasTrimmed(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	var last uint64
	publish := func() {
		for i := range 10 {
			last = send(t, p, message(t, recordsSubject(bus.LaneLive), noise(i, 100)))
		}
	}
	erase := func(sequence uint64) {
		t.Helper()
		if err := s.Conn.EraseMessages(within(t), bus.StreamRecords, sequence); err != nil {
			t.Fatal(err)
		}
	}
	publish()
	erase(2)
	erase(5)
	consume(t, consumer(t, s, s.Conn, bus.RecorderLive), func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) { return nil, nil })
	if err := s.Conn.Await(within(t), bus.RecorderLive, last); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Conn.TrimRecords(within(t), 0); err != nil {
		t.Fatal(err)
	}
	publish()
	erase(12)
	b, err := s.Conn.Bucket(within(t), bus.BucketCursors)
	if err != nil {
		t.Fatal(err)
	}
	if log, _, err := b.Load(within(t), "audit.erased.RECORDS"); err != nil || string(log) != "12" {
		t.Errorf("the log holds %q: %v", log, err)
	}
	if gaps, err := s.Conn.AuditRecords(within(t)); err != nil || len(gaps) > 0 {
		t.Errorf("an audit finds %+v: %v", gaps, err)
	}
}
