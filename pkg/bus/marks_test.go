package bus_test

import (
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// TestAMarkIsOfOneMessageOnly lets processes die in the middle of a batch, and then
// over another that has its number: a stream that lost its end, or was created
// anew, gives numbers a second time.
func TestAMarkIsOfOneMessageOnly(t *testing.T) {
	patience := func(c *bus.ProvisionConfig) { c.AckWait = 200 * time.Millisecond }
	s := bustest.New(t, bustest.WithProvision(patience))
	// dieOver lets the first three processes die: over the batch whole, again,
	// and over one of its records alone. It says how many records were done.
	dieOver := func(killer string, records ...string) int {
		t.Helper()
		var done tally
		send(t, publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{}), message(t, recordsSubject(bus.LaneArchive), records...))
		for lives := 1; lives <= 3; lives++ {
			if !life(t, s, bus.RecorderArchive, func(d *bus.Delivery) bool {
				if len(d.Records) == len(records) || string(d.Records[0]) == killer {
					return true
				}
				done.add(string(d.Records[0]))
				return false
			}) {
				break
			}
		}
		return done.len()
	}
	if n := dieOver("b", "a", "b", "c"); n != 1 {
		t.Fatalf("%d records of the first batch are done, want one", n)
	}
	if err := s.Conn.JetStream().DeleteStream(within(t), bus.StreamRecords); err != nil {
		t.Fatal(err)
	}
	again := bus.ProvisionConfig{RawBytes: 1 << 30, RecordsBytes: 1 << 30, FailedBytes: 64 << 20, AdvisoriesBytes: 64 << 20, BucketBytes: 16 << 20}
	patience(&again)
	if _, err := s.Conn.Provision(within(t), again); err != nil {
		t.Fatal(err)
	}
	if n := dieOver("nobody", "x", "y", "z"); n != 3 {
		t.Errorf("%d records of the second batch are done, want all three", n)
	}
}
