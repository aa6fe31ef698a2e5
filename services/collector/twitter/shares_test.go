package twitter

import (
	"fmt"
	"testing"
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

// shared is a rig whose collector knows posts that were passed on, and asks by whom.
func shared(t *testing.T, options fake.Options) (*againRig, []string) {
	t.Helper()
	var list *shareList
	r := newAgainRig(t, options, func(a *app) leg {
		list = newShareList(a)
		return &repoll{app: a, shares: list, jobs: &jobTime{}}
	}, func(a *app) leg { return &shares{app: a, list: list} })
	r.cfg.Repoll = []time.Duration{20 * time.Millisecond}
	r.cfg.Shares.Stages = []time.Duration{20 * time.Millisecond, 30 * time.Millisecond}
	ids := []string{r.fake.Post("harbour", "passed on"), r.fake.Post("harbour", "left alone")}
	r.know()
	return r, ids
}

func TestWhoPassedAPostOnIsAskedFor(t *testing.T) {
	bothSpellings(t, func(t *testing.T, options fake.Options) {
		options.PageLimit = 2
		r, ids := shared(t, options)
		var made []string
		for i := range 5 {
			made = append(made, r.fake.Repost(fmt.Sprint("invented", i), ids[0]))
		}
		quote := r.fake.Quote("invented9", ids[0], "look at this")
		r.start()
		for _, id := range append(made, quote) {
			r.eventually("a share", func() bool { return r.raw.post(id) != nil })
		}
		for _, query := range []string{"retweets_of_tweet_id:", "quotes_of_tweet_id:"} {
			r.eventually("its coverage", func() bool {
				return r.raw.covered(spanComplete, func(c *doxtrailv1.RawCoverage) bool { return c.GetQuery() == query+ids[0] }) == 1
			})
		}
		p := r.raw.post(made[0])
		if p.GetKind() != doxtrailv1.PostKind_POST_KIND_REPOST || p.GetPostedAt() == 0 || len(p.GetShares()) != 1 || p.GetShares()[0].GetPostId() != ids[0] {
			t.Errorf("a repost came as %v of %d shares", p.GetKind(), len(p.GetShares()))
		}
		r.eventually("the counters are noted", func() bool {
			id, _ := numberOf(ids[0])
			known, _ := r.collector.known(id)
			return known.Reposts == 5 && known.Quotes == 1
		})
		// A look at the same counters asks for nothing; the reposts themselves are looked
		// at in their turn.
		r.became(made[4], look.Up, 2)
		calls := r.fake.Count("reposts")
		r.stop()
		if calls != 3 {
			t.Errorf("%d pages of reposts were asked for, want 3", calls)
		}
		if n := r.fake.Count("quotes"); n != 1 {
			t.Errorf("%d pages of quotes were asked for, want 1", n)
		}
	})
}

func TestAfterAGapRepostsAreAskedForToTheEnd(t *testing.T) {
	r, ids := shared(t, fake.Options{PageLimit: 2})
	r.cfg.Repoll, r.cfg.Shares.Stages = []time.Duration{100 * time.Hour}, []time.Duration{100 * time.Hour}
	var made []string
	for i := range 6 {
		made = append(made, r.fake.Repost(fmt.Sprint("invented", i), ids[0]))
	}
	for _, id := range made[2:] { // the oldest are those that the gap hid
		n, _ := numberOf(id)
		r.knows = append(r.knows, knownPost{ID: n, Author: 1, Mark: markUp})
	}
	r.start()
	r.state(StateCollecting, "")
	id, _ := numberOf(ids[0])
	r.collector.app().wanted.want(id)
	for _, id := range made[:2] {
		r.eventually("what the gap hid", func() bool { return r.raw.post(id) != nil })
	}
}

// The posts of a week may wait after a gap, at 75 calls in a quarter of an hour.
func TestAfterAGapTheSharesThatHaveGrownHaveTheirTurn(t *testing.T) {
	r, ids := shared(t, fake.Options{})
	made := r.fake.Repost("invented", ids[0])
	release := r.fake.Hold("reposts")
	r.start()
	r.state(StateCollecting, "")
	for n := range uint64(100) {
		r.collector.app().wanted.want(1<<60 + n)
	}
	r.eventually("counters are seen", func() bool { return r.fake.Count("posts") > 1 })
	r.fake.Limit("reposts", 6, time.Hour)
	release()
	r.arrived(made)
}

func TestAPostWhoseSharesXRefusesHoldsUpNone(t *testing.T) {
	r, ids := shared(t, fake.Options{})
	made := r.fake.Repost("invented", ids[0])
	r.fake.Fail("reposts", 400, 1)
	r.start()
	r.eventually("a gap", func() bool { return r.raw.covered(spanGap, func(*doxtrailv1.RawCoverage) bool { return true }) == 1 })
	id, _ := numberOf(ids[0])
	r.collector.app().wanted.want(id)
	r.arrived(made)
}

func TestSharesOfWhatIsGoneAreAGap(t *testing.T) {
	r, ids := shared(t, fake.Options{})
	r.fake.Repost("invented", ids[0])
	r.fake.Delete(ids[0])
	r.start()
	r.state(StateCollecting, "")
	id, _ := numberOf(ids[0])
	r.collector.app().wanted.want(id)
	r.eventually("a gap", func() bool {
		return r.raw.covered(spanGap, func(c *doxtrailv1.RawCoverage) bool {
			return c.GetQuery() == "retweets_of_tweet_id:"+ids[0] && c.GetFromAt() == timeAt(ids[0]).UnixMilli()
		}) == 1
	})
}

func TestKilledWhileItAsksForSharesItAsksAgain(t *testing.T) {
	for writes := range 14 {
		t.Run(fmt.Sprint("after ", writes, " writes"), func(t *testing.T) {
			r, ids := shared(t, fake.Options{PageLimit: 2})
			var made []string
			for i := range 5 {
				made = append(made, r.fake.Repost(fmt.Sprint("invented", i), ids[0]))
			}
			b := r.breakAfter(writes)
			r.start()
			r.eventually("it is killed, or through", func() bool { return b.is() || r.raw.post(made[0]) != nil })
			r.kill()
			for _, id := range made {
				r.eventually("a share", func() bool { return r.raw.post(id) != nil })
			}
		})
	}
}
