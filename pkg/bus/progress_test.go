package bus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

func TestAwaitRowsWaitsForBothStages(t *testing.T) {
	s := bustest.New(t)
	raw := publisher(t, s.Conn, bus.StageRaw, bus.PublisherConfig{})
	records := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	var written tally
	consume(t, lanes(t, s, bus.StreamRaw), func(ctx context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		var out []*bus.Receipt
		for i := range d.Records {
			r, err := records.Publish(ctx, message(t, recordsSubject(d.Subject.Lane), fmt.Sprint(d.Sequence, " ", i)))
			if err != nil {
				return out, err
			}
			out = append(out, r)
		}
		return out, nil
	})
	consume(t, lanes(t, s, bus.StreamRecords), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		for _, r := range d.Records {
			written.add(string(r))
		}
		return nil, nil
	})
	var last uint64
	for range 30 {
		last = send(t, raw, rawMessage(t, s, bus.LaneArchive, "a", "b", "c"))
	}
	if err := s.Conn.AwaitRows(within(t), bus.LaneArchive, last); err != nil {
		t.Fatal(err)
	}
	if written.len() != 90 {
		t.Errorf("%d records were written when the wait ended, want 90", written.len())
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	seq := send(t, p, message(t, recordsSubject(bus.LaneLive), "nobody reads this"))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := s.Conn.Await(ctx, bus.RecorderLive, seq); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := s.Conn.Await(within(t), bus.RecorderArchive, seq); err != nil {
		t.Errorf("the other lane has nothing to wait for: %v", err)
	}
}

func TestLagShowsWhatWaits(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRaw, bus.PublisherConfig{})
	send(t, p, rawMessage(t, s, bus.LaneArchive, "a"), rawMessage(t, s, bus.LaneArchive, "b"), rawMessage(t, s, bus.LaneLive, "c"))
	lag, err := s.Conn.Lag(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if raw := lag.Streams[0]; raw.Stream != bus.StreamRaw || raw.Messages != 3 || raw.Bytes == 0 || time.Since(raw.OldestAt) > time.Hour {
		t.Errorf("RAW is %+v", raw)
	}
	got := make(map[bus.Durable]uint64)
	for _, d := range lag.Durables {
		got[d.Durable] = d.Pending
	}
	if got[bus.NormaliserArchive] != 2 || got[bus.NormaliserLive] != 1 || got[bus.RecorderLive] != 0 {
		t.Errorf("pending is %v", got)
	}
}

func TestTrimTakesOnlyWhatIsRecorded(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	for i := range 50 {
		send(t, p, message(t, recordsSubject(bus.LaneArchive), noise(i, 1000)))
	}
	if n, err := s.Conn.TrimRecords(within(t), 1000); n != 0 || err != nil {
		t.Errorf("%d went though nobody has read them: %v", n, err)
	}
	work := consume(t, consumer(t, s, s.Conn, bus.RecorderArchive), func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) { return nil, nil })
	if err := s.Conn.Await(within(t), bus.RecorderArchive, 50); err != nil {
		t.Fatal(err)
	}
	work.stop(t)
	send(t, p, message(t, recordsSubject(bus.LaneArchive), "not read yet"))
	if n, err := s.Conn.TrimRecords(within(t), 20_000); err != nil || n < 25 || n > 40 {
		t.Errorf("%d went: %v", n, err)
	}
	if n, err := s.Conn.TrimRecords(within(t), 0); err != nil || n == 0 {
		t.Errorf("%d went: %v", n, err)
	}
	lag, err := s.Conn.Lag(within(t))
	if err != nil || lag.Streams[1].Messages != 1 {
		t.Errorf("%d are left, want the unread one: %v", lag.Streams[1].Messages, err)
	}
}

func TestKeysAndWatchListArePublished(t *testing.T) {
	s := bustest.New(t)
	keys, err := s.Conn.PublicKeys(within(t))
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := keys.Raw(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an absent key gives %v", err)
	}
	if err := keys.PutRaw(within(t), s.Raw.PublicKey()); err != nil {
		t.Fatal(err)
	}
	if got, err := keys.Raw(within(t)); err != nil || got.ID() != s.Raw.ID() {
		t.Errorf("key is %s: %v", got.ID(), err)
	}
	ctx, stop := context.WithCancel(context.Background())
	seen := make(chan string, 10)
	ended := make(chan error, 1)
	go func() { ended <- keys.WatchRaw(ctx, func(k privacy.PublicKey) { seen <- k.ID() }) }()
	if id := <-seen; id != s.Raw.ID() {
		t.Errorf("watched %s", id)
	}
	if err := keys.PutRaw(within(t), s.Failed.PublicKey()); err != nil {
		t.Fatal(err)
	}
	if id := <-seen; id != s.Failed.ID() {
		t.Errorf("watched %s", id)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}

	list, err := s.Conn.Watchlist(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list.Load(within(t)); !errors.Is(err, bus.ErrAbsent) {
		t.Errorf("an absent list gives %v", err)
	}
	one, err := list.Store(within(t), bus.Published{}, 1, []byte("sealed one"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list.Store(within(t), bus.Published{}, 2, []byte("sealed by another")); !errors.Is(err, bus.ErrConflict) {
		t.Errorf("a second first list gives %v", err)
	}
	if _, err := list.Store(within(t), one, 1, []byte("sealed again")); err == nil {
		t.Error("a generation that does not grow was taken")
	}
	if _, err := list.Store(within(t), one, 2, []byte("sealed two")); err != nil {
		t.Error(err)
	}
	if _, err := list.Store(within(t), one, 3, []byte("sealed late")); !errors.Is(err, bus.ErrConflict) {
		t.Errorf("an old revision gives %v", err)
	}
	if got, err := list.Await(within(t)); err != nil || got.Generation != 2 || string(got.Sealed) != "sealed two" {
		t.Errorf("list is %d: %v", got.Generation, err)
	}
}

func TestMetricsHoldNoIds(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	send(t, p, message(t, recordsSubject(bus.LaneLive), "a", "b"))
	r := prometheus.NewPedanticRegistry()
	if err := r.Register(bus.Collector("recorder", s.Stats)); err != nil {
		t.Fatal(err)
	}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "doxtrail_recorder_") {
			t.Errorf("metric %s", f.GetName())
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if n := l.GetName(); n != "platform" && n != "class" && n != "code" {
					t.Errorf("label %s", n)
				}
			}
			if f.GetName() == "doxtrail_recorder_published_records_total" {
				found = m.GetCounter().GetValue() == 2 && m.GetLabel()[0].GetValue() == "telegram"
			}
		}
	}
	if !found {
		t.Error("two published records do not show")
	}
}

// TestOldRecordsGoOnceTheyAreRecorded trims as if the clock had jumped ahead:
// what nobody has recorded stays, however old it looks.
func TestOldRecordsGoOnceTheyAreRecorded(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	for i := range 10 {
		send(t, p, message(t, recordsSubject(bus.LaneArchive), fmt.Sprint(i)))
	}
	stream, err := s.Conn.JetStream().Stream(within(t), bus.StreamRecords)
	if err != nil {
		t.Fatal(err)
	}
	seventh, err := stream.GetMsg(within(t), 7)
	if err != nil {
		t.Fatal(err)
	}
	inAYear := time.Now().AddDate(1, 0, 0)
	if n, err := s.Conn.TrimOlder(within(t), inAYear); n != 0 || err != nil {
		t.Errorf("%d went though nobody has read them: %v", n, err)
	}
	consume(t, consumer(t, s, s.Conn, bus.RecorderArchive), func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) { return nil, nil })
	if err := s.Conn.Await(within(t), bus.RecorderArchive, 10); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Conn.TrimOlder(within(t), seventh.Time); n != 6 || err != nil {
		t.Errorf("%d went, want the 6 that are older: %v", n, err)
	}
	if n, err := s.Conn.TrimOlder(within(t), inAYear); n != 4 || err != nil {
		t.Errorf("%d went, want the rest: %v", n, err)
	}
	if gaps, err := s.Conn.AuditRecords(within(t)); err != nil || len(gaps) != 0 {
		t.Errorf("what was trimmed is taken for lost: %+v, %v", gaps, err)
	}
}
