package telegram

import (
	"fmt"
	"testing"
	"time"

	"github.com/gotd/td/tg"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

const complete, gap = doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE, doxtrailv1.CoverageState_COVERAGE_STATE_GAP

// harbour is a channel of the fake that is watched.
func (r *rig) harbour(posts int) *fake.Channel {
	r.t.Helper()
	c := r.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "harbour_watch", Title: "Harbour watch", Created: time.Now().AddDate(-1, 0, 0), Subscribers: 1200})
	for i := range posts {
		c.Post(text(fmt.Sprintf("post %d https://harbour-leaks.example/card/%d", i, i)))
	}
	r.watch(byName("harbour", "harbour_watch"))
	return c
}

func TestHistoryAndNewsComeToRaw(t *testing.T) {
	r := newRig(t, fake.Options{})
	c := r.harbour(250)
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.count(c) == 250 && r.raw.covered(c, complete, 1, 250) })

	id := c.Post(text("new"))
	r.eventually("what is pushed is on RAW", func() bool { return r.raw.post(c, id) != nil })
	c.Edit(id, func(m *tg.Message) { m.Message = "edited" })
	r.eventually("the edit is on RAW", func() bool {
		return r.raw.post(c, id).GetText() == "edited" && r.raw.seen(c, id, stateEdited) == 1
	})
	c.Delete(id, 7)
	r.eventually("the deletions are on RAW", func() bool {
		return r.raw.seen(c, id, stateGone) == 1 && r.raw.seen(c, 7, stateGone) == 1
	})
}

func TestWhatHappenedWhileNobodyLookedComesWithTheNextStart(t *testing.T) {
	r := newRig(t, fake.Options{})
	c := r.harbour(20)
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.count(c) == 20 && r.raw.covered(c, complete, 1, 20) })
	r.stop()
	var ids []int
	for i := range 9 {
		ids = append(ids, c.Post(text(fmt.Sprint("away ", i))))
	}
	for i := range 4 {
		c.Edit(i+1, func(m *tg.Message) { m.Message = "edited while away" })
	}
	c.Delete(10, 11, ids[0])
	r.start()
	r.eventually("all of it is on RAW", func() bool {
		return r.raw.post(c, ids[8]) != nil && r.raw.post(c, 4).GetText() == "edited while away" &&
			r.raw.seen(c, 10, stateGone) == 1 && r.raw.seen(c, 11, stateGone) == 1 && r.raw.seen(c, ids[0], stateGone) == 1
	})
	for _, id := range ids[1:] {
		if r.raw.post(c, id) == nil {
			t.Errorf("post %d is missing", id)
		}
	}
}

func TestWhatTelegramSkipsIsAGapThatIsSwept(t *testing.T) {
	r := newRig(t, fake.Options{DifferenceLimit: 50})
	c := r.harbour(10)
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.covered(c, complete, 1, 10) })
	r.stop()
	c.Edit(3, func(m *tg.Message) { m.Message = "edited unheard" })
	c.Delete(5)
	for i := range 200 {
		c.Post(text(fmt.Sprint("away ", i)))
	}
	r.start()
	r.eventually("the gap is swept", func() bool { return r.raw.count(c) == 210 && r.raw.covered(c, complete, 1, 210) })
	if !r.raw.covered(c, gap, 11, 210) {
		t.Error("the gap was not reported")
	}
	if r.raw.covered(c, gap, 10, 10) {
		t.Error("what was read before it is reported as a gap, and swept again")
	}
	r.eventually("edits and deletions of the gap are found", func() bool {
		return r.raw.post(c, 3).GetText() == "edited unheard" && r.raw.seen(c, 3, stateEdited) == 1 && r.raw.seen(c, 5, stateGone) == 1
	})
	r.stop()
	r.start() // and not again
	r.arrives(c, "after it")
	if n := r.raw.seen(c, 5, stateGone); n != 1 {
		t.Errorf("one deletion is %d observations", n)
	}
}
