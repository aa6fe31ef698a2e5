package twitter

import (
	"fmt"
	"testing"
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// wasAt says that an earlier process had the stream up to a time.
func (r *streamRig) wasAt(at time.Time) {
	r.t.Helper()
	shelf := r.shelf()
	if _, err := shelf.Load(r.within(), streamName, &streamState{}); err != nil {
		r.t.Fatal(err)
	}
	if err := shelf.Save(r.within(), streamName, streamState{Sure: at.UnixMilli(), Covered: at.UnixMilli()}); err != nil {
		r.t.Fatal(err)
	}
}

const day = 24 * time.Hour

func TestALongGapIsReadPageByPage(t *testing.T) {
	r := newStreamRig(t, fake.Options{PageLimit: 10})
	from := time.Now().Add(-2 * day)
	r.wasAt(from)
	var ids []string
	for i := range 45 {
		ids = append(ids, r.fake.Post("invented_a", fmt.Sprintf("%s %d", seenAt, i), fake.At(from.Add(time.Duration(i+1)*time.Hour))))
	}
	r.fake.EmptyPages(2)
	r.start()
	r.arrives(ids...)
	r.closed(1)
	r.eventually("the list of gaps is empty", func() bool { _, found := gapOf(r); return !found })
	if n := r.fake.Count("search.all"); n != 0 {
		t.Errorf("the full archive was asked %d times", n)
	}
}

func gapOf(r *streamRig) (gap, bool) {
	var list []gap
	if _, err := r.shelf().Load(r.within(), gapsName, &list); err != nil {
		r.t.Fatal(err)
	}
	if len(list) == 0 {
		return gap{}, false
	}
	return list[0], true
}

func TestAGapGoesOnAfterAKill(t *testing.T) {
	r := newStreamRig(t, fake.Options{PageLimit: 10})
	from := time.Now().Add(-2 * day)
	r.wasAt(from)
	var ids []string
	for i := range 45 {
		ids = append(ids, r.fake.Post("invented_a", fmt.Sprintf("%s %d", seenAt, i), fake.At(from.Add(time.Duration(i+1)*time.Hour))))
	}
	r.start()
	r.eventually("the first page is kept", func() bool { g, found := gapOf(r); return found && g.Until != 0 })
	release := r.fake.Hold("search.recent")
	asked := r.fake.Count("search.recent")
	r.stop()
	release()
	r.start()
	r.arrives(ids...)
	r.closed(2)
	if n := r.fake.Count("search.recent"); asked > 5 || n > 20 {
		t.Errorf("search was asked %d times, %d before the kill", n, asked)
	}
}

func TestAnOldGapIsReadFromTheFullArchive(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	from := time.Now().Add(-20 * day)
	r.wasAt(from)
	old := r.fake.Post("invented_a", seenAt, fake.At(from.Add(day)))
	r.start()
	r.arrives(old)
	r.closed(1)
	if n := r.fake.Count("search.recent"); n != 0 {
		t.Errorf("recent search was asked %d times", n)
	}
}

func TestAGapThatIsTooOldStaysInCoverage(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	from := time.Now().Add(-20 * day)
	r.wasAt(from)
	old := r.fake.Post("invented_a", seenAt, fake.At(from.Add(day)))
	recent := r.fake.Post("invented_a", seenAt, fake.At(time.Now().Add(-day)))
	r.fake.Fail("search.all", 403, -1)
	r.start()
	r.arrives(recent)
	r.eventually("all that can be read is read", func() bool { _, found := gapOf(r); return !found })
	holes := r.raw.holes(spanPosts)
	if len(holes) != 1 || holes[0].From != from.UnixMilli() {
		t.Errorf("the gaps in coverage are %v", holes)
	}
	if r.raw.post(old) != nil {
		t.Error("the old post came all the same")
	}
}

func TestWithoutTheStreamSearchIsPolled(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.cfg.Stream.On = false
	r.cfg.Search.Poll = 30 * time.Millisecond
	r.start()
	r.eventually("there is a position", func() bool {
		var s streamState
		_, err := r.shelf().Load(r.within(), streamName, &s)
		return err == nil && s.Sure > 0
	})
	first := r.fake.Post("invented_a", seenAt)
	r.arrives(first)
	r.stop()
	second := r.fake.Post("invented_a", seenAt)
	r.start()
	r.arrives(second)
	if n := r.raw.came(second, doxtrailv1.Leg_LEG_SEARCH); n == 0 {
		t.Error("it did not come by search")
	}
	if len(r.raw.holes(spanPosts)) != 0 || len(r.raw.holes(spanReposts)) == 0 {
		t.Error("coverage does not say that posts were read and reposts were not")
	}
}

func TestAQueryThatXDoesNotTakeLeavesTheGapOpen(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.wasAt(time.Now().Add(-time.Hour))
	r.fake.Fail("search.recent", 400, -1)
	r.start()
	r.reports("what is left out", func(got Report) bool {
		return len(got.LeftOut) == 1 && got.LeftOut[0] == LeftOut{"harbour", "a query that X does not take"}
	})
	r.eventually("the gap is told", func() bool { return len(r.raw.holes(spanPosts)) > 0 })
	r.stop()
	r.silent()
}
