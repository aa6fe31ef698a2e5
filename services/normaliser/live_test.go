package normaliser

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// live is where the batches of a leg of a live collector are read.
func live(leg doxtrailv1.Leg) *doxtrailv1.BatchOrigin {
	return doxtrailv1.BatchOrigin_builder{
		Platform: ptr(telegram), Leg: &leg, Selection: doxtrailv1.Selection_SELECTION_FULL.Enum(), LookedAt: ptr(int64(5000)),
	}.Build()
}

func liveNumbered(from, to int) (posts []*doxtrailv1.RawPost) {
	for n := from; n <= to; n++ {
		posts = append(posts, telegramPost(func(r *doxtrailv1.RawPost_builder) {
			r.PostId, r.PostedAt, r.Text = ptr(fmt.Sprint(n)), ptr(int64(1000+n)), ptr("https://harbour-leaks.example/card/1")
		}))
	}
	return posts
}

// The same posts come by every leg, alone and in batches cut anyhow: each is one
// row, and no batch claims or counts anything.
func TestLegsOfALiveCollectorMix(t *testing.T) {
	b := newBench(t, harbour)
	posts := map[string][]byte{}
	for _, batch := range []struct {
		leg      doxtrailv1.Leg
		from, to int
	}{
		{doxtrailv1.Leg_LEG_TAIL, 3, 3},
		{doxtrailv1.Leg_LEG_TAIL, 4, 6},
		{doxtrailv1.Leg_LEG_HISTORY, 1, 5},
		{doxtrailv1.Leg_LEG_HISTORY, 5, 6},
		{doxtrailv1.Leg_LEG_REPOLL, 1, 6},
		{doxtrailv1.Leg_LEG_UNSPECIFIED, 3, 3},
	} {
		l := newLooks(telegram)
		for _, p := range liveNumbered(batch.from, batch.to) {
			l.add(b.mustPost(telegram, p))
			for _, r := range b.rows {
				if r.kind != bus.KindPosts {
					continue
				}
				key := string(r.decode(t).(*doxtrailv1.Post).GetPostKey())
				if before, known := posts[key]; known && !bytes.Equal(before, r.record) {
					t.Error("one post gives two rows")
				}
				posts[key] = r.record
			}
		}
		l.fail(place{})
		b.rows = nil
		b.converter.coverage(telegram, live(batch.leg), l, complete, &b.rows)
		if len(b.rows) != 0 {
			t.Errorf("a batch of %v covers %d looks of its own", batch.leg, len(b.rows))
		}
	}
	if len(posts) != 6 {
		t.Errorf("6 posts are %d rows", len(posts))
	}
}

// What a live leg lost is a gap a post, the same however the batch was cut, and
// dated by the loss.
func TestALostPostOfALiveLegIsAGap(t *testing.T) {
	b := newBench(t, harbour)
	lost := func(lostAt int64, posts ...*doxtrailv1.RawPost) []*doxtrailv1.Coverage {
		l := newLooks(telegram)
		l.lostAt = lostAt
		for _, p := range posts {
			l.add(b.mustPost(telegram, p))
		}
		b.rows = nil
		b.converter.coverage(telegram, live(doxtrailv1.Leg_LEG_TAIL), l, gap, &b.rows)
		return of[*doxtrailv1.Coverage](t, b.rows, bus.KindCoverage)
	}
	all := lost(9000, liveNumbered(1, 3)...)
	var parts []*doxtrailv1.Coverage
	for n := 1; n <= 3; n++ {
		parts = append(parts, lost(9000, liveNumbered(n, n)...)...)
	}
	same(t, "gaps of another cut", parts, all)
	row := all[1]
	if row.GetState() != gap || row.GetFromAt() != 1002 || row.GetToAt() != 1002 || row.GetLookedAt() != 9000 || row.GetPostCount() != 0 || row.HasFirstRecord() {
		t.Errorf("the gap is %v", row)
	}
	if again := lost(20_000, liveNumbered(2, 2)...)[0]; !bytes.Equal(again.GetCoverageKey(), row.GetCoverageKey()) || again.GetLookedAt() != 20_000 {
		t.Errorf("lost again it is %v", again)
	}
}

// A live batch that waited too long is dated by when that was, not by when it is
// found.
func TestALiveGapIsDatedByItsExpiry(t *testing.T) {
	s := newStage(t)
	s.list(harbour)
	n := s.service()
	n.expiry.now = func() time.Time { return time.Now().Add(100 * time.Hour) }
	n.expiry.newest = func(context.Context) (time.Time, error) { return n.expiry.now(), nil }
	servicetest.Background(t, n.Run)
	before := time.Now()
	s.putFrom(live(doxtrailv1.Leg_LEG_TAIL), bus.LaneLive, bus.KindPosts, encoded(t, liveNumbered(1, 1)[0]))
	s.settled()
	gaps := of[*doxtrailv1.Coverage](t, s.rows(), bus.KindCoverage)
	if len(gaps) != 1 || gaps[0].GetState() != gap {
		t.Fatalf("coverage is %v, want a gap", gaps)
	}
	expired := time.UnixMilli(gaps[0].GetLookedAt()).Add(-n.cfg.RawMaxAge)
	if expired.Before(before.Add(-time.Second)) || expired.After(time.Now()) {
		t.Errorf("the gap is dated %v after the batch was put", expired.Sub(before))
	}
}
