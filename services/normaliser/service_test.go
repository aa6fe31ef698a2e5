package normaliser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestMain(m *testing.M) {
	const clickhouse = "github.com/doxtrail/doxtrail/pkg/embedded.(*ClickHouse)" // storetest's
	goleak.VerifyTestMain(m, append(bustest.Leaks(), goleak.IgnoreAnyFunction(clickhouse+".serve.func2"))...)
}

// sightingPosts makes posts with a card each.
func sightingPosts(from, n int) (records [][]byte) {
	for i := range n {
		raw := telegramPost(func(r *doxtrailv1.RawPost_builder) {
			r.PostId, r.Text = ptr(fmt.Sprint(from+i)), ptr(fmt.Sprintf("https://harbour-leaks.example/card/%d", from+i))
		})
		record, _ := proto.Marshal(raw)
		records = append(records, record)
	}
	return records
}

// twin gives what a converter alone makes of a batch.
func (s *stage) twin(list *watchlist.Effective, records [][]byte) recorded {
	s.t.Helper()
	c := newConverter(s.ring, list, Defaults().MaxLinks)
	l := newLooks(telegram)
	var rows recorded
	for _, record := range records {
		facts, err := c.post(telegram, record, &rows)
		if err != nil {
			s.t.Fatal(err)
		}
		l.add(facts)
	}
	c.coverage(telegram, origin(telegram), l, complete, &rows)
	return rows
}

// without leaves out rows of some kinds.
func without(rows recorded, kinds ...bus.Kind) recorded {
	return slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return slices.Contains(kinds, r.kind) })
}

func TestRawBatchesBecomeRecords(t *testing.T) {
	s := newStage(t)
	servicetest.Background(t, s.service().Run) // before there is a list: it waits
	list := s.list(harbour)
	posts := sightingPosts(1, 3)
	s.put(bus.KindPosts, posts...)
	s.put(bus.KindChannels, encoded(t, doxtrailv1.RawChannel_builder{ChannelId: ptr("4100000001"), Name: ptr("Pier_News")}.Build()))
	s.put(bus.KindImports, encoded(t, doxtrailv1.Import_builder{ImportId: []byte("0123456789abcdef"), PostCount: ptr(uint64(3))}.Build()))
	s.settled()

	var want recorded
	keyer := s.ring.Keyer()
	for _, m := range list.SiteRecords(keyer) {
		want.add(bus.KindSites, doxtrailv1.Platform_PLATFORM_WEB, deterministic(t, m))
	}
	for _, m := range list.DecisionRecords(keyer) {
		want.add(bus.KindDecisions, doxtrailv1.Platform_PLATFORM_WEB, deterministic(t, m))
	}
	want = append(want, s.twin(list, posts)...)
	c := newConverter(s.ring, list, 500)
	if err := c.channel(telegram, encoded(t, doxtrailv1.RawChannel_builder{ChannelId: ptr("4100000001"), Name: ptr("Pier_News")}.Build()), &want); err != nil {
		t.Fatal(err)
	}
	want.add(bus.KindImports, telegram, deterministic(t, doxtrailv1.Import_builder{ImportId: []byte("0123456789abcdef"), PostCount: ptr(uint64(3))}.Build()))
	if diff := cmp.Diff(sortedRows(s.rows()), sortedRows(want)); diff != "" {
		t.Errorf("rows (-got +want)\n%s", diff)
	}
	for name, want := range map[string]float64{"posts_total": 3, "links_total": 3, "sightings_total": 3, "watchlist_generation": 1} {
		if got := s.metric(name); got != want {
			t.Errorf("metric %s is %v, want %v", name, got, want)
		}
	}
}

func TestARecordThatCannotBeNormalisedFailsAlone(t *testing.T) {
	s := newStage(t)
	s.list(harbour)
	servicetest.Background(t, s.service().Run)
	good := sightingPosts(1, 2)
	timeless := encoded(t, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.PostedAt, r.Text = nil, ptr("Fong Ka-ming, Pier Street 8") }))
	s.put(bus.KindPosts, good[0], timeless, []byte{0xff}, good[1])
	s.put(bus.KindImports, []byte{0xff})
	s.put(bus.KindChannels, nil)
	s.put(bus.KindCoverage, encoded(t, &doxtrailv1.RawCoverage{}))
	s.settled()

	if got := len(of[*doxtrailv1.Post](t, s.rows(), bus.KindPosts)); got != 2 {
		t.Errorf("%d posts came through, want 2", got)
	}
	failedKey, err := s.ring.FailedKey()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	err = s.server.Conn.FailedRecords(within(t), func(f bus.FailedRecord) bool {
		record, from, err := f.Open(failedKey)
		if err != nil || f.Service != Name || f.Records != 1 || from.GetFirstRecord() != 7 {
			t.Errorf("a failed record of %s, %d records, from %d: %v", f.Service, f.Records, from.GetFirstRecord(), err)
		}
		got[string(f.Of.Kind)+" "+string(f.Class)] = string(record)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"posts no_posted_at": string(timeless), "posts undecodable": "\xff", "imports undecodable": "\xff",
		"channels no_channel": "", "coverage no_channel": "",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("failed records (-got +want)\n%s", diff)
	}
}

func TestANewWatchListPublishesItsSitesAndItsGeneration(t *testing.T) {
	s := newStage(t)
	s.list(harbour)
	servicetest.Background(t, s.service().Run)
	if err := AwaitApplied(within(t), s.server.Conn, 1); err != nil {
		t.Fatal(err)
	}
	const changed = "families: [{label: harbour-leaks, sites: [harbour-leaks.example]}]\nchannels: [{label: tg-2, platform: telegram, id: \"4100000002\"}]"
	second := s.list(changed)
	if err := AwaitApplied(within(t), s.server.Conn, second.Generation); err != nil {
		t.Fatal(err)
	}
	posts := sightingPosts(1, 1)
	s.put(bus.KindPosts, posts...)
	s.settled()

	sites, listed := map[uint64]int{}, map[string]bool{}
	for _, site := range of[*doxtrailv1.Site](t, s.rows(), bus.KindSites) {
		sites[site.GetGeneration()]++
		if site.GetGeneration() == 2 {
			listed[site.GetHost()] = site.GetListed()
		}
	}
	if diff := cmp.Diff(sites, map[uint64]int{1: 3, 2: 3}); diff != "" {
		t.Errorf("sites by generation (-got +want)\n%s", diff)
	}
	if diff := cmp.Diff(listed, map[string]bool{"harbour-leaks.example": true, "harbour-leaks.test": false, "cards.pier.example": false}); diff != "" {
		t.Errorf("listed (-got +want)\n%s", diff)
	}
	labels := map[string]bool{}
	for _, d := range of[*doxtrailv1.Decision](t, s.rows(), bus.KindDecisions) {
		if d.GetGeneration() == 2 {
			labels[d.GetLabel()] = d.GetInForce()
		}
	}
	if diff := cmp.Diff(labels, map[string]bool{"tg-1": false, "tg-2": true}); diff != "" {
		t.Errorf("labels in force (-got +want)\n%s", diff)
	}
	rest := without(s.rows(), bus.KindSites, bus.KindDecisions)
	if diff := cmp.Diff(sortedRows(rest), sortedRows(s.twin(second, posts))); diff != "" {
		t.Errorf("rows under the new list (-got +want)\n%s", diff)
	}
	// A normaliser that starts later does not go back.
	if err := AwaitApplied(within(t), s.server.Conn, 1); err != nil {
		t.Error(err)
	}
}

func TestAListThatCannotBeReadDoesNotKeepOutTheNext(t *testing.T) {
	s := newStage(t)
	s.list(harbour)
	servicetest.Background(t, s.service().Run)
	if err := AwaitApplied(within(t), s.server.Conn, 1); err != nil {
		t.Fatal(err)
	}
	bucket, err := s.server.Conn.Watchlist(within(t))
	if err != nil {
		t.Fatal(err)
	}
	published, err := bucket.Load(within(t))
	if err != nil {
		t.Fatal(err)
	}
	broken, err := bucket.Store(within(t), published, 2, []byte("sealed by nobody"))
	if err != nil {
		t.Fatal(err)
	}
	third := effective(t, "")
	third.Generation = 3
	sealed, err := third.Seal(s.ring.StateKey())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bucket.Store(within(t), broken, 3, sealed); err != nil {
		t.Fatal(err)
	}
	if err := AwaitApplied(within(t), s.server.Conn, 3); err != nil {
		t.Error(err)
	}
}

func TestWaitingForAListThatNobodyAppliesEnds(t *testing.T) {
	s := newStage(t)
	s.list(harbour)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := AwaitApplied(ctx, s.server.Conn, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

// A process that dies between publishing and acknowledging has its batches
// normalised again, by the next one, to the same bytes.
func TestARestartInTheMiddlePublishesTheSameBytesAgain(t *testing.T) {
	s := newStage(t)
	list := s.list(harbour)
	first := s.service()
	key, err := s.ring.CurrentRawKey(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	posts := sightingPosts(1, 40)
	s.putSealed(key.PublicKey(), bus.KindPosts, posts...)

	dieAfterPublishing(t, s, first, list)
	want := append(s.twin(list, posts), s.twin(list, posts)...)
	servicetest.Background(t, s.service().Run)
	s.settled()
	if diff := cmp.Diff(sortedRows(without(s.rows(), bus.KindSites, bus.KindDecisions)), sortedRows(want)); diff != "" {
		t.Errorf("rows, each twice (-got +want)\n%s", diff)
	}
}

// dieAfterPublishing lets a normaliser handle one delivery, sees that all it
// published is stored, and ends it before the delivery is acknowledged.
func dieAfterPublishing(t *testing.T, s *stage, n *Normaliser, list *watchlist.Effective) {
	t.Helper()
	n.list.Store(list)
	publisher, err := n.deps.Conn.NewPublisher(bus.StageRecords, bus.PublisherConfig{})
	if err != nil {
		t.Fatal(err)
	}
	lanes, err := n.deps.Conn.NewLanes(within(t), bus.StreamRaw, bus.ConsumerConfig{
		Keys: bus.NewKeys(s.ring.RawKeys), FailedKey: s.server.Failed.PublicKey(),
	})
	if err != nil {
		t.Fatal(err)
	}
	handled := make(chan struct{})
	handlers, err := n.handlers(publisher)
	if err != nil {
		t.Fatal(err)
	}
	handle := handlers[0]
	stop := servicetest.Background(t, func(ctx context.Context) error {
		return bus.Consume(ctx, nil, lanes, func(ctx context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
			receipts, err := handle(ctx, d)
			if err != nil {
				return nil, err
			}
			for _, r := range receipts {
				if _, err := r.Wait(ctx); err != nil {
					return nil, err
				}
			}
			close(handled)
			return nil, errors.New("died before the acknowledgement")
		})
	})
	select {
	case <-handled:
	case <-within(t).Done():
		t.Fatal("nothing was handled")
	}
	stop()
	if err := publisher.Close(within(t)); err != nil {
		t.Fatal(err)
	}
}

func TestRunEndsWithItsContextWhileItWaitsForAList(t *testing.T) {
	s := newStage(t)
	stop := servicetest.Background(t, s.service().Run)
	keys, err := s.server.Conn.PublicKeys(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Raw(within(t)); err != nil { // it has begun
		t.Fatal(err)
	}
	stop()
}
