package twitter

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

func (r *streamRig) leg(name string) (l LegReport) {
	for _, l := range r.collector.now(time.Now()).Legs {
		if l.Name == name {
			return l
		}
	}
	return l
}

func TestHistoryIsReadOnceFromNowToTheBeginning(t *testing.T) {
	r := newStreamRig(t, fake.Options{PageLimit: 10})
	r.cfg.Stream.On, r.cfg.Search.On = false, false
	r.cfg.Backfill.From = "2019-06-01"
	begin := time.Date(2019, 6, 1, 12, 0, 0, 0, time.UTC)
	before := r.fake.Post("invented_a", "a canary", fake.At(begin.Add(-day)))
	var ids []string
	for i := range 60 {
		at := fake.At(begin.Add(time.Duration(i) * 10 * day))
		ids = append(ids, r.fake.Post("invented_a", fmt.Sprintf("canary %d", i), at))
	}
	later := r.fake.Post("invented_a", "a finch", fake.At(begin.Add(day)))
	r.fake.EmptyPages(1)
	r.start()
	r.killedAfterAPage()
	r.arrives(ids...)
	r.eventually("the leg is done", func() bool { return r.leg(backfillName).State == string(legDone) })
	asked := r.fake.Count("search.all")
	if n := r.raw.came(ids[len(ids)-1], doxtrailv1.Leg_LEG_HISTORY); asked > 12 || n != 1 {
		t.Errorf("%d pages were asked for, the newest post came %d times", asked, n)
	}
	r.unbroken(begin.Truncate(day), 1)

	// What is added to a watch has a search of its own, the rest is not read again.
	family := family("harbour", "canary")
	family.Terms = append(family.Terms, "finch")
	r.families(family)
	r.arrives(later)
	r.eventually("the leg is done", func() bool { return r.leg(backfillName).State == string(legDone) })
	if n := r.fake.Count("search.all") - asked; n != 1 {
		t.Errorf("the new term was asked for %d times", n)
	}
	if n := r.raw.came(ids[0], doxtrailv1.Leg_LEG_HISTORY); n != 1 || r.raw.post(before) != nil {
		t.Errorf("the oldest post came %d times", n)
	}
	r.unbroken(begin.Truncate(day), 2)
	r.stop()
	r.silent()
}

// killedAfterAPage ends the collector once it has kept how far history was read, and
// starts another.
func (r *streamRig) killedAfterAPage() {
	r.t.Helper()
	r.eventually("a page is kept", func() bool {
		var plan []history
		_, err := r.shelf().Load(r.within(), backfillName, &plan)
		return err == nil && len(plan) == 1 && plan[0].Until != 0
	})
	release := r.fake.Hold("search.all")
	r.stop()
	release()
	r.start()
}

// unbroken says whether the spans that coverage has of each of n queries reach from
// now to the beginning without a hole.
func (r *streamRig) unbroken(begin time.Time, n int) {
	r.t.Helper()
	r.eventually("coverage is whole", func() bool {
		r.raw.mu.Lock()
		defer r.raw.mu.Unlock()
		spans := map[string][]span{}
		for _, c := range r.raw.coverage {
			spans[c.GetQuery()] = append(spans[c.GetQuery()], span{c.GetFromAt(), c.GetToAt()})
		}
		for _, list := range spans {
			slices.SortFunc(list, func(a, b span) int { return int(a.From - b.From) })
			reached := begin.UnixMilli()
			for _, s := range list {
				if s.From > reached {
					return false
				}
				reached = max(reached, s.To)
			}
			if time.Since(time.UnixMilli(reached)) > time.Hour {
				return false
			}
		}
		return len(spans) == n
	})
}

func TestPlanOfHistory(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	begin := at.Add(-day)
	name := func(atom string) string { return "n" + atom }
	w := watch{ID: "w", Label: "harbour", Atoms: []string{`"a"`, `"b"`, `"c"`}}
	all := plan(nil, []watch{w}, name, 10, begin, at) // two atoms fit into a query
	want := []history{
		{Watch: "w", Atoms: []string{`n"a"`, `n"b"`}, Top: at.UnixMilli(), Begin: begin.UnixMilli()},
		{Watch: "w", Atoms: []string{`n"c"`}, Top: at.UnixMilli(), Begin: begin.UnixMilli()},
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Fatal(diff)
	}
	if text, label := all[0].text([]watch{w}, name, 10); text != `"a" OR "b"` || label != "harbour" {
		t.Errorf("the query is %q", text)
	}
	// Nothing new: the plan stays. What is taken off the list is no longer asked for.
	if diff := cmp.Diff(all, plan(all, []watch{w}, name, 10, begin, at.Add(day))); diff != "" {
		t.Error(diff)
	}
	w.Atoms = []string{`"b"`, `"d"`}
	more := plan(all, []watch{w}, name, 10, begin, at.Add(day))
	if len(more) != 3 || more[2].Atoms[0] != `n"d"` {
		t.Errorf("the plan is %v", more)
	}
	if text, _ := more[0].text([]watch{w}, name, 10); text != `"b"` {
		t.Errorf("the query is %q", text)
	}
	if text, _ := more[1].text([]watch{w}, name, 10); text != "" {
		t.Errorf("the query is %q", text)
	}
	// An earlier beginning takes up what was done.
	all[0].Done = true
	if earlier := plan(all, []watch{w}, name, 10, begin.Add(-day), at); earlier[0].Done || earlier[0].Begin != begin.Add(-day).UnixMilli() {
		t.Errorf("the plan is %v", earlier)
	}
}
