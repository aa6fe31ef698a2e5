package recorder_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

func TestWhileInsertsFailNothingIsAcknowledgedAndThenAllIsThereOnce(t *testing.T) {
	reason := func(code, text string) func(*proxy) http.HandlerFunc {
		return func(*proxy) http.HandlerFunc { return answer(code, text) }
	}
	r := newRig(t)
	for i, tc := range []struct {
		name, class string
		fault       func(*proxy) http.HandlerFunc
	}{
		{"the connection breaks while the rows are sent", "retry", func(*proxy) http.HandlerFunc { return reset }},
		{"the rows are stored and the answer never comes", "retry", func(p *proxy) http.HandlerFunc { return p.swallow }},
		{"an error without a code", "retry", reason("", "")},
		{"out of memory", "retry", reason("241", "memory limit (MEMORY_LIMIT_EXCEEDED)")},
		{"too many parts", "retry", reason("252", "slow down (TOO_MANY_PARTS)")},
		{"the tables are not there yet", "retry", reason("60", "no table (UNKNOWN_TABLE)")},
		{"the tables are of another version", "statement", reason("16", "no column (NO_SUCH_COLUMN_IN_TABLE)")},
		{"the account may not insert", "statement", reason("497", "no grant (ACCESS_DENIED)")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			from := 100 * i
			r.proxy.onInsert(tc.fault(r.proxy))
			run := r.start(quick())
			for n := range 4 {
				r.publish(bus.LaneArchive, posts(from+20*n, from+20*n+20)...)
			}
			r.publish(bus.LaneLive, posts(from+80, from+100)...)
			r.proxy.awaitInserts(3)
			if n := run.stats.Acked.Load(); n != 0 {
				t.Errorf("%d messages were acknowledged", n)
			}
			r.proxy.onInsert(nil)
			run.awaitAcked(5)
			r.wantPosts(0, from+100)
			if n, _ := run.metric("doxtrail_recorder_insert_retries_total", tc.class); n < 3 {
				t.Errorf("%v failed attempts of class %s are counted, want 3 or more", n, tc.class)
			}
			if n := run.stats.Redelivered.Load(); n != 0 {
				t.Errorf("%d messages were delivered again", n)
			}
			r.wantFailed()
			run.stop()
		})
	}
}

func TestClickHouseMayBeAwayForAWhile(t *testing.T) {
	r := newRig(t)
	run := r.start(quick())
	r.publish(bus.LaneArchive, posts(0, 10)...)
	run.awaitAcked(1)
	r.proxy.shut()
	for n := 1; n < 8; n++ {
		r.publish(bus.LaneArchive, posts(10*n, 10*n+10)...)
	}
	eventually(t, "inserts were refused", func() bool {
		n, _ := run.metric("doxtrail_recorder_insert_retries_total", "retry")
		return n >= 3
	})
	if n := run.stats.Acked.Load(); n != 1 {
		t.Errorf("%d messages are acknowledged, want the one from before", n)
	}
	r.proxy.listen()
	run.awaitAcked(8)
	r.wantPosts(0, 80)
}

func TestARestartInMidBatchGivesTheSameRows(t *testing.T) {
	r := newRig(t)
	// The rows are stored, but the recorder never learns of it.
	r.proxy.onInsert(r.proxy.swallow)
	first := r.start(quick())
	for n := range 4 {
		r.publish(bus.LaneArchive, posts(10*n, 10*n+10)...)
	}
	r.awaitRows(40)
	before := r.stored()
	first.stop()
	if n := first.stats.Acked.Load(); n != 0 {
		t.Fatalf("%d messages were acknowledged", n)
	}
	r.proxy.onInsert(nil)
	second := r.start(quick())
	second.awaitAcked(4)
	if n := second.stats.Redelivered.Load(); n != 4 {
		t.Errorf("%d messages were delivered again, want 4", n)
	}
	if diff := cmp.Diff(before, r.stored()); diff != "" {
		t.Errorf("rows (-before +after):\n%s", diff)
	}
}

func TestTheSameBatchTwiceGivesTheSameRows(t *testing.T) {
	r := newRig(t)
	run := r.start(quick())
	r.publish(bus.LaneArchive, posts(0, 30)...)
	run.awaitAcked(1)
	before := r.stored()
	r.publish(bus.LaneArchive, posts(0, 30)...)
	r.publish(bus.LaneLive, posts(10, 20)...)
	run.awaitAcked(3)
	if diff := cmp.Diff(before, r.stored()); diff != "" {
		t.Errorf("rows (-before +after):\n%s", diff)
	}
}

func TestAStopWaitsForTheInsertThatIsUnderWay(t *testing.T) {
	r := newRig(t)
	h := r.proxy.holdInserts()
	run := r.start(quick())
	r.publish(bus.LaneArchive, posts(0, 10)...)
	r.proxy.awaitInserts(1)
	run.cancel()
	h.open()
	run.stop()
	if n := run.stats.Acked.Load(); n != 1 {
		t.Errorf("%d messages are acknowledged, want 1", n)
	}
	r.wantPosts(0, 10)
}

func TestAStopWhileClickHouseIsAwayGivesBackWhatIsInHand(t *testing.T) {
	r := newRig(t)
	cfg := quick()
	cfg.InsertTimeout = time.Hour // a stop that waited for this would not end
	r.proxy.onInsert(answer("241", "memory limit (MEMORY_LIMIT_EXCEEDED)"))
	run := r.start(cfg)
	r.publish(bus.LaneArchive, posts(0, 10)...)
	r.publish(bus.LaneLive, posts(10, 20)...)
	r.proxy.awaitInserts(2)
	run.stop()
	if acked, left := run.stats.Acked.Load(), run.stats.InHand.Load(); acked != 0 || left != 0 {
		t.Errorf("%d messages are acknowledged and %d still in hand", acked, left)
	}
	r.proxy.onInsert(nil)
	r.start(quick()).awaitAcked(2)
	r.wantPosts(0, 20)
}
