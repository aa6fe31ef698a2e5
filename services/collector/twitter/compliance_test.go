package twitter

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

func complianceOf(a *app) leg { return &compliance{app: a, jobs: &jobTime{}} }

// complied is a rig whose collector knows some posts and asks for them by jobs alone.
func complied(t *testing.T, options fake.Options, posts int) (*againRig, []string) {
	t.Helper()
	r := newAgainRig(t, options, complianceOf)
	r.cfg.Compliance = ComplianceConfig{On: true, Every: 50 * time.Millisecond}
	var ids []string
	for i := range posts {
		ids = append(ids, r.fake.Post(fmt.Sprint("harbour", i), fmt.Sprint("post ", i)))
	}
	r.know()
	return r, ids
}

func TestAJobTellsWhatMustNotBeKept(t *testing.T) {
	for name, options := range map[string]fake.Options{
		"lines as they are":        {},
		"CRLF, and not since when": {CRLF: true, NoRedactedAt: true},
	} {
		t.Run(name, func(t *testing.T) {
			r, ids := complied(t, options, 7)
			up, deleted, bounced, suspended, left, hidden := ids[0], ids[1], ids[2], ids[3], ids[4], ids[5]
			geo := r.fake.Post("pier", "where", fake.ScrubGeo())
			r.know()
			r.fake.Delete(deleted)
			r.fake.Bounce(bounced)
			r.fake.Suspend("harbour3")
			r.fake.Deactivate("harbour4")
			r.fake.Protect("harbour5")
			r.start()
			for _, id := range []string{deleted, bounced, suspended, left} {
				r.became(id, look.Gone, 1)
			}
			r.became(hidden, look.Private, 1)
			r.eventually("coverage of two jobs", func() bool {
				return r.raw.covered(spanComplete, func(c *doxtrailv1.RawCoverage) bool {
					return c.GetQuery() == complianceQuery && c.GetFromAt() == timeAt(ids[0]).UnixMilli()
				}) >= 2
			})
			r.stop()
			for post, want := range map[string]int{up: 0, geo: 0, deleted: 1, bounced: 1, suspended: 1, left: 1, hidden: 1} {
				list := r.raw.of(post)
				if len(list) != want {
					t.Errorf("%d observations, want %d", len(list), want)
				}
				for _, o := range list {
					if o.GetSource() != "compliance" {
						t.Errorf("the source is %q", o.GetSource())
					}
				}
			}
			for post, want := range map[string]mark{up: markUp, geo: markUp, deleted: markDown, hidden: markPrivate} {
				if got := r.markOf(post); got != want {
					t.Errorf("a post is marked %d, want %d", got, want)
				}
			}
			if err := fake.CheckTokens(r.fake.Calls()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatAJobNoLongerNamesIsLookedUp(t *testing.T) {
	r, ids := complied(t, fake.Options{}, 2)
	r.fake.Suspend("harbour1")
	r.start()
	r.became(ids[1], look.Gone, 1)
	r.fake.Restore("harbour1")
	r.eventually("it is doubted", func() bool { return r.collector.knows(ids[1]) == markGone })
}

func TestAJobGoesOnAfterAKill(t *testing.T) {
	for writes := range 9 {
		t.Run(fmt.Sprint("after ", writes, " writes"), func(t *testing.T) {
			r, ids := complied(t, fake.Options{}, 3)
			r.cfg.Compliance.Every = time.Hour
			r.fake.Delete(ids[1])
			b := r.breakAfter(writes)
			r.start()
			r.eventually("it is killed, or through", func() bool { return b.is() || r.complete() == 1 })
			r.kill()
			r.became(ids[1], look.Gone, 1)
			r.eventually("the job is through", func() bool { return r.complete() >= 1 })
			r.stop()
			if n := r.raw.seen(ids[1], look.Gone); n != 1 {
				t.Errorf("told %d times", n)
			}
			if n := r.fake.Uploaded(); n != 3 {
				t.Errorf("%d ids went to jobs, want one job of 3", n)
			}
		})
	}
}

// complete counts the reports of a job that came to its end.
func (r *againRig) complete() int {
	return r.raw.covered(spanComplete, func(c *doxtrailv1.RawCoverage) bool { return c.GetQuery() == complianceQuery })
}

func TestAJobThatComesToNothingBeginsAnew(t *testing.T) {
	for name, harm := range map[string]func(*againRig){
		"it failed":                 func(r *againRig) { r.fake.FailJob() },
		"its upload has expired":    func(r *againRig) { r.fake.Fail("storage.upload", http.StatusForbidden, 1) },
		"its results have":          func(r *againRig) { r.fake.Fail("storage.download", http.StatusForbidden, 1) },
		"the storage is in trouble": func(r *againRig) { r.fake.Fail("storage.upload", http.StatusServiceUnavailable, 2) },
		"so it is later":            func(r *againRig) { r.fake.Fail("storage.download", http.StatusServiceUnavailable, 2) },
		"X is":                      func(r *againRig) { r.fake.Fail("compliance", http.StatusServiceUnavailable, 2) },
	} {
		t.Run(name, func(t *testing.T) {
			r, ids := complied(t, fake.Options{}, 2)
			r.cfg.Compliance.Every = time.Hour
			r.fake.Delete(ids[0])
			harm(r)
			r.start()
			r.became(ids[0], look.Gone, 1)
			r.eventually("it is through", func() bool { return r.complete() == 1 })
			r.state(StateCollecting, "")
			if err := fake.CheckTokens(r.fake.Calls()); err != nil {
				t.Error(err)
			}
			if log := r.log.String(); strings.Contains(log, ids[0]) || strings.Contains(log, "signature") {
				t.Error("the log tells too much")
			}
		})
	}
}

func TestAJobThatExpiredWhileNobodyLookedBeginsAnew(t *testing.T) {
	r, ids := complied(t, fake.Options{JobLooks: 1_000_000}, 2)
	r.fake.Delete(ids[0])
	r.start()
	if err := r.fake.WaitCalls(r.within(), "storage.upload", 1); err != nil {
		t.Fatal(err)
	}
	r.stop()
	r.fake.ExpireJobs()
	r.start()
	if err := r.fake.WaitCalls(r.within(), "storage.upload", 2); err != nil {
		t.Fatal(err)
	}
}

func TestNoJobIsMadeAboutNothing(t *testing.T) {
	r := newAgainRig(t, fake.Options{}, complianceOf)
	r.cfg.Compliance = ComplianceConfig{On: true, Every: 50 * time.Millisecond}
	r.start()
	r.state(StateCollecting, "")
	r.reports("the leg", func(got Report) bool { return len(got.Legs) == 2 })
	r.stop()
	if n := r.fake.Count("compliance"); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func TestWhereXGivesNoJobsAllPostsAreLookedUp(t *testing.T) {
	for name, refuse := range map[string]bool{"none": true, "jobs": false} {
		t.Run(name, func(t *testing.T) {
			jobs := &jobTime{}
			r := newAgainRig(t, fake.Options{}, func(a *app) leg {
				return &repoll{app: a, shares: newShareList(a), jobs: jobs}
			}, func(a *app) leg { return &compliance{app: a, jobs: jobs} })
			r.cfg.Compliance = ComplianceConfig{On: true, Every: 20 * time.Millisecond}
			r.cfg.Repoll, r.cfg.Shares = []time.Duration{time.Minute}, SharesConfig{}
			if refuse {
				r.fake.Fail("compliance", http.StatusForbidden, -1)
			}
			id := r.fake.Post("harbour", "a post")
			r.know()
			r.start()
			r.became(id, look.Up, 1)
			if refuse {
				r.became(id, look.Up, 2) // a round after its turn
				return
			}
			r.eventually("jobs go on", func() bool { return r.complete() >= 3 })
			if n := r.raw.seen(id, look.Up); n > 2 {
				t.Errorf("looked up %d times", n)
			}
		})
	}
}
