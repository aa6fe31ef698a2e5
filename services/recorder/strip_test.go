package recorder_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const twitter = doxtrailv1.Platform_PLATFORM_TWITTER

// gone is X's own word that the nth post is not there any more.
func gone(n int) []byte {
	record, err := proto.Marshal(doxtrailv1.Observation_builder{
		PostKey: keyOf(n), ChannelKey: []byte("a channel's key."), State: doxtrailv1.ObservationState_OBSERVATION_STATE_GONE.Enum(),
		ObservedAt: proto.Int64(1_600_000_000_000), Source: proto.String("compliance"), Generation: proto.Uint64(1),
	}.Build())
	if err != nil {
		panic(err)
	}
	return record
}

func (r *rig) publishX(kind bus.Kind, records ...[]byte) {
	r.t.Helper()
	r.publishAs(bus.Subject{Stage: bus.StageRecords, Lane: bus.LaneArchive, Kind: kind, Platform: twitter}, records...)
}

// lengths counts the posts of X that are rows, and the rows that say how long the
// first of them is, those that another stands before among them.
func (r *rig) lengths() (rows, known uint64) {
	r.t.Helper()
	var counted []struct {
		Rows  uint64 `ch:"rows"`
		Known uint64 `ch:"known"`
	}
	sql := fmt.Sprintf("SELECT uniqExact(post_key) AS rows, countIf(post_key = '%s' AND isNotNull(length)) AS known FROM posts WHERE platform = 'twitter' SETTINGS final = 0", uuid.UUID(keyOf(1)))
	if err := r.direct.SelectTables(r.within(), &counted, sql, nil); err != nil {
		r.t.Fatal(err)
	}
	return counted[0].Rows, counted[0].Known
}

// gauge is the value of a metric without labels.
func (run *running) gauge(name string) float64 {
	run.t.Helper()
	families, err := run.reg.Gather()
	if err != nil {
		run.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	return 0
}

// What a replay brings back of a post that is gone from X goes again, soon after
// it came, at a stop, and at the start after a process that was killed.
func TestPostsThatAreGoneFromXAreStripped(t *testing.T) {
	r := newRig(t)
	cfg := quick()
	cfg.StripWait = cfg.BatchWait
	run := r.start(cfg)
	r.publishX(bus.KindPosts, posts(1, 4)...)
	eventually(t, "three posts are rows", func() bool { rows, known := r.lengths(); return rows == 3 && known == 1 })
	r.publishX(bus.KindObservations, gone(1))
	eventually(t, "the one that is gone is stripped", func() bool { _, known := r.lengths(); return known == 0 })
	r.publishX(bus.KindPosts, posts(1, 3)...)
	eventually(t, "a replay is stripped", func() bool {
		n, _ := run.metric("doxtrail_recorder_stripped_rows_total", "posts")
		return n == 2
	})
	run.stop()

	// The next one looks at its start, and then, for an hour, not any more.
	cfg.StripWait = never
	run = r.start(cfg)
	eventually(t, "it has looked", func() bool { return run.gauge("doxtrail_recorder_strip_timestamp_seconds") > 0 })
	r.publishX(bus.KindPosts, posts(1, 2)...)
	eventually(t, "the post came again", func() bool { n, _ := run.metric("doxtrail_recorder_insert_rows_total", "posts"); return n == 1 })
	run.stop()
	if _, known := r.lengths(); known != 0 {
		t.Errorf("after a stop %d rows say how long the post was", known)
	}
	if n, _ := run.metric("doxtrail_recorder_stripped_rows_total", "posts"); n != 1 {
		t.Errorf("%v posts stripped at the stop, want 1", n)
	}
}
