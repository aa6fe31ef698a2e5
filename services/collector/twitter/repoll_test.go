package twitter

import (
	"fmt"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

// repollOf is the leg alone. With compliance on it knows nothing of the jobs, and makes
// no rounds.
func repollOf(a *app) leg {
	l := &repoll{app: a, shares: newShareList(a)}
	if a.cfg.Compliance.On {
		l.jobs = &jobTime{}
	}
	return l
}

// repolled is a rig whose collector knows some posts, the last of which is as old as
// the schedule wants it.
func repolled(t *testing.T, options fake.Options, posts int) (*againRig, []string) {
	t.Helper()
	r := newAgainRig(t, options, repollOf)
	r.cfg.Repoll = []time.Duration{200 * time.Millisecond}
	r.cfg.Shares = SharesConfig{}
	var ids []string
	for i := range posts {
		ids = append(ids, r.fake.Post("harbour", fmt.Sprint("post ", i)))
	}
	r.know()
	return r, ids
}

func TestALookupTellsEachState(t *testing.T) {
	bothSpellings(t, func(t *testing.T, options fake.Options) {
		r, ids := repolled(t, options, 6)
		hidden := r.fake.Post("quay", "hidden with its account")
		r.know()
		up, gone, edited, held, refused, private := ids[0], ids[1], ids[2], ids[3], ids[4], hidden
		r.fake.Delete(gone)
		second := r.fake.Edit(edited, "edited once")
		last := r.fake.Edit(second, "edited twice")
		r.fake.Withhold(held, "TR", "HK")
		r.fake.Answer(refused, fake.Disallowed)
		r.fake.Protect("quay")
		r.start()
		r.became(up, look.Up, 1)
		r.became(gone, look.Gone, 2)
		r.became(private, look.Private, 2)
		r.became(held, look.Restricted, 1)
		r.became(refused, look.Restricted, 1)
		r.became(edited, look.Edited, 2)
		r.eventually("the last version", func() bool { return r.raw.post(edited).GetText() == "edited twice" })
		r.stop()
		if o := r.raw.of(held)[0]; o.GetVantage() != "hk+tr" || len(o.GetRestrictions()) != 1 {
			t.Errorf("withheld: seen from %q, %v", o.GetVantage(), o.GetRestrictions())
		}
		for post, want := range map[string]mark{up: markUp, gone: markDown, private: markPrivate, held: markWithheld, refused: markWithheld, edited: markUp} {
			if got := r.markOf(post); got != want {
				t.Errorf("a post is marked %d, want %d", got, want)
			}
		}
		for _, o := range r.raw.of(edited) {
			if o.GetState() == look.Edited && o.GetObservedAt() != timeAt(second).UnixMilli() && o.GetObservedAt() != timeAt(last).UnixMilli() {
				t.Errorf("an edit is observed at %d, not at its own time", o.GetObservedAt())
			}
		}
	})
}

func TestWhatIsMissingIsToldAtTwoLooksAndNoMore(t *testing.T) {
	r, ids := repolled(t, fake.Options{}, 2)
	r.cfg.Repoll = []time.Duration{20 * time.Millisecond, 200 * time.Millisecond, time.Second}
	r.fake.Delete(ids[0])
	r.start()
	r.became(ids[0], look.Gone, 2)
	r.became(ids[1], look.Up, 6) // rounds go on, and ask for what is gone as well
	r.stop()
	if n := r.raw.seen(ids[0], look.Gone); n != 2 {
		t.Errorf("told %d times, want 2", n)
	}
}

func TestWhatComesBackIsToldAndMayGoAgain(t *testing.T) {
	r, ids := repolled(t, fake.Options{}, 1)
	r.fake.Protect("harbour")
	r.start()
	r.became(ids[0], look.Private, 2)
	r.fake.Unprotect("harbour")
	r.became(ids[0], look.Back, 1)
	r.became(ids[0], look.Up, 1)
	r.fake.Delete(ids[0])
	r.became(ids[0], look.Gone, 2)
	r.stop()
	if n := r.raw.seen(ids[0], look.Back); n != 1 {
		t.Errorf("back %d times", n)
	}
}

func TestWhatIsBackAtTheSecondLookIsNotGone(t *testing.T) {
	r, ids := repolled(t, fake.Options{}, 1)
	r.cfg.SecondLook = 400 * time.Millisecond
	r.cfg.Repoll = []time.Duration{time.Hour}
	r.knows[0].Mark = markGone
	r.start()
	r.became(ids[0], look.Back, 1)
	r.stop()
	if m := r.markOf(ids[0]); m != markUp {
		t.Errorf("it is marked %d", m)
	}
}

func TestWhatXSaysNothingOfIsAskedForAgain(t *testing.T) {
	r, ids := repolled(t, fake.Options{}, 2)
	r.cfg.Compliance.On = true // no rounds
	r.fake.Answer(ids[0], fake.Unavailable)
	r.start()
	r.became(ids[1], look.Up, 1)
	calls := r.fake.Count("posts")
	if err := r.fake.WaitCalls(r.within(), "posts", calls+2); err != nil {
		t.Fatal(err)
	}
	if n := len(r.raw.of(ids[0])); n != 0 {
		t.Errorf("%d observations of a post of which nothing is known", n)
	}
	r.fake.Answer(ids[0], "")
	r.became(ids[0], look.Up, 1)
}

func TestAnEditIsOneObservationHoweverOftenItIsSeen(t *testing.T) {
	r, ids := repolled(t, fake.Options{}, 1)
	r.fake.Edit(ids[0], "edited")
	r.start()
	r.became(ids[0], look.Up, 3)
	r.kill()
	r.became(ids[0], look.Up, 5)
	r.stop()
	if n := r.raw.seen(ids[0], look.Edited); n != 1 {
		t.Errorf("%d edits", n)
	}
}

// A process that is killed at any write tells every change once.
func TestAKilledRepollTellsEachChangeOnce(t *testing.T) {
	for writes := range 14 {
		t.Run(fmt.Sprint("after ", writes, " writes"), func(t *testing.T) {
			r, ids := repolled(t, fake.Options{}, 3)
			r.cfg.Compliance.On = true // no rounds
			r.fake.Delete(ids[1])
			b := r.breakAfter(writes)
			r.start()
			r.eventually("it is killed, or through", func() bool { return b.is() || r.raw.seen(ids[1], look.Gone) == 2 })
			r.kill()
			r.became(ids[1], look.Gone, 2)
			r.became(ids[0], look.Up, 1)
			r.became(ids[2], look.Up, 1)
			r.eventually("it is known to be gone", func() bool { return r.collector.knows(ids[1]) == markDown })
			r.stop()
			if n := r.raw.seen(ids[1], look.Gone); n != 2 {
				t.Errorf("%d times gone, want 2", n)
			}
		})
	}
}

func TestWhatALookupFindsWhileNATSIsAwayIsToldOnce(t *testing.T) {
	r, ids := repolled(t, fake.Options{}, 3)
	r.cfg.Compliance.On = true // no rounds
	r.fake.Delete(ids[1])
	release := r.fake.Hold("posts")
	r.start()
	r.state(StateCollecting, "")
	r.bus.Stop()
	release()
	r.bus.Restart()
	r.became(ids[1], look.Gone, 2)
	r.became(ids[0], look.Up, 1)
	r.became(ids[2], look.Up, 1)
	r.eventually("it is known to be gone", func() bool { return r.collector.knows(ids[1]) == markDown })
	r.stop()
	if n := r.raw.seen(ids[1], look.Gone); n != 2 {
		t.Errorf("%d times gone, want 2", n)
	}
}

func TestALookupWaitsForTheBudgetOfTheNextMonth(t *testing.T) {
	r, ids := repolled(t, fake.Options{}, 2)
	begin := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	late := r.months(begin)
	r.cfg.Budget.MoneyPerMonth, r.cfg.Budget.LivePercent = "0.10", 0 // one look at two posts may cost 0.09
	r.start()
	r.became(ids[1], look.Up, 1)
	r.reports("a leg that waits", func(got Report) bool {
		for _, l := range got.Legs {
			if l.Name == repollName {
				return l.State == "spent"
			}
		}
		return false
	})
	calls := r.fake.Count("posts")
	late.Store(int64(11 * 24 * time.Hour))
	if err := r.fake.WaitCalls(r.within(), "posts", calls+1); err != nil {
		t.Fatal(err)
	}
}
