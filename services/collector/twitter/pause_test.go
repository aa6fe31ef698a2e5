package twitter

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// onTheWay is what stands between the collector and X and changes timelines.
type onTheWay struct {
	// asked counts calls for timelines by account; before are those for older pages.
	asked, before map[string]*atomic.Int64
	// breaks are accounts of which a page is cut in half, wrong those of which another
	// one comes, both until mended, of pages before some post alone.
	breaks, wrong string
	mended        atomic.Bool
}

// onTheWay puts something between the collector and X.
func (r *againRig) onTheWay(accounts ...string) *onTheWay {
	r.t.Helper()
	w := &onTheWay{asked: map[string]*atomic.Int64{}, before: map[string]*atomic.Int64{}}
	for _, a := range accounts {
		w.asked[a], w.before[a] = &atomic.Int64{}, &atomic.Int64{}
	}
	x, err := url.Parse(r.fake.URL())
	if err != nil {
		r.t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(q *httputil.ProxyRequest) { q.SetURL(x); w.ask(q.Out) }, ModifyResponse: w.answer}
	server := httptest.NewServer(proxy)
	r.t.Cleanup(server.Close)
	r.cfg.APIURL = server.URL
	return w
}

// accountIn is the account whose timeline is asked for; empty if none is.
func accountIn(u *url.URL) string {
	id, is := strings.CutSuffix(strings.TrimPrefix(u.Path, "/2/users/"), "/tweets")
	if !is {
		return ""
	}
	return id
}

func (w *onTheWay) ask(out *http.Request) {
	id, query := accountIn(out.URL), out.URL.Query()
	if w.asked[id] == nil {
		return
	}
	w.asked[id].Add(1)
	if !query.Has("until_id") {
		return
	}
	w.before[id].Add(1)
	if id == w.wrong && !w.mended.Load() {
		query.Del("until_id")
		out.URL.RawQuery = query.Encode()
	}
}

func (w *onTheWay) answer(from *http.Response) error {
	u := from.Request.URL
	if accountIn(u) != w.breaks || !u.Query().Has("until_id") || w.mended.Load() {
		return nil
	}
	body, err := io.ReadAll(from.Body)
	if err != nil {
		return err
	}
	body = body[:len(body)/2]
	from.Body, from.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	from.Header.Set("Content-Length", fmt.Sprint(len(body)))
	return nil
}

// posts has an account post so many.
func (r *againRig) posts(account string, n int) (ids []string) {
	for i := range n {
		ids = append(ids, r.fake.Post(account, fmt.Sprint("post ", i)))
	}
	return ids
}

// wholeHistory waits until coverage says that an account was read back to its beginning.
func (r *againRig) wholeHistory(account string) {
	r.t.Helper()
	created := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	r.eventually("the whole history is covered", func() bool {
		return r.coveredOf(account, spanComplete, func(c *doxtrailv1.RawCoverage) bool { return c.GetFromAt() == created }) > 0
	})
}

func TestAPageThatCannotBeReadPausesItsAccountAlone(t *testing.T) {
	for name, bad := range map[string]func(w *onTheWay, account string){
		"it is cut in half":   func(w *onTheWay, account string) { w.breaks = account },
		"it is another's one": func(w *onTheWay, account string) { w.wrong = account },
	} {
		t.Run(name, func(t *testing.T) {
			r := reader(t, fake.Options{PageLimit: 3}, timelineReach)
			r.cfg.pauses.retryLimit = 5 * time.Millisecond
			harbour := r.fake.Account(fake.AccountSpec{Username: "harbour_watch"})
			pier := r.fake.Account(fake.AccountSpec{Username: "pier_watch"})
			theirs, others := r.posts("harbour_watch", 10), r.posts("pier_watch", 10)
			w := r.onTheWay(harbour, pier)
			bad(w, harbour)
			r.watch(onX("harbour", harbour, ""), onX("pier", pier, ""))
			r.start()
			r.left("harbour", "its history: a page of its posts cannot be read")
			r.arrived(others...)
			r.wholeHistory(pier)
			r.reports("the leg goes on", func(got Report) bool {
				return slices.ContainsFunc(got.Legs, func(l LegReport) bool { return l.Name == historiesName && l.State == string(legRuns) }) &&
					!slices.ContainsFunc(got.LeftOut, func(l LeftOut) bool { return l.Label != "harbour" })
			})
			fresh := r.posts("harbour_watch", 1)
			r.arrived(fresh...)
			w.mended.Store(true)
			r.arrived(theirs...)
			r.wholeHistory(harbour)
			r.reports("nothing is left out", func(got Report) bool { return len(got.LeftOut) == 0 })
		})
	}
}

// A pause after what costs something is longer each time, up to a day.
func TestPausesGrowWhereTheyCost(t *testing.T) {
	var p pause
	for _, want := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour} {
		if p.unreadable(15 * time.Minute); p.wait != want || p.why == "" || time.Until(p.until) > want {
			t.Errorf("paused for %v, want %v", p.wait, want)
		}
	}
	for range 10 {
		p.unreadable(15 * time.Minute)
	}
	if p.wait != 24*time.Hour {
		t.Errorf("paused for %v, want a day", p.wait)
	}
	if p.refused("protected", time.Minute); p.wait != time.Minute {
		t.Errorf("refused for %v, want a minute", p.wait)
	}
}

func TestAPageIsTriedAgainAFewTimesAndTroubleOfXForEver(t *testing.T) {
	may := pageMayPass()
	for range 100 {
		if !may(&api.Fault{Kind: api.Server, Status: 503}) {
			t.Fatal("trouble of X is not waited out")
		}
	}
	tries := 1
	for ; may(&api.Fault{Kind: api.Broken, Status: 200}); tries++ {
		if tries > pageTries {
			t.Fatal("a broken page is asked for for ever")
		}
	}
	if tries != pageTries {
		t.Errorf("a broken page is asked for %d times", tries)
	}
}

// Listed by its handle and by its number, an account is read once, and whichever of the
// two leaves the list, the other goes on from there.
func TestAnAccountThatIsListedTwiceIsReadOnce(t *testing.T) {
	for name, leaves := range map[string]int{"the handle leaves the list": 0, "the number leaves the list": 1} {
		t.Run(name, func(t *testing.T) {
			r := reader(t, fake.Options{PageLimit: 4}, timelineReach)
			r.cfg.Timelines.Poll = time.Hour
			harbour := r.fake.Account(fake.AccountSpec{Username: "harbour_watch"})
			pier := r.fake.Account(fake.AccountSpec{Username: "pier_watch"})
			all := append(r.posts("harbour_watch", 10), r.posts("pier_watch", 10)...)
			w := r.onTheWay(harbour, pier)
			r.watch(onX("by-handle", "", "harbour_watch"), onX("by-number", harbour, ""), onX("pier", pier, ""))
			r.start()
			r.arrived(all...)
			r.wholeHistory(harbour)
			r.wholeHistory(pier) // the last of the list: by now all were asked for
			if one, other := w.asked[harbour].Load(), w.asked[pier].Load(); one != other {
				t.Errorf("the account that is listed twice was asked for %d times, the other %d times", one, other)
			}
			r.stop()
			older := w.before[harbour].Load()
			fresh := r.posts("harbour_watch", 2*firstLook)
			r.list.Channels = slices.Delete(r.list.Channels, leaves, leaves+1)
			r.cfg.Timelines.Poll = 50 * time.Millisecond
			r.watch(watchlist.Channel{Label: "quay", Platform: "twitter", Name: "nobody_has_it"})
			r.start()
			r.left("quay", "no account has this handle")
			r.arrived(fresh...)
			r.kill() // until its history would have been read anew
			r.arrived(r.posts("harbour_watch", 1)...)
			r.stop()
			if n := w.before[harbour].Load() - older; n != 0 {
				t.Errorf("older pages were asked for %d times more", n)
			}
		})
	}
}
