package telegram

import (
	"fmt"
	"testing"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// repolled is a rig whose re-poll asks soon, and whose tail hears of nothing.
func repolled(t *testing.T, posts int) (*rig, *fake.Channel) {
	t.Helper()
	r := newRig(t, fake.Options{})
	r.cfg.Repoll = []time.Duration{time.Second, 2 * time.Second}
	r.cfg.SecondLook = time.Second
	r.cfg.Poll = time.Hour
	c := r.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "harbour_watch", Title: "Harbour watch", Created: time.Now()})
	for i := range posts {
		c.Post(text(fmt.Sprint("post ", i)))
	}
	r.watch(byName("harbour", "harbour_watch"))
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.count(c) == posts && r.raw.covered(c, complete, 1, posts) })
	c.Quiet(true)
	return r, c
}

func TestTheRepollFindsWhatNobodyTold(t *testing.T) {
	r, c := repolled(t, 5)
	c.SetViews(1, 4711, 12)
	c.Edit(2, func(m *tg.Message) { m.Message = "edited" })
	c.Delete(3)
	c.Edit(4, func(m *tg.Message) {
		m.RestrictionReason = []tg.RestrictionReason{{Platform: "all", Reason: "terms", Text: "not shown"}}
		m.EditHide = true
	})
	r.eventually("counters", func() bool {
		r.raw.mu.Lock()
		defer r.raw.mu.Unlock()
		for _, o := range r.raw.observations {
			if o.GetPostId() == "1" && o.GetCounters().GetViewCount() == 4711 && o.GetState() == stateUp {
				return true
			}
		}
		return false
	})
	r.eventually("an edit", func() bool { return r.raw.seen(c, 2, stateEdited) == 1 && r.raw.post(c, 2).GetText() == "edited" })
	r.eventually("a restriction", func() bool { return r.raw.seen(c, 4, stateRestricted) > 0 })
	r.eventually("a deletion, at two looks", func() bool { return r.raw.seen(c, 3, stateGone) == 2 })
	for id := 6; id < 10; id++ {
		if r.raw.seen(c, id, stateGone) > 0 {
			t.Errorf("%d never was a post, and is observed as gone", id)
		}
	}
	looks := r.raw.seen(c, 5, stateUp)
	r.eventually("the last stage begins anew", func() bool { return r.raw.seen(c, 5, stateUp) > looks+1 })
	if n := r.raw.seen(c, 3, stateGone); n != 2 {
		t.Errorf("a post that is surely gone was looked for %d times", n)
	}
	if n := r.raw.seen(c, 2, stateEdited); n != 1 {
		t.Errorf("one edit is %d observations", n)
	}
}

func TestARestrictionThatIsLiftedIsSeen(t *testing.T) {
	r, c := repolled(t, 2)
	restrict := func(reasons ...tg.RestrictionReason) {
		c.Edit(2, func(m *tg.Message) { m.RestrictionReason, m.EditHide = reasons, true })
	}
	restrict(tg.RestrictionReason{Platform: "android", Reason: "copyright"})
	r.eventually("it is restricted", func() bool { return r.raw.seen(c, 2, stateRestricted) > 0 })
	restrict()
	r.eventually("it is back", func() bool { return r.raw.seen(c, 2, stateBack) == 1 })
	r.eventually("and stays", func() bool { return r.raw.seen(c, 2, stateUp) > 0 })
}

func TestADeletionThatWasToldGetsASecondLook(t *testing.T) {
	r := newRig(t, fake.Options{})
	r.cfg.SecondLook = time.Second
	c := r.harbour(3)
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.covered(c, complete, 1, 3) })
	c.Delete(2)
	r.eventually("both looks", func() bool { return r.raw.seen(c, 2, stateGone) == 2 })
}

func TestTheScheduleSurvivesARestart(t *testing.T) {
	r, c := repolled(t, 3)
	r.eventually("a look", func() bool { return r.raw.seen(c, 3, stateUp) > 0 })
	r.stop()
	c.Delete(1)
	r.start()
	r.eventually("it goes on", func() bool { return r.raw.seen(c, 1, stateGone) == 2 })
}

// When a new post is due is known from the push: to ask for it earlier would be a
// call for nothing, one a post and stage.
func TestNewPostsAreNotAskedForBeforeTheyAreDue(t *testing.T) {
	r, c := followed(t)
	calls := r.callsOf("channels.getMessages")
	for i := range 5 {
		r.arrives(c, fmt.Sprint("new ", i))
	}
	if n := r.callsOf("channels.getMessages") - calls; n != 0 {
		t.Errorf("%d calls for posts that are not due for an hour", n)
	}
}
