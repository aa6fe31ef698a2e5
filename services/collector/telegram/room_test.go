package telegram

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// fill leaves no room in CURSORS for a byte, and returns what makes room again.
func (r *rig) fill() (empty func()) {
	r.t.Helper()
	bucket, err := r.bus.Conn.Bucket(r.within(), bus.BucketCursors)
	if err != nil {
		r.t.Fatal(err)
	}
	var names []string
	for _, size := range []int{256 << 10, 8 << 10, 128, 0} {
		for n := 0; ; n++ {
			name := fmt.Sprintf("ballast.%d.%d", size, n)
			if _, err := bucket.Store(r.within(), name, make([]byte, size), 0); err != nil {
				break
			}
			names = append(names, name)
		}
	}
	return func() {
		r.t.Helper()
		for _, name := range names[:min(len(names), 40)] {
			if err := bucket.Delete(r.within(), name); err != nil {
				r.t.Fatal(err)
			}
		}
	}
}

// why is what the collector itself says of a channel; it cannot be read from the
// bucket.
func (r *rig) why(label string) string {
	for _, ch := range r.collector.now(time.Now()).Channels {
		if ch.Label == label {
			return ch.Why
		}
	}
	return ""
}

// What is read while CURSORS is full is on RAW, and the place behind it is not
// taken: another process begins before it.
func TestAFullBucketOfCursorsStopsTheLegsAndLosesNothing(t *testing.T) {
	r, c := followed(t)
	empty := r.fill()
	other := r.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "pier_watch", Title: "Pier watch", Created: time.Now()})
	other.Say("before there is room")
	r.watch(byName("pier", "pier_watch"))
	var ids []int
	for range 20 {
		ids = append(ids, c.Say("while it is full"))
	}
	for _, label := range []string{"harbour", "pier"} {
		r.eventually("it is said of "+label, func() bool {
			return strings.Contains(r.why(label), "the CURSORS bucket is full: ") && strings.Contains(r.why(label), "raise provisioner.bucket_max_bytes")
		})
	}
	records := r.raw.recorded()
	asked := r.callsOf("contacts.resolveUsername")
	r.eventually("it is tried again", func() bool { return strings.Count(r.log.String(), "bucket_full") > 1 })
	if n := r.raw.recorded() - records; n > 0 {
		t.Errorf("%d records were sent again because the place behind them is not kept", n)
	}
	var kept tailState
	if _, err := r.shelf().Load(r.within(), fmt.Sprintf("channel/%d/tail", c.ID()), &kept); err != nil || kept.Pts >= c.Pts() {
		t.Errorf("the place that is kept is %d of %d: %v", kept.Pts, c.Pts(), err)
	}
	if n := r.callsOf("contacts.resolveUsername"); n > asked || n > 2 {
		t.Errorf("handles were asked for %d times because the answer is not kept", n)
	}
	r.stop()
	c.Say("while nobody looks")
	r.start()
	empty()
	r.eventually("all of it is on RAW", func() bool { return r.raw.count(c) == 5+len(ids)+1 && r.raw.count(other) == 1 })
	r.eventually("the place is kept", func() bool {
		_, err := r.shelf().Load(r.within(), fmt.Sprintf("channel/%d/tail", c.ID()), &kept)
		return err == nil && kept.Pts == c.Pts() && r.why("harbour") == "" && r.why("pier") == ""
	})
}
