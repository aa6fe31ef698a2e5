package twitter

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// wholeRig is a rig whose collector has all its legs, and an X with enough for each.
func wholeRig(t *testing.T, opts fake.Options) *streamRig {
	t.Helper()
	opts.PageLimit = 10
	r := newStreamRig(t, opts)
	const soon = 50 * time.Millisecond
	r.cfg.Timelines = TimelineConfig{On: true, Poll: soon}
	r.cfg.Compliance = ComplianceConfig{On: true, Every: soon}
	r.cfg.Shares = SharesConfig{Reposts: true, Quotes: true, Stages: []time.Duration{soon}}
	r.cfg.Repoll, r.cfg.SecondLook = []time.Duration{soon, 4 * soon}, soon
	r.cfg.Backfill.From = time.Now().AddDate(0, 0, -20).UTC().Format(time.DateOnly)
	r.fake.Account(fake.AccountSpec{Username: "quay_watch"})
	for i := range 40 {
		at := fake.At(time.Now().AddDate(0, 0, -15).Add(time.Duration(i) * time.Hour))
		r.fake.Post("invented_d", fmt.Sprint(seenAt, " of old ", i), at)
		r.fake.Post("quay_watch", fmt.Sprint("nothing of interest ", i), at)
	}
	r.publish(watchlist.List{
		Families: []watchlist.Family{{Label: "harbour", Sites: []string{"harbour-leaks.example"}, Terms: []string{"canary"}}},
		Channels: []watchlist.Channel{{Label: "quay", Platform: "twitter", Name: "quay_watch"}},
	})
	return r
}

// open waits until the collector's stream is, where one of its last run may linger.
func (r *streamRig) open() {
	r.t.Helper()
	r.eventually("the stream is open", func() bool { return r.value("stream_up") == 1 })
}

// happens lets X have some of everything, and says which posts there are.
func (r *streamRig) happens(n int) (ids []string) {
	for i := range n {
		id := r.fake.Post(fmt.Sprintf("invented_%d", i), fmt.Sprint(seenAt, " ", i))
		r.fake.Repost("invented_b", id)
		r.fake.Quote("invented_c", id, "look at this")
		r.fake.Edit(id, fmt.Sprint(seenAt, " edited ", i))
		if ids = append(ids, id); i%3 == 0 {
			short := r.fake.Post("invented_e", seenAt)
			r.fake.Delete(short)
			ids = append(ids, short)
		}
	}
	return ids
}

// asked are the methods that a collector with all legs calls.
func asked() []string {
	return []string{
		api.MethodSearchRecent, api.MethodSearchAll, api.MethodStream, api.MethodRulesRead, api.MethodRulesChange, api.MethodPosts,
		api.MethodTimeline, api.MethodQuotes, api.MethodReposts, api.MethodCompliance, api.MethodUsage, "storage.upload", "storage.download",
	}
}

// All legs together, over a restart: no method is called faster than it may be, the
// token goes to the API alone, and the log at its most talkative holds nothing that
// was asked for.
func TestAWholeRunKeepsItsPaceItsTokenAndItsTongue(t *testing.T) {
	r := wholeRig(t, fake.Options{})
	const every, burst = 50 * time.Millisecond, 2
	limits := map[string][]fake.Rate{}
	for _, method := range methods() {
		r.cfg.Rates[method] = Rate{Every: every, Burst: burst}
		limits[method] = []fake.Rate{{Calls: burst + int(time.Second/every) + 2, Window: time.Second}} // calls of the same moment arrive a little apart
	}
	for run := range 2 {
		r.start()
		r.open()
		r.arrives(r.happens(10)...)
		r.eventually("all legs have asked", func() bool {
			for _, method := range asked() {
				if r.fake.Count(method) == 0 {
					return false
				}
			}
			return true
		})
		r.fake.CutStream()
		r.open()
		r.closed(2*run + 2)
		r.stop()
	}
	if err := fake.CheckRates(r.fake.Calls(), limits); err != nil {
		t.Error(err)
	}
	if err := fake.CheckTokens(r.fake.Calls()); err != nil {
		t.Error(err)
	}
	r.everything()
	r.tongue()
}

// tongue says whether the log holds anything of what was asked for or answered.
func (r *streamRig) tongue() {
	r.t.Helper()
	r.silent()
	secrets := []string{"http", "/2/", "signature", "Bearer", "invented_", "quay_watch"}
	for _, address := range []string{r.fake.URL(), r.fake.StorageURL()} {
		u, err := url.Parse(address)
		if err != nil {
			r.t.Fatal(err)
		}
		secrets = append(secrets, u.Host)
	}
	truth := r.fake.Truth()
	for _, p := range truth.Posts {
		secrets = append(secrets, p.ID)
	}
	for _, a := range truth.Accounts {
		secrets = append(secrets, a.ID)
	}
	for _, rule := range truth.Rules {
		secrets = append(secrets, rule.ID, rule.Value)
	}
	log := r.log.String()
	for _, secret := range secrets {
		if strings.Contains(log, secret) {
			r.t.Errorf("the log holds %q", secret)
		}
	}
}

// What X charges for stays under the budget, whatever the legs are at when it ends,
// also where the collector is started again and again.
func TestTheBillNeverExceedsTheBudget(t *testing.T) {
	for _, dollars := range []string{"6", "15", "40"} {
		t.Run(dollars, func(t *testing.T) {
			r := wholeRig(t, fake.Options{})
			r.cfg.Budget.MoneyPerMonth = Dollars(dollars)
			limit := r.cfg.Budget.MoneyPerMonth.amount()
			within := func() {
				t.Helper()
				bill := r.bill()
				// What X has sent and nobody has read counts when it is read.
				r.eventually("the meter has what X charges", func() bool { return r.app().meter.Spending().Money >= bill })
				if spent := r.app().meter.Spending().Money; bill > limit || spent > limit {
					t.Errorf("X charges %s, the meter has %s of %s", bill, spent, limit)
				}
			}
			for range 4 {
				r.start()
				r.eventually("it is connected, or has nothing left", func() bool { return r.value("stream_up") == 1 || r.spent() })
				r.happens(20)
				r.eventually("something is known", func() bool {
					n, _ := r.app().known.count()
					return r.spent() || n > 0
				})
				within()
				r.stop()
			}
			r.start()
			r.eventually("all is spent", func() bool {
				r.happens(3)
				return r.spent()
			})
			r.reports("that it is spent", func(got Report) bool {
				return got.State == StateSpent && strings.Contains(got.Why, "is spent: nothing new is read until")
			})
			within()
			r.stop()
			r.tongue()
		})
	}
}

// bill is what X charges, where each request for counts is one of all.
func (r *streamRig) bill() Money {
	reads := r.fake.Reads()
	return Money(reads.Posts*5+reads.Users*10+reads.Counts*10) * dollar / 1000
}

// spent says whether the collector says that its budget is.
func (r *streamRig) spent() bool {
	r.collector.mu.Lock()
	defer r.collector.mu.Unlock()
	return r.collector.state == StateSpent
}
