package twitter

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// Somebody who can write to NATS changes what the collector keeps there.

// kept reads all values of a bucket under the collector's keys.
func (r *streamRig) kept(bucket string) (b *bus.Bucket, values map[string][]byte) {
	r.t.Helper()
	b, err := r.bus.Conn.Bucket(r.within(), bucket)
	if err != nil {
		r.t.Fatal(err)
	}
	keys, err := b.Keys(r.within(), Name)
	if err != nil {
		r.t.Fatal(err)
	}
	values = map[string][]byte{}
	for _, key := range keys {
		if values[key], _, err = b.Load(r.within(), key); err != nil {
			r.t.Fatal(err)
		}
	}
	return b, values
}

// put writes a value over whatever is there.
func (r *streamRig) put(b *bus.Bucket, key string, value []byte) {
	r.t.Helper()
	if err := b.Change(r.within(), key, func([]byte) ([]byte, error) { return value, nil }); err != nil {
		r.t.Fatal(err)
	}
}

// settled is a rig whose collector has run with all its legs and was stopped.
func settled(t *testing.T) *streamRig {
	t.Helper()
	r := wholeRig(t, fake.Options{})
	r.start()
	r.open()
	r.arrives(r.happens(3)...)
	r.eventually("all legs have asked", func() bool {
		return !slices.ContainsFunc(asked(), func(method string) bool { return r.fake.Count(method) == 0 })
	})
	r.closed(1)
	r.reports("how it is", func(got Report) bool { return len(got.Legs) > 5 })
	r.stop()
	return r
}

// shows waits until the collector itself says how it is: its report may be one of the
// cursors that were changed.
func (r *streamRig) shows(what string, ok func(Report) bool) {
	r.t.Helper()
	r.eventually("the collector shows "+what, func() bool { return ok(r.collector.now(time.Now())) })
}

// says says whether a report tells of a text, of the whole or of a leg.
func says(got Report, text string) bool {
	return strings.Contains(got.Why, text) || slices.ContainsFunc(got.Legs, func(l LegReport) bool { return strings.Contains(l.Why, text) })
}

// A byte is changed in each of them in turn. Nothing of it is taken over, status says
// so, and with the old value all goes on.
func TestAChangedCursorIsNotTakenOver(t *testing.T) {
	r := settled(t)
	b, values := r.kept(bus.BucketCursors)
	if len(values) < 8 {
		t.Fatalf("only %d cursors", len(values))
	}
	said := 0
	for key := range values {
		value, _, err := b.Load(r.within(), key) // the runs before have written it
		if err != nil {
			t.Fatal(err)
		}
		if len(value) == 0 {
			continue // a page of what is known may be gone by now
		}
		changed := slices.Clone(value)
		changed[len(changed)/2] ^= 1
		r.put(b, key, changed)
		before := time.Now()
		r.start()
		r.shows("that it runs, or what is wrong", func(got Report) bool {
			if says(got, "open cursor") {
				said++
				return true
			}
			return got.State == StateCollecting && r.fake.Streams() == 1 && time.Since(before) > time.Second/2
		})
		r.stop()
		r.put(b, key, value)
	}
	if said < len(values)-2 {
		t.Errorf("%d changed cursors were said of %d", said, len(values))
	}
	r.start()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.closed(2)
	r.everything()
	r.tongue()
}

// A value under the key of another is not taken over either.
func TestCursorsThatAreSwappedAreNotTakenOver(t *testing.T) {
	r := settled(t)
	b, values := r.kept(bus.BucketCursors)
	var before string
	for key := range values {
		if before != "" {
			r.put(b, key, values[before])
		}
		before = key
	}
	r.start()
	r.shows("what is wrong", func(got Report) bool { return says(got, "open cursor") })
	r.stop()
	for key, value := range values {
		r.put(b, key, value)
	}
	r.start()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.closed(2)
	r.everything()
	r.tongue()
}

// Values of yesterday make the collector read again; nothing is missing.
func TestCursorsOfYesterdayLoseNothing(t *testing.T) {
	r := settled(t)
	b, old := r.kept(bus.BucketCursors)
	r.start()
	r.open()
	r.arrives(r.happens(3)...)
	r.closed(2)
	r.stop()
	for key, value := range old {
		r.put(b, key, value)
	}
	r.start()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.closed(3)
	r.everything()
	r.tongue()
}

// What was spent is not guessed where it cannot be read: nothing is asked of X.
func TestABudgetThatIsNoneIsSaid(t *testing.T) {
	r := settled(t)
	b, values := r.kept(bus.BucketBudgets)
	for _, bad := range []string{"no budget", `{"month":202611,"spent":{"money":-5}}`, "{}"} {
		for key := range values {
			r.put(b, key, []byte(bad))
		}
		calls := len(r.fake.Calls())
		r.start()
		r.state(StateTrouble, "BUDGETS")
		r.stop()
		if n := len(r.fake.Calls()); n != calls {
			t.Errorf("%d calls were made", n-calls)
		}
	}
	for key, value := range values {
		r.put(b, key, value)
	}
	r.start()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.tongue()
}
