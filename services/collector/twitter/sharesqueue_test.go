package twitter

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheNewestPostsAreAskedForFirstAndTheOldestLeftOut(t *testing.T) {
	q := newShareQueue()
	q.limit = 3
	q.want()
	select {
	case <-q.wake():
		t.Error("woken for nothing")
	default:
	}
	q.want(5, 1, 4, 2, 4)
	<-q.wake()
	if diff := cmp.Diff([]uint64{5, 4}, q.take(2)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]uint64{2}, q.take(2)); diff != "" {
		t.Error(diff)
	}
}

func TestAfterAGapTheRepostsOfAWeekAreWanted(t *testing.T) {
	to := time.UnixMilli(1_800_000_000_000)
	from := to.Add(-time.Hour)
	a := &app{known: load(t, newDrawer()), wanted: newShareQueue()}
	want := []uint64{idAt(to) - 1, idAt(from), idAt(from.Add(-shareReach)) + 1}
	for _, id := range append([]uint64{idAt(to), idAt(from.Add(-shareReach)) - 1}, want...) {
		a.known.set(knownPost{ID: id, Mark: markUp})
	}
	a.known.set(knownPost{ID: idAt(from) + 7, Mark: markGone})
	a.wantShares(from, to)
	if diff := cmp.Diff(want, a.wanted.take(10)); diff != "" {
		t.Error(diff)
	}
}
