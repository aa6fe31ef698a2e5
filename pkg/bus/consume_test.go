package bus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestRecordsComeOutAsTheyWentIn(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	want := []string{"one", "", strings.Repeat("three ", 1000)}
	seq := send(t, p, message(t, recordsSubject(bus.LaneLive), want...))

	k := consumer(t, s, s.Conn, bus.RecorderLive)
	got := make(chan *bus.Delivery, 1)
	var copied []string
	consume(t, k, func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		for _, r := range d.Records {
			copied = append(copied, string(r))
		}
		got <- &bus.Delivery{Subject: d.Subject, Sequence: d.Sequence, Delivered: d.Delivered}
		return nil, nil
	})
	d := <-got
	if diff := cmp.Diff(want, copied); diff != "" {
		t.Errorf("records (-got +want)\n%s", diff)
	}
	if d.Subject != recordsSubject(bus.LaneLive) || d.Sequence != seq || d.Delivered != 1 {
		t.Errorf("delivery is %v %d %d", d.Subject, d.Sequence, d.Delivered)
	}
	if err := s.Conn.Await(within(t), bus.RecorderLive, seq); err != nil {
		t.Error(err)
	}
}

func TestRawIsOpenedWithItsOrigin(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRaw, bus.PublisherConfig{})
	send(t, p, rawMessage(t, s, bus.LaneArchive, "a post", strings.Repeat("a long post ", 100)))

	type seen struct {
		origin *doxtrailv1.BatchOrigin
		texts  []string
	}
	got := make(chan seen, 1)
	consume(t, consumer(t, s, s.Conn, bus.NormaliserArchive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		v := seen{origin: d.Origin}
		for _, r := range d.Records {
			var post doxtrailv1.RawPost
			if err := proto.Unmarshal(r, &post); err != nil {
				return nil, err
			}
			v.texts = append(v.texts, post.GetText())
		}
		got <- v
		return nil, nil
	})
	v := <-got
	if diff := cmp.Diff(v.origin, origin(), protocmp.Transform()); diff != "" {
		t.Errorf("origin (-got +want)\n%s", diff)
	}
	if len(v.texts) != 2 || v.texts[0] != "a post" {
		t.Errorf("texts are %q", v.texts)
	}
}

func TestOneFailedRecordGoesAloneToFailed(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRaw, bus.PublisherConfig{})
	seq := send(t, p, rawMessage(t, s, bus.LaneArchive, "good", "bad", "good too"))

	consume(t, consumer(t, s, s.Conn, bus.NormaliserArchive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		return nil, d.Fail(1, "decode")
	})
	if err := s.Conn.Await(within(t), bus.NormaliserArchive, seq); err != nil {
		t.Fatal(err)
	}
	var entries []bus.FailedRecord
	if err := s.Conn.FailedRecords(within(t), func(f bus.FailedRecord) bool { entries = append(entries, f); return true }); err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Fatalf("%d entries on FAILED, want 1", len(entries))
	}
	want := bus.FailedSubject{Service: "test", Class: "decode", Of: rawSubject(bus.LaneArchive)}
	if entries[0].FailedSubject != want || entries[0].KeyID != s.Failed.ID() || entries[0].Records != 1 {
		t.Errorf("entry is %+v", entries[0])
	}
	record, from, err := entries[0].Open(s.Failed)
	if err != nil {
		t.Fatal(err)
	}
	var post doxtrailv1.RawPost
	if err := proto.Unmarshal(record, &post); err != nil || post.GetText() != "bad" || from.GetFirstRecord() != 7 {
		t.Errorf("record is %v from %v: %v", &post, from, err)
	}
	if s.Stats.FailedRecords.Of("decode") != 1 {
		t.Error("the failed record was not counted")
	}
}

func TestAFailedRecordIsRetriedOrDropped(t *testing.T) {
	s := bustest.New(t)
	raw := publisher(t, s.Conn, bus.StageRaw, bus.PublisherConfig{})
	send(t, raw, rawMessage(t, s, bus.LaneArchive, "mended later", "never"))
	var seen tally
	failing := true
	work := consume(t, consumer(t, s, s.Conn, bus.NormaliserArchive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		for i := range d.Records {
			if failing {
				if err := d.Fail(i, "decode"); err != nil {
					return nil, err
				}
				continue
			}
			seen.add(fmt.Sprint(len(d.Records), d.Origin.GetFirstRecord()))
		}
		return nil, nil
	})
	eventually(t, "both records failed", func() bool { return s.Stats.FailedRecords.Of("decode") == 2 })
	work.stop(t)
	failing = false
	consume(t, consumer(t, s, s.Conn, bus.NormaliserArchive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		seen.add(fmt.Sprint(len(d.Records), " ", d.Origin.GetFirstRecord()))
		return nil, nil
	})

	first, err := s.Conn.FailedRecord(within(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Conn.RetryFailed(within(t), first, s.Failed, s.Raw.PublicKey()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the retried record came again", func() bool { return seen.of("1 7") == 1 })
	if err := s.Conn.DropFailed(within(t), 2); err != nil {
		t.Fatal(err)
	}
	lag, err := s.Conn.Lag(within(t))
	if err != nil || lag.Failed != 0 {
		t.Errorf("FAILED holds %d entries: %v", lag.Failed, err)
	}
	if _, err := s.Conn.FailedRecord(within(t), 2); !errors.Is(err, bus.ErrNoRecord) {
		t.Errorf("the dropped entry is still found: %v", err)
	}
}

func TestLaterBringsTheWholeBatchAgain(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	send(t, p, message(t, recordsSubject(bus.LaneLive), "a", "b"))
	var deliveries []uint64
	done := make(chan struct{})
	consume(t, consumer(t, s, s.Conn, bus.RecorderLive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		deliveries = append(deliveries, d.Delivered)
		if d.Delivered == 1 {
			d.Later(1)
			return nil, nil
		}
		close(done)
		return nil, nil
	})
	<-done
	if !slices.Equal(deliveries, []uint64{1, 2}) {
		t.Errorf("deliveries were %v", deliveries)
	}
	if s.Stats.Naked.Load() != 1 || s.Stats.FailedRecords.Total() != 0 {
		t.Error("the delivery was not put off once, or a record failed")
	}
}

func TestAPanicCostsOnlyItsRecord(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	var records []string
	for i := range 500 {
		records = append(records, fmt.Sprintf("record %d", i))
	}
	records[77], records[400] = "poison one", "poison two"
	seq := send(t, p, message(t, recordsSubject(bus.LaneArchive), records...))

	var done tally
	handle := func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		for _, r := range d.Records {
			if strings.HasPrefix(string(r), "poison") {
				panic("a victim's name")
			}
		}
		for _, r := range d.Records {
			done.add(string(r))
		}
		return nil, nil
	}
	consume(t, consumer(t, s, s.Conn, bus.RecorderArchive), handle, handle)
	if err := s.Conn.Await(within(t), bus.RecorderArchive, seq); err != nil {
		t.Fatal(err)
	}
	if done.len() != 498 {
		t.Errorf("%d records were handled, want 498", done.len())
	}
	for i, r := range records {
		if i != 77 && i != 400 && done.of(r) != 1 {
			t.Errorf("record %d was handled %d times", i, done.of(r))
		}
	}
	if n := s.Stats.FailedRecords.Of("panic"); n != 2 {
		t.Errorf("%d records failed, want 2", n)
	}
}

func TestABatchThatCannotBeOpenedGoesWholeToFailedAndCanComeBack(t *testing.T) {
	s := bustest.New(t)
	right := s.Raw
	s.Raw = s.Failed // sealed to a key that the reader does not have
	m := rawMessage(t, s, bus.LaneArchive, "one", "two", "three")
	s.Raw = right
	p := publisher(t, s.Conn, bus.StageRaw, bus.PublisherConfig{})
	seq := send(t, p, m)
	var seen tally
	consume(t, consumer(t, s, s.Conn, bus.NormaliserArchive), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		seen.add(fmt.Sprint(len(d.Records)))
		return nil, nil
	})
	if err := s.Conn.Await(within(t), bus.NormaliserArchive, seq); err != nil {
		t.Fatal(err)
	}
	f, err := s.Conn.FailedRecord(within(t), 1)
	if err != nil || f.Class != bus.ClassUnopenable || f.Records != 3 || seen.len() != 0 {
		t.Fatalf("entry is %+v: %v", f, err)
	}
	used, err := s.Conn.KeysInUse(within(t), s.Failed.ID(), s.Raw.ID())
	if err != nil || !used[s.Failed.ID()] || used[s.Raw.ID()] {
		t.Errorf("keys in use are %v: %v", used, err)
	}
}
