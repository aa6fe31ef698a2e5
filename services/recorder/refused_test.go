package recorder_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

// cannotInsertNull is one of ClickHouse's codes for a value that never fits.
const cannotInsertNull = "349"

func TestOfARefusedBatchOnlyTheCulpritFails(t *testing.T) {
	r := newRig(t)
	var culprits []int
	var want []failed
	last := 0
	for _, tc := range []struct {
		name     string
		batches  []int // their sizes
		culprits []int
	}{
		{"one record among a thousand", []int{1000}, []int{613}},
		{"a record that came alone", []int{1}, []int{0}},
		{"one batch among several", []int{10, 190, 10}, []int{77}},
		{"two records of one batch", []int{300}, []int{0, 299}},
		{"all records of a batch", []int{3, 17}, []int{0, 1, 2}},
		{"records of more than one batch", []int{40, 40}, []int{39, 40}},
		{"neighbours", []int{40}, []int{15, 16, 17}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var keys [][]byte
			for _, n := range tc.culprits {
				keys = append(keys, keyOf(last+n))
				culprits = append(culprits, last+n)
				want = append(want, failed{"refused", string(post(last + n))})
			}
			r.proxy.onInsert(r.proxy.refuse(cannotInsertNull, keys...))
			for _, size := range tc.batches {
				r.publish(bus.LaneArchive, posts(last, last+size)...)
				last += size
			}
			run := r.start(quick())
			run.awaitAcked(uint64(len(tc.batches)))
			r.wantPosts(0, last, culprits...)
			r.wantFailed(want...)
			if n := run.stats.Redelivered.Load(); n != 0 {
				t.Errorf("%d messages had to be delivered again", n)
			}
			run.stop()
		})
	}
}

func TestARefusedBatchKeepsItsBadRecordsApart(t *testing.T) {
	r := newRig(t)
	r.proxy.onInsert(r.proxy.refuse(cannotInsertNull, keyOf(5)))
	records := posts(0, 40)
	records[5+16] = []byte("\xff\xff is no record")
	r.publish(bus.LaneLive, records...)
	run := r.start(quick())
	run.awaitAcked(1)
	r.wantPosts(0, 40, 5, 5+16)
	r.wantFailed(failed{"refused", string(post(5))}, failed{"bad_record", "\xff\xff is no record"})
}

func TestClickHouseMayGoAwayWhileABatchIsTakenApart(t *testing.T) {
	r := newRig(t)
	refuse := r.proxy.refuse(cannotInsertNull, keyOf(70))
	var seen atomic.Int64
	r.proxy.onInsert(func(w http.ResponseWriter, req *http.Request) {
		if n := seen.Add(1); n >= 6 && n < 9 {
			reset(w, req)
			return
		}
		refuse(w, req)
	})
	r.publish(bus.LaneArchive, posts(0, 100)...)
	run := r.start(quick())
	run.awaitAcked(1)
	if n := seen.Load(); n < 9 {
		t.Errorf("%d inserts came, too few to have met the outage", n)
	}
	r.wantPosts(0, 100, 70)
	r.wantFailed(failed{"refused", string(post(70))})
}

func TestAStopWhileABatchIsTakenApartLosesNothing(t *testing.T) {
	r := newRig(t)
	refuse := r.proxy.refuse(cannotInsertNull, keyOf(70))
	h := r.proxy.holdInserts()
	h.then = refuse
	r.publish(bus.LaneArchive, posts(0, 100)...)
	first := r.start(quick())
	for range 5 { // the batch, the delivery alone, and three of its parts
		h.next(t)
	}
	first.cancel()
	h.open()
	first.stop()
	if n := first.stats.Acked.Load(); n != 0 {
		t.Errorf("%d messages are acknowledged", n)
	}
	r.proxy.onInsert(refuse)
	r.start(quick()).awaitAcked(1)
	r.wantPosts(0, 100, 70)
	r.wantFailed(failed{"refused", string(post(70))})
}
