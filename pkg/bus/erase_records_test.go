package bus_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// everyRecord lists what RECORDS holds, a line a message, by a reader of its own.
func everyRecord(t *testing.T, s *bustest.Server) (lines []string) {
	t.Helper()
	var of []string
	_, err := s.Conn.SiftRecords(within(t), bus.Sift{Kinds: []bus.Kind{bus.KindPosts, bus.KindLinks}, Picks: func(subject bus.Subject, record []byte) bool {
		of = append(of, string(subject.Lane)+" "+string(subject.Kind)+" "+string(record))
		return false
	}})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(of)
	return of
}

func TestRecordsAreTakenOutOfRecords(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	links := recordsSubject(bus.LaneArchive)
	links.Kind = bus.KindLinks
	long := strings.Repeat("compressed ", 100)
	send(t, p,
		message(t, recordsSubject(bus.LaneLive), "stays 1"), message(t, recordsSubject(bus.LaneLive), "goes 1"),
		message(t, recordsSubject(bus.LaneArchive), "stays 2", "goes 2", "stays 3 "+long, "goes 3"), message(t, links, "goes as a post would", "stays 4"))
	last := send(t, p, message(t, recordsSubject(bus.LaneLive), "stays 5"))
	want := []string{
		"archive links goes as a post would", "archive links stays 4", "archive posts stays 2", "archive posts stays 3 " + long, "live posts stays 1", "live posts stays 5",
	}
	sift := bus.Sift{Kinds: []bus.Kind{bus.KindPosts}, Picks: func(_ bus.Subject, record []byte) bool { return strings.HasPrefix(string(record), "goes") }}
	for _, erase := range []bool{false, true, true} {
		sift.Erase = erase
		found, err := s.Conn.SiftRecords(within(t), sift)
		if err != nil {
			t.Fatal(err)
		}
		if first := found.Last == last; first != (found.Records == 3) || first != (found.Messages == 2) {
			t.Errorf("erase %t: found %+v", erase, found)
		}
	}
	if diff := cmp.Diff(want, everyRecord(t, s)); diff != "" {
		t.Errorf("RECORDS (-want +got):\n%s", diff)
	}
	if gaps, err := s.Conn.AuditRecords(within(t)); err != nil || len(gaps) > 0 {
		t.Errorf("an audit finds %+v: %v", gaps, err)
	}
	if err := s.Conn.EraseMessages(within(t), bus.StreamRecords, 2); err != nil {
		t.Errorf("a message that is gone already: %v", err)
	}
}

// More messages than are in hand at once, and one that holds nothing but what goes.
func TestManyMessagesAreLookedThrough(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	var all []bus.Message
	for i := range 1000 {
		all = append(all, message(t, recordsSubject(bus.LaneLive), noise(i, 20)))
	}
	last := send(t, p, all...)
	sift := bus.Sift{Kinds: []bus.Kind{bus.KindPosts}, Picks: func(bus.Subject, []byte) bool { return true }}
	found, err := s.Conn.SiftRecords(within(t), sift)
	if want := (bus.Sifted{Records: 1000, Messages: 1000, Last: last}); err != nil || found != want {
		t.Errorf("found %+v, %v", found, err)
	}
	sift.From = last - 9
	if found, err = s.Conn.SiftRecords(within(t), sift); err != nil || found.Records != 10 {
		t.Errorf("of the last ten: %+v, %v", found, err)
	}
}

// Cut off at any record, what stays is there at least once, and the next call
// finishes what this one began.
func TestWhatStaysIsNeverLostWhenItIsCutOff(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	var want []string
	for i := range 300 { // more than are in hand at once
		stays := fmt.Sprintf("stays %03d", i)
		want = append(want, "live posts "+stays)
		send(t, p, message(t, recordsSubject(bus.LaneLive), "goes", stays))
	}
	goes := func(_ bus.Subject, record []byte) bool { return string(record) == "goes" }
	there := func() []string {
		return slices.Compact(slices.DeleteFunc(everyRecord(t, s), func(line string) bool { return strings.HasSuffix(line, "goes") }))
	}
	for _, cut := range []int{1, 10, 257, 400} {
		ctx, cancel := context.WithCancel(within(t))
		n := 0
		_, err := s.Conn.SiftRecords(ctx, bus.Sift{Kinds: []bus.Kind{bus.KindPosts}, Erase: true, Picks: func(of bus.Subject, record []byte) bool {
			if n++; n == cut {
				cancel()
			}
			return goes(of, record)
		}})
		cancel()
		if err == nil {
			t.Errorf("cut off at record %d, it says that all is done", cut)
		}
		if diff := cmp.Diff(want, there()); diff != "" {
			t.Fatalf("cut off at record %d, there stays (-want +got):\n%s", cut, diff)
		}
	}
	if _, err := s.Conn.SiftRecords(within(t), bus.Sift{Kinds: []bus.Kind{bus.KindPosts}, Erase: true, Picks: goes}); err != nil {
		t.Fatal(err)
	}
	all := everyRecord(t, s)
	if slices.Contains(all, "live posts goes") || len(slices.Compact(all)) != len(want) {
		t.Errorf("in the end there are %d records, want %d", len(all), len(want))
	}
}
