package twitter

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/throttle"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// The stream is no answer: what is glued or cut off in it costs one message each, and
// search is asked for those.
func TestGluedMessagesAreAskedFor(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.start()
	r.streaming()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.closed(1)
	begun := len(r.log.String())
	r.fake.Line(`{"data":{"id":"1"}}{"data":{"id":`)
	r.eventually("it is counted", func() bool { return r.value("stream_unreadable_total") == 1 })
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.closed(2)
	r.everything()
	r.stop()
	r.saidOnce(begun, "a message of the stream cannot be read; search is asked for it")
	r.silent()
}

func TestARefusedRuleIsLeftOutAndSaid(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.cfg.pauses.stream.rules = 200 * time.Millisecond
	r.fake.Fail(api.MethodRulesChange, http.StatusBadRequest, -1)
	r.start()
	r.reports("the label that is left out", func(got Report) bool {
		return slices.ContainsFunc(got.LeftOut, func(l LeftOut) bool { return l.Label == "harbour" && l.Why == "a rule that X does not take" })
	})
	r.eventually("the metric counts it", func() bool { return r.value("left_out") > 0 && r.calls(api.MethodRulesChange, "refused") > 1 })
	r.fake.Clear(api.MethodRulesChange)
	r.streaming()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.reports("nothing is left out", func(got Report) bool { return len(got.LeftOut) == 0 })
	r.stop()
	r.saidOnce(0, "X refuses rules")
	r.silent()
}

// A wait that X asks for is shown, bounded, and survives a restart; other methods go on.
func TestAWaitThatXAsksForIsBoundedAndShown(t *testing.T) {
	for name, tc := range map[string]struct {
		reset fake.Reset
		most  time.Duration
	}{
		"in the past":   {fake.Reset{In: -time.Hour}, time.Minute},
		"absent":        {fake.Reset{Absent: true}, time.Minute},
		"the year 2100": {fake.Reset{In: time.Until(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))}, 16 * time.Minute},
		"of a day":      {fake.Reset{In: 400 * 24 * time.Hour, Day: true}, 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			r := newStreamRig(t, fake.Options{})
			r.start()
			r.streaming()
			r.closed(1)
			r.fake.TooMany(api.MethodSearchRecent, 1, tc.reset)
			r.fake.CutStream()
			missed := r.fake.Post("invented_a", seenAt)
			waits := func(got Report) bool {
				return slices.ContainsFunc(got.Waits, func(w throttle.Wait) bool {
					left := time.Until(w.Until)
					return w.Method == api.MethodSearchRecent && w.Reason == throttle.Flood && left > 50*time.Second && left <= tc.most+max(tc.most/10, time.Second)
				})
			}
			r.reports("the wait", waits)
			r.eventually("the metric shows it", func() bool { return r.value("wait_seconds") > 50 && r.calls(api.MethodSearchRecent, "limited") == 1 })
			r.streaming()
			r.arrives(r.fake.Post("invented_b", seenAt))
			calls := r.fake.Count(api.MethodSearchRecent)
			r.stop()
			r.start()
			r.streaming()
			r.reports("the wait", waits)
			r.stop()
			if n := r.fake.Count(api.MethodSearchRecent); n != calls {
				t.Errorf("%d calls were made during the wait", n-calls)
			}
			r.endWaits()
			r.start()
			r.arrives(missed)
			r.closed(2)
			r.everything()
			r.silent()
		})
	}
}

// endWaits lets the waits end, as if the time had passed.
func (r *streamRig) endWaits() {
	r.t.Helper()
	b, err := r.bus.Conn.Bucket(r.within(), bus.BucketBudgets)
	if err == nil {
		err = b.Delete(r.within(), budgetKey(r.cfg))
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// Somebody else reads the stream of the app: theirs is left alone, and when it ends,
// what was missed comes.
func TestAStreamOfSomebodyElseIsLeftAlone(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	if err := r.foreign("weather"); err != nil {
		t.Fatal(err)
	}
	theirs := r.otherStream()
	begun := len(r.log.String())
	r.start()
	r.reports("what is wrong", func(got Report) bool {
		return slices.ContainsFunc(got.Legs, func(l LegReport) bool {
			return l.Name == streamName && strings.Contains(l.Why, "the stream is open too often; another process may use the same app")
		})
	})
	r.eventually("it is tried again", func() bool { return r.calls(api.MethodStream, "connections") >= 4 })
	if n := r.fake.Count(api.MethodConnections); n != 0 {
		t.Error("a stream that is not ours was ended")
	}
	theirs()
	r.eventually("it is open", func() bool { return r.value("stream_up") == 1 })
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.stop()
	r.saidOnce(begun, "the stream is open too often")
	r.silent()
}

// otherStream opens a stream as another process, and gives what closes it.
func (r *streamRig) otherStream() (done func()) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.fake.URL()+"/2/tweets/search/stream", http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer token-1")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	done = func() { _ = response.Body.Close() }
	r.t.Cleanup(done)
	r.streaming()
	return done
}

// The cap that X tells is held to although our own budget has room.
func TestTheCapOfXEndsReading(t *testing.T) {
	const most = 1500
	r := newStreamRig(t, fake.Options{Cap: most})
	r.start()
	r.streaming()
	r.closed(1)
	for i := 0; r.fake.Reads().Posts < most && r.fake.Streams() > 0; i++ {
		r.fake.Post("invented_a", fmt.Sprint(seenAt, i))
	}
	r.state(StateSpent, "")
	r.eventually("the stream is closed", func() bool { return r.fake.Streams() == 0 })
	missed := r.fake.Post("invented_b", seenAt)
	r.reports("that it is spent", func(got Report) bool { return got.State == StateSpent && got.Why != "" })
	r.stop()
	if n := r.fake.Reads().Posts; n > most {
		t.Errorf("%d posts were read of %d", n, most)
	}
	r.fake.SetCap(1_000_000)
	r.start()
	r.arrives(missed)
	r.closed(2)
	r.everything()
	r.silent()
}

// A redirect is not followed, and nobody else gets the token.
func TestARedirectIsNotFollowed(t *testing.T) {
	for _, method := range []string{api.MethodUsage, api.MethodSearchRecent, api.MethodPosts, api.MethodStream, api.MethodRulesRead, api.MethodRulesChange} {
		t.Run(method, func(t *testing.T) {
			var asked atomic.Int64
			elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				_, _ = io.WriteString(w, "{}")
			}))
			t.Cleanup(elsewhere.Close)
			r := newStreamRig(t, fake.Options{})
			r.cfg.Repoll = []time.Duration{50 * time.Millisecond}
			r.fake.Redirect(method, elsewhere.URL+"/2/tweets", -1)
			id := r.fake.Post("invented_a", "before anything")
			r.legs = func(a *app) []leg {
				n, _ := numberOf(id)
				a.known.set(knownPost{ID: n, Author: 1, Mark: markUp})
				return legsOf(a)
			}
			r.start()
			r.reports("what is wrong", func(got Report) bool {
				const says = "the answer points elsewhere, which is not followed; check the API's address"
				return strings.Contains(got.Why, says) || slices.ContainsFunc(got.Legs, func(l LegReport) bool { return strings.Contains(l.Why, says) })
			})
			r.eventually("the metric counts it", func() bool { return r.calls(method, "redirect") > 1 })
			r.fake.Clear(method)
			r.state(StateCollecting, "")
			r.streaming()
			r.arrives(r.fake.Post("invented_a", seenAt))
			r.stop()
			if n := asked.Load(); n > 0 {
				t.Errorf("the other host was asked %d times", n)
			}
			if err := fake.CheckTokens(r.fake.Calls()); err != nil {
				t.Error(err)
			}
			if strings.Contains(r.log.String(), strings.TrimPrefix(elsewhere.URL, "http://")) {
				t.Error("the log names the other host")
			}
			r.silent()
		})
	}
}
