package bus_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// TestAFullFailedHoldsUpNothingElse fills FAILED: batches without a fault go
// through, the faulty one comes again and is there as soon as there is room.
func TestAFullFailedHoldsUpNothingElse(t *testing.T) {
	s := bustest.New(t, bustest.WithProvision(func(c *bus.ProvisionConfig) { c.FailedBytes = 2048 }))
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	var seen tally
	consume(t, consumer(t, s, s.Conn, bus.RecorderArchive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		text := string(d.Records[0])
		seen.add(text)
		if text[0] == 'x' {
			return nil, d.Fail(0, "bad_record")
		}
		return nil, nil
	})
	// Each entry is some 300 bytes.
	for i := range 12 {
		send(t, p, message(t, recordsSubject(bus.LaneArchive), fmt.Sprint("x", i)))
	}
	eventually(t, "FAILED is full", func() bool { return s.Stats.PutOffFull.Load() > 0 })
	acked := s.Stats.Acked.Load()
	for i := range 20 {
		send(t, p, message(t, recordsSubject(bus.LaneArchive), fmt.Sprint("good", i)))
	}
	eventually(t, "the good ones are through", func() bool { return s.Stats.Acked.Load() >= acked+20 })
	entries := map[string]bool{}
	eventually(t, "each failed record was there", func() bool {
		var sequences []uint64
		err := s.Conn.FailedRecords(within(t), func(f bus.FailedRecord) bool {
			record, _, err := f.Open(s.Failed)
			if err != nil {
				t.Fatal(err)
			}
			entries[string(record)] = true
			sequences = append(sequences, f.Sequence)
			return true
		})
		for _, n := range sequences {
			if err := s.Conn.DropFailed(within(t), n); err != nil {
				t.Fatal(err)
			}
		}
		return err == nil && len(entries) == 12
	})
}
