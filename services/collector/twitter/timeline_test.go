package twitter

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

// reader is a rig whose collector reads timelines.
func reader(t *testing.T, options fake.Options, reach int) *againRig {
	t.Helper()
	var of *roster
	r := newAgainRig(t, options, func(a *app) leg {
		of = newRoster(a)
		of.reach = reach
		return &timelines{app: a, roster: of}
	}, func(a *app) leg { return &histories{app: a, roster: of} })
	return r
}

func onX(label, id, name string) watchlist.Channel {
	return watchlist.Channel{Label: label, Platform: "twitter", ID: id, Name: name}
}

// arrived waits until posts are on RAW.
func (r *againRig) arrived(ids ...string) {
	r.t.Helper()
	for _, id := range ids {
		r.eventually("a post", func() bool { return r.raw.post(id) != nil })
	}
}

// coveredOf counts reports of coverage of an account.
func (r *againRig) coveredOf(account string, state doxtrailv1.CoverageState, fit func(*doxtrailv1.RawCoverage) bool) int {
	return r.raw.covered(state, func(c *doxtrailv1.RawCoverage) bool { return c.GetChannelId() == account && fit(c) })
}

// left waits until the report says that an account is not read.
func (r *againRig) left(label, why string) {
	r.t.Helper()
	r.reports(why, func(got Report) bool {
		for _, l := range got.LeftOut {
			if l.Label == label && strings.Contains(l.Why, why) {
				return true
			}
		}
		return false
	})
}

func TestATimelineIsReadFromItsBeginningAndAsItGrows(t *testing.T) {
	bothSpellings(t, func(t *testing.T, options fake.Options) {
		options.PageLimit = 3
		r := reader(t, options, timelineReach)
		id := r.fake.Account(fake.AccountSpec{Username: "harbour_watch", Followers: 4711})
		var ids []string
		for i := range 10 {
			ids = append(ids, r.fake.Post("harbour_watch", fmt.Sprint("post ", i)))
		}
		original := r.fake.Post("pier", "somebody else's")
		ids = append(ids, r.fake.Repost("harbour_watch", original))
		r.watch(onX("harbour", "", "@Harbour_Watch"))
		r.start()
		r.arrived(ids...)
		created := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
		r.eventually("the whole history is covered", func() bool {
			return r.coveredOf(id, spanComplete, func(c *doxtrailv1.RawCoverage) bool { return c.GetFromAt() == created }) > 0
		})
		fresh := []string{r.fake.Post("harbour_watch", "new"), r.fake.Repost("harbour_watch", original), r.fake.Edit(ids[0], "edited")}
		r.arrived(fresh[:2]...)
		r.eventually("the edit", func() bool { return r.raw.post(ids[0]).GetText() == "edited" && r.raw.seen(ids[0], look.Edited) == 1 })
		r.eventually("the account is looked at", func() bool {
			for _, o := range r.raw.of("") {
				if o.GetChannelId() == id && o.GetState() == look.Up && o.GetCounters().GetAudience() == 4711 {
					return true
				}
			}
			return false
		})
		if r.raw.post(original) != nil {
			t.Error("a post of an account that is not watched was put on RAW")
		}
		if k := r.raw.post(fresh[1]).GetKind(); k != doxtrailv1.PostKind_POST_KIND_REPOST {
			t.Errorf("a repost came as %v", k)
		}
		calls := r.fake.Count("users")
		r.kill()
		more := r.fake.Post("harbour_watch", "newer")
		r.arrived(more)
		r.stop()
		if n := r.fake.Count("users"); n != calls {
			t.Errorf("who it is was asked %d times more after a restart", n-calls)
		}
		for _, id := range append(ids[:10:10], more) {
			if m := r.markOf(id); m != markUp {
				t.Errorf("a post that RAW has is marked %d", m)
			}
		}
	})
}

func TestWhatXDoesNotShowOfATimelineIsAGap(t *testing.T) {
	r := reader(t, fake.Options{TimelineLimit: 20}, 20)
	id := r.fake.Account(fake.AccountSpec{Username: "harbour_watch"})
	var ids []string
	for i := range 30 {
		ids = append(ids, r.fake.Post("harbour_watch", fmt.Sprint("post ", i)))
	}
	r.watch(onX("harbour", id, ""))
	r.start()
	r.arrived(ids[10:]...)
	oldest := timeAt(ids[10]).UnixMilli()
	r.eventually("a gap", func() bool {
		return r.coveredOf(id, spanGap, func(c *doxtrailv1.RawCoverage) bool { return c.GetToAt() == oldest }) == 1
	})
	r.stop()
	for i := range 25 {
		ids = append(ids, r.fake.Post("harbour_watch", fmt.Sprint("more ", i)))
	}
	r.start()
	r.arrived(ids[35:]...)
	missed := timeAt(ids[35]).UnixMilli()
	r.eventually("another gap", func() bool {
		return r.coveredOf(id, spanGap, func(c *doxtrailv1.RawCoverage) bool { return c.GetToAt() == missed }) == 1
	})
}

func TestWhoTakesAHandleOverIsNotRead(t *testing.T) {
	r := reader(t, fake.Options{}, timelineReach)
	r.fake.Account(fake.AccountSpec{Username: "harbour_watch"})
	first := r.fake.Post("harbour_watch", "first")
	r.watch(onX("harbour", "", "harbour_watch"))
	r.start()
	r.arrived(first)
	r.fake.Rename("harbour_watch", "pier_watch")
	r.yesterday()
	second := r.fake.Post("pier_watch", "second, under another handle")
	r.start()
	r.arrived(second)
	other := r.fake.Post("harbour_watch", "by somebody else")
	r.yesterday()
	r.start()
	r.left("harbour", "another account")
	r.stop()
	if r.raw.post(other) != nil {
		t.Error("the other account was read")
	}
}

// yesterday ends the collector, and what it looked at was a day ago.
func (r *againRig) yesterday() {
	r.t.Helper()
	r.stop()
	s := r.shelf()
	name := (&account{watch: watchID(r.deps.Key, "channel", "harbour")}).cursor()
	var state accountState
	_, err := s.Load(r.within(), name, &state)
	if err == nil {
		state.LookedAt -= accountEvery.Milliseconds()
		err = s.Save(r.within(), name, state)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestAnAccountThatIsClosedIsReadWhenItOpens(t *testing.T) {
	r := reader(t, fake.Options{}, timelineReach)
	id := r.fake.Account(fake.AccountSpec{Username: "harbour_watch", Protected: true})
	post := r.fake.Post("harbour_watch", "hidden for now")
	r.watch(onX("harbour", id, "harbour_watch"), onX("nobody", "", "nobody_has_it"))
	r.start()
	r.left("harbour", "protected")
	r.left("nobody", "no account has this handle")
	r.eventually("it is observed to be private", func() bool {
		list := r.raw.of("")
		return len(list) == 1 && list[0].GetChannelId() == id && list[0].GetState() == look.Private
	})
	r.fake.Unprotect("harbour_watch")
	r.arrived(post)
}

func TestKilledWhileItReadsATimelineItReadsAllOfIt(t *testing.T) {
	for writes := range 12 {
		t.Run(fmt.Sprint("after ", writes, " writes"), func(t *testing.T) {
			r := reader(t, fake.Options{PageLimit: 3}, timelineReach)
			id := r.fake.Account(fake.AccountSpec{Username: "harbour_watch"})
			var ids []string
			for i := range 10 {
				ids = append(ids, r.fake.Post("harbour_watch", fmt.Sprint("post ", i)))
			}
			r.watch(onX("harbour", "", "harbour_watch"))
			b := r.breakAfter(writes)
			r.start()
			r.eventually("it is killed, or through", func() bool { return b.is() || r.raw.count() == 10 })
			r.kill()
			r.arrived(ids...)
			r.eventually("the first day is covered", func() bool {
				return r.coveredOf(id, spanComplete, func(c *doxtrailv1.RawCoverage) bool { return c.GetFromAt() < timeAt(ids[0]).UnixMilli() }) > 0
			})
		})
	}
}

func TestAHistoryWaitsForTheBudgetAndWhatIsNewDoesNot(t *testing.T) {
	r := reader(t, fake.Options{PageLimit: 3}, timelineReach)
	id := r.fake.Account(fake.AccountSpec{Username: "harbour_watch"})
	var ids []string
	for i := range 12 {
		ids = append(ids, r.fake.Post("harbour_watch", fmt.Sprint("post ", i)))
	}
	late := r.months(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	// A page may cost 4.50 and does cost some cents. Half is kept for what is new.
	r.cfg.Budget.MoneyPerMonth, r.cfg.Budget.LivePercent = "9.05", 50
	r.watch(onX("harbour", id, ""))
	r.start()
	r.reports("a history that waits", func(got Report) bool {
		for _, l := range got.Legs {
			if l.Name == historiesName {
				return l.State == "spent"
			}
		}
		return false
	})
	fresh := r.fake.Post("harbour_watch", "new")
	r.arrived(fresh)
	late.Store(int64(31 * 24 * time.Hour))
	r.cfg.Budget.MoneyPerMonth = "900"
	r.kill()
	r.arrived(ids...)
}
