package twitter

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// waiting says that an earlier process left gaps to be searched, and posts one in each,
// and one behind each.
func (r *streamRig) waiting(list ...gap) (ids []string) {
	r.t.Helper()
	shelf := r.shelf()
	if _, err := shelf.Load(r.within(), gapsName, &[]gap{}); err != nil {
		r.t.Fatal(err)
	}
	if err := shelf.Save(r.within(), gapsName, list); err != nil {
		r.t.Fatal(err)
	}
	for _, g := range list {
		for _, at := range []time.Time{g.span().from().Add(500 * time.Millisecond), g.span().to().Add(500 * time.Millisecond)} {
			ids = append(ids, r.fake.Post("invented_a", seenAt, fake.At(at)))
		}
	}
	return ids
}

// after is a gap of some seconds.
func after(begin time.Time, from, to int) gap {
	return gap{From: begin.Add(time.Duration(from) * time.Second).UnixMilli(), To: begin.Add(time.Duration(to) * time.Second).UnixMilli()}
}

func spansOf(list []gap) (spans []span) {
	for _, g := range list {
		spans = append(spans, g.span())
	}
	return spans
}

// Search asks from a second before a gap to 15 seconds after it.
func TestNeighbouringGapsAreSearchedTogetherAndReportedApart(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.cfg.Stream.On = false
	begin := time.Now().Add(-time.Hour).Truncate(time.Second)
	list := []gap{after(begin, 0, 2), after(begin, 5, 6), after(begin, 22, 24), after(begin, 60, 61)}
	ids := r.waiting(list...)
	r.start()
	r.arrives(ids...)
	r.eventually("the list of gaps is empty", func() bool { _, found := gapOf(r); return !found })
	r.eventually("each gap is reported as complete", func() bool { return cmp.Equal(r.raw.whole(spanPosts), spansOf(list)) })
	r.eventually("its reposts are reported as missing", func() bool { return cmp.Equal(r.raw.holes(spanReposts), spansOf(list)) })
	r.stop()
	for _, id := range ids {
		if n := r.raw.came(id, doxtrailv1.Leg_LEG_SEARCH); n != 1 {
			t.Errorf("a post came, and was paid for, %d times", n)
		}
	}
	if n := r.fake.Count("search.recent"); n != 2 {
		t.Errorf("search was asked %d times", n)
	}
}

func TestAKillBetweenPagesLeavesJoinedGapsJoined(t *testing.T) {
	r := newStreamRig(t, fake.Options{PageLimit: 1})
	r.cfg.Stream.On = false
	begin := time.Now().Add(-time.Hour).Truncate(time.Second)
	list := []gap{after(begin, 0, 2), after(begin, 5, 6), after(begin, 10, 11)}
	ids := r.waiting(list...)
	r.start()
	r.eventually("the first page is kept", func() bool { g, found := gapOf(r); return found && g.Until != 0 })
	release := r.fake.Hold("search.recent")
	r.stop()
	release()
	r.start()
	r.arrives(ids...)
	r.eventually("each gap is reported as complete", func() bool { return cmp.Equal(r.raw.whole(spanPosts), spansOf(list)) })
	r.stop()
	if n := r.fake.Count("search.recent"); n > len(ids)+3 {
		t.Errorf("search was asked %d times for %d pages", n, len(ids))
	}
}

func TestWhatOfJoinedGapsIsTooOldStaysAGapAndTheRestIsRead(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.cfg.Stream.On = false
	begin := time.Now().Add(-recentReach).Truncate(time.Second)
	old, new1, new2 := after(begin, -3600, -3500), after(begin, 3600, 3700), after(begin, 3710, 3720)
	joined := old.with(new1).with(new2) // the process was away for long
	joined.Query, joined.Until = "begun", 1
	r.waiting(joined)
	r.fake.Fail("search.all", 403, -1)
	r.start()
	r.eventually("what is recent is read", func() bool { return cmp.Equal(r.raw.whole(spanPosts), spansOf([]gap{new1, new2})) })
	r.eventually("what is old is a gap", func() bool { return cmp.Equal(r.raw.holes(spanPosts), spansOf([]gap{old})) })
}

// However gaps lie, joined or not: no two that are left reach into each other, each is
// in one, and none is searched that reaches into none.
func TestJoiningAgainstThePlainWay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := &app{shelf: noShelf{}, log: slog.New(slog.DiscardHandler), board: newBoard()}
		s := &search{app: a, times: usualStreamTimes(), gaps: newGaps(a)}
		s.gaps.loaded = true
		begin := time.Now().Add(-24 * time.Hour)
		seen := map[span]bool{}
		for range rapid.IntRange(1, 8).Draw(rt, "gaps") {
			from := rapid.IntRange(0, 900).Draw(rt, "from")
			g := after(begin, from, from+rapid.IntRange(0, 100).Draw(rt, "long"))
			if !seen[g.span()] {
				s.gaps.list = append(s.gaps.list, g)
			}
			seen[g.span()] = true
		}
		searched := map[int64]bool{} // each second, the plain way
		for one := range seen {
			for at := one.From - 60_000; at <= one.To+15_000; at += 1000 {
				searched[at] = true
			}
		}
		for len(s.gaps.list) > 0 {
			first, _ := s.gaps.first()
			whole, err := s.gaps.join(t.Context(), searchName, first, s.reaches)
			if err != nil {
				rt.Fatal(err)
			}
			for at := whole.From - 60_000; at <= whole.To+15_000; at += 1000 {
				if !searched[at] {
					rt.Fatalf("second %d is searched twice, or for no gap", at)
				}
				delete(searched, at)
			}
			for _, part := range whole.spans() {
				if !seen[part] {
					rt.Fatalf("%v is no gap, or is closed twice", part)
				}
				delete(seen, part)
			}
			s.gaps.list = without(s.gaps.list, []gap{whole})
		}
		if len(seen) > 0 || len(searched) > 0 {
			rt.Fatalf("%d gaps are left, %d seconds were not searched", len(seen), len(searched))
		}
	})
}

// noShelf keeps nothing.
type noShelf struct{ shelf }

func (noShelf) Save(context.Context, string, any) error { return nil }
