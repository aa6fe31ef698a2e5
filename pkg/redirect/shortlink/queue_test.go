package shortlink_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink/shortlinktest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestAPostComesAgainWithWhatWasLearnt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unresolved := func(why redirect.Reason) redirect.Result {
			return redirect.Result{Outcome: redirect.Unresolved, Reason: why, Hops: 1}
		}
		r := newRig(t, map[string]redirect.Result{
			"https://bit.ly/resolved":  shortlinktest.Resolved("https://cards.example/1"),
			"https://bit.ly/watched":   {URL: "https://harbour-leaks.example/2", Outcome: redirect.Watched, Hops: 1},
			"http://is.gd/blocked":     {URL: "https://cards.example/3", Outcome: redirect.Blocked, Hops: 2},
			"https://bit.ly/withheld":  {Outcome: redirect.Blocked, Hops: 1},
			"https://bit.ly/gone":      unresolved(redirect.Gone),
			"https://bit.ly/inward":    unresolved(redirect.Refused),
			"https://bit.ly/slow":      unresolved(redirect.Slow),
			"https://bit.ly/page":      unresolved(redirect.NoTarget),
			"https://rb.gy/is-watched": {URL: "https://rb.gy/is-watched", Outcome: redirect.Watched},
		})
		defer r.run()()
		p := post("hxxps://bit[.]ly/resolved bit.ly/gone bit.ly/inward bit.ly/slow bit.ly/page bit.ly/withheld https://rb.gy/is-watched bit.ly/gone",
			marked("http://is.gd/blocked", textLink, ""), marked("https://bit.ly/watched", quoted, ""))
		h := live(p)
		h.Selection, h.Query = doxtrailv1.Selection_SELECTION_SEARCH, "a query"
		r.queue.Want(h, r)
		synctest.Wait()
		r.wantAsked() // nobody knows yet what is watched
		r.list()
		synctest.Wait()
		want := []string{
			"http://is.gd/blocked https://cards.example/3 TEXT_LINK BLOCKED_BY_PLATFORM",
			"https://bit.ly/watched https://harbour-leaks.example/2 QUOTED RESOLVED",
			"https://bit.ly/resolved https://cards.example/1 TEXT RESOLVED",
			"https://bit.ly/gone  TEXT GONE",
			"https://bit.ly/inward  TEXT REFUSED",
			"https://bit.ly/slow  TEXT UNANSWERED",
			"https://bit.ly/page  TEXT UNRESOLVED",
			"https://bit.ly/withheld  TEXT BLOCKED_BY_PLATFORM",
		}
		if diff := cmp.Diff(want, r.learnt()); diff != "" {
			t.Errorf("learnt (-want +got):\n%s", diff)
		}
		if len(p.GetLinks()) != 2 {
			t.Error("the collector's own post was changed")
		}
		again := r.sent[0]
		if !again.Again || again.Leg != h.Leg || again.Lane != h.Lane || again.Selection != h.Selection || again.Query != h.Query || again.LookedAt != h.LookedAt || again.Posts[0].GetText() != p.GetText() {
			t.Error("it came again as something else")
		}
		r.wantResults(map[string]float64{"sent": 1})
	})
}

// X says where t.co leads; what it says may be the next shortener.
func TestOnlyShortLinksWithoutATargetAreAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		defer r.run()()
		r.list()
		r.queue.Want(live(
			post("https://t.co/given https://t.co/next https://t.co/bare https://t.me/harbour bit.ly https://bit.ly/?x=1 https://cards.example/own https://t.co/cu…",
				marked("https://cards.example/1", entity, "https://t.co/given"), marked("https://bit.ly/next", entity, "https://t.co/next")),
			post("nothing"),
		), r)
		synctest.Wait()
		r.wantAsked("https://bit.ly/?x=1", "https://bit.ly/next", "https://t.co/bare")
		r.wantResults(map[string]float64{"nothing": 1})
	})
}

func TestWhatWasLearntIsBelievedForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]redirect.Result{
			"https://t.co/x":    shortlinktest.Resolved("https://cards.example/x"),
			"https://t.co/slow": {Outcome: redirect.Unresolved, Reason: redirect.Slow, Hops: 1},
		})
		defer r.run()()
		r.list()
		for _, step := range []struct {
			later   time.Duration
			x, slow int
		}{{0, 1, 1}, {23 * time.Hour, 1, 2}, {2 * time.Hour, 2, 3}} {
			time.Sleep(step.later)
			r.queue.Want(live(post("t.co/x t.co/slow")), r)
			synctest.Wait()
			if x, slow := r.world.Times("https://t.co/x"), r.world.Times("https://t.co/slow"); x != step.x || slow != step.slow {
				t.Errorf("after %v they were asked for %d and %d times, want %d and %d", step.later, x, slow, step.x, step.slow)
			}
			r.world.Answer("https://t.co/x", redirect.Result{Outcome: redirect.Blocked, Hops: 1})
		}
		want := []string{
			"https://t.co/x https://cards.example/x TEXT RESOLVED", "https://t.co/slow  TEXT UNANSWERED",
			"https://t.co/x https://cards.example/x TEXT RESOLVED", "https://t.co/slow  TEXT UNANSWERED",
			"https://t.co/x  TEXT BLOCKED_BY_PLATFORM", "https://t.co/slow  TEXT UNANSWERED",
		}
		if diff := cmp.Diff(want, r.learnt()); diff != "" {
			t.Errorf("learnt (-want +got):\n%s", diff)
		}
	})
}

func TestAnAnswerThatComesTooLateIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]redirect.Result{"https://t.co/x": shortlinktest.Resolved("https://cards.example/x")})
		defer r.run()()
		r.list()
		release := r.world.KeepWaiting()
		begun := time.Now()
		r.queue.Want(live(post("t.co/x t.co/y")), r)
		for r.results()["failed"] == 0 {
			time.Sleep(time.Second)
			if time.Since(begun) > time.Hour {
				t.Fatal("it is waited for without an end")
			}
		}
		release()
		r.wantAsked()
		r.wantResults(map[string]float64{"failed": 1})
	})
}

func TestAPostThatIsNotWantedAnyMoreIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]redirect.Result{"https://t.co/1": shortlinktest.Resolved("https://cards.example/1")})
		defer r.run()()
		r.list()
		release := r.world.KeepWaiting()
		r.queue.Want(live(post("t.co/1 t.co/2")), r)
		synctest.Wait()
		r.mu.Lock()
		r.unfollowed = true
		r.mu.Unlock()
		release()
		synctest.Wait()
		r.wantAsked("https://t.co/1")
		r.wantResults(map[string]float64{"unfollowed": 1})
		if len(r.sent) > 0 {
			t.Error("it came again")
		}
	})
}

func TestAPostThatDoesNotGetToRawIsCountedAsFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]redirect.Result{"https://t.co/1": shortlinktest.Resolved("https://cards.example/1")})
		defer r.run()()
		r.list()
		r.refused = errors.New("RAW does not take it")
		r.queue.Want(live(post("t.co/1")), r)
		synctest.Wait()
		r.wantResults(map[string]float64{"failed": 1})
	})
}

func TestHowMuchIsAskedIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := strings.Repeat("a", 5<<10)
		results := map[string]redirect.Result{}
		var text strings.Builder
		for i := range 30 {
			results[fmt.Sprintf("https://t.co/%02d", i)] = shortlinktest.Resolved("https://cards.example/" + long)
			fmt.Fprintf(&text, "t.co/%02d ", i)
		}
		r := newRig(t, results)
		stop := r.run()
		r.list()
		r.queue.Want(live(post(text.String())), r)
		synctest.Wait()
		stop()
		if asked, told := len(r.world.Questions()), len(r.learnt()); asked != 20 || told != 3 {
			t.Errorf("%d were asked for and %d told, want 20 and the 3 that fit", asked, told)
		}
		var posts []*doxtrailv1.RawPost
		for i := range 300 {
			posts = append(posts, post(fmt.Sprintf("t.co/x%d", i)))
		}
		r.queue.Want(live(posts...), r) // nobody works on it
		r.wantResults(map[string]float64{"sent": 1, "full": 300 - 256})
	})
}

func TestWhatIsOldIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, nil)
		defer r.run()()
		r.list()
		aged := func(age, edited time.Duration, text string) *doxtrailv1.RawPost {
			p := post(text)
			p.SetPostedAt(time.Now().Add(-age).UnixMilli())
			if edited > 0 {
				p.SetEditedAt(time.Now().Add(-edited).UnixMilli())
			}
			return p
		}
		const day = 24 * time.Hour
		h := live(aged(day-time.Hour, 0, "t.co/history-new"), aged(day+time.Hour, 0, "t.co/history-old"), aged(9*day, time.Hour, "t.co/history-edited"))
		h.Lane, h.Leg = bus.LaneArchive, doxtrailv1.Leg_LEG_HISTORY
		r.queue.Want(h, r)
		r.queue.Want(live(aged(6*day, 0, "t.co/live-late"), aged(8*day, 0, "t.co/live-quoted"), aged(900*day, time.Hour, "t.co/live-edited")), r)
		synctest.Wait()
		r.wantAsked("https://t.co/history-edited", "https://t.co/history-new", "https://t.co/live-edited", "https://t.co/live-late")
	})
}

// Where the watch list cannot be had the queue ends, and goes on when it is run again.
func TestAQueueThatBrokeOffGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]redirect.Result{"https://t.co/x": shortlinktest.Resolved("https://cards.example/x")})
		r.broken = errors.New("the bucket is away")
		for range 2 {
			r.list()
			if err := r.queue.Run(t.Context()); !errors.Is(err, r.broken) {
				t.Errorf("it ended with %v", err)
			}
		}
		r.broken = nil
		defer r.run()()
		r.list()
		r.queue.Want(live(post("t.co/x")), r)
		synctest.Wait()
		r.wantResults(map[string]float64{"sent": 1})
	})
}

func TestWhereItIsOffNothingIsWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := shortlinktest.New(nil)
		q, err := shortlink.New(shortlink.Config{Shorteners: []string{"t.co"}}, shortlink.Deps{Expander: w.Open})
		if q != nil || err != nil || len(w.Config().Shorteners) > 0 {
			t.Fatalf("%v, %v", q, err)
		}
		q.Want(live(post("t.co/x")), nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestTheConfiguration(t *testing.T) {
	if n := len(shortlink.Config{}.Methods()); n > 0 {
		t.Errorf("%d methods where it is off", n)
	}
	if n := len(shortlink.Config{On: true}.Methods()); n != len(redirect.Shorteners()) {
		t.Errorf("%d methods of the usual shorteners", n)
	}
	own := shortlink.Config{On: true, Shorteners: []string{"t.co"}}
	if diff := cmp.Diff([]string{redirect.Method("t.co")}, own.Methods()); diff != "" || own.Validate() != nil {
		t.Errorf("%s %v", diff, own.Validate())
	}
	own.Shorteners = []string{"http://bit.ly"}
	if err := own.Validate(); err == nil || strings.Contains(err.Error(), "bit.ly") {
		t.Errorf("%v", err)
	}
	if _, err := shortlink.New(own, shortlink.Deps{}); err == nil {
		t.Error("it was opened")
	}
}
