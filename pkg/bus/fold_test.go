package bus_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

func texts(d *bus.Delivery) (all []string) {
	for _, record := range d.Records {
		all = append(all, string(record))
	}
	return all
}

// Memory that was given back goes to the batches that are opened next, so what
// a delivery reads again must come from its own message.
func TestAFoldedDeliveryReadsItsRecordsAgain(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRaw, bus.PublisherConfig{})
	words := []string{"one ", "two ", "three "}
	for _, word := range words {
		send(t, p, rawMessage(t, s, bus.LaneArchive, strings.Repeat(word, 500), word))
	}
	k := consumer(t, s, s.Conn, bus.NormaliserArchive)
	ctx, stop := context.WithCancel(within(t))
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	var held []*bus.Delivery
	var want, got [][]string
	for range words {
		d := <-k.Deliveries()
		want = append(want, texts(d))
		if d.Fold(); d.Records != nil {
			t.Error("a folded delivery still has records")
		}
		held = append(held, d)
	}
	for _, d := range held {
		if err := d.Unfold(); err != nil {
			t.Fatal(err)
		}
		got = append(got, texts(d))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records read again (-want +got)\n%s", diff)
	}
	for _, d := range held {
		if err := d.Settle(ctx); err != nil {
			t.Error(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// What a folded delivery owes is paid all the same: its failed records, and the
// parts in which poison is looked for.
func TestFoldingHidesNoFailure(t *testing.T) {
	s := bustest.New(t)
	send(t, publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{}), message(t, recordsSubject(bus.LaneLive), "good", "bad", "poison"))
	consume(t, consumer(t, s, s.Conn, bus.RecorderLive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		all := texts(d)
		if i := slices.Index(all, "bad"); i >= 0 && len(all) < 3 {
			if err := d.Fail(i, "bad_record"); err != nil {
				t.Error(err)
			}
		}
		d.Fold()
		if slices.Contains(all, "poison") {
			panic("poison")
		}
		return nil, nil
	})
	eventually(t, "both are on FAILED", func() bool {
		n := 0
		err := s.Conn.FailedRecords(within(t), func(bus.FailedRecord) bool { n++; return true })
		return err == nil && n == 2
	})
}
