package twitter

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// trouble is something that goes wrong at X or on the way there.
type trouble struct {
	// begin has it go wrong, end mends it.
	begin, end func(*streamRig)
	// method and outcome are the labels of the metric that counts it.
	method, outcome string
	// says is what stands in log and status, state how the collector is meanwhile; ""
	// is collecting.
	says  string
	state State
}

func always(method string, order func(r *streamRig, method string)) (begin, end func(*streamRig)) {
	return func(r *streamRig) { order(r, method) }, func(r *streamRig) { r.fake.Clear(method) }
}

// ofAnswers are troubles of single answers.
func ofAnswers() map[string]trouble {
	all := map[string]trouble{}
	for method, where := range map[string]string{api.MethodSearchRecent: "search recent", api.MethodPosts: "posts", api.MethodStream: "stream"} {
		for name, one := range map[string]struct {
			outcome, says string
			order         func(r *streamRig, method string)
		}{
			"HTML": {"not_json", "the answer is not the API's; check the proxy", func(r *streamRig, m string) { r.fake.HTML(m, 0, -1) }},
			"a page for those who are to log in": {
				"not_json", "the answer is not the API's; check the proxy", func(r *streamRig, m string) { r.fake.HTML(m, http.StatusForbidden, -1) },
			},
			"glued objects":  {"broken_json", "the answer is cut off or glued together", func(r *streamRig, m string) { r.fake.Glued(m, -1) }},
			"half an object": {"broken_json", "the answer is cut off or glued together", func(r *streamRig, m string) { r.fake.Half(m, -1) }},
			"5xx":            {"server", "X is in trouble", func(r *streamRig, m string) { r.fake.Fail(m, http.StatusServiceUnavailable, -1) }},
			"no answer":      {"network", "the connection was not made or broke off", func(r *streamRig, m string) { r.fake.Drop(m, -1) }},
		} {
			if method == api.MethodStream && one.outcome == "broken_json" {
				continue // what a stream brings is not one answer
			}
			begin, end := always(method, one.order)
			all[name+" instead of "+where] = trouble{begin: begin, end: end, method: method, outcome: one.outcome, says: "ask X (" + where + "): " + one.says}
		}
	}
	return all
}

// ofTheApp are troubles of all calls.
func ofTheApp() map[string]trouble {
	return map[string]trouble{
		"a token that X does not accept": {
			begin: func(r *streamRig) { r.fake.SetToken("token-2") }, end: func(r *streamRig) { r.token("token-2", 0o600) },
			method: "", outcome: "unauthorised", says: "X does not accept the token; put another into bearer_token_file", state: StateToken,
		},
		"a suspended app": {
			begin: func(r *streamRig) { r.fake.SuspendApp(true) }, end: func(r *streamRig) { r.fake.SuspendApp(false) },
			outcome: "suspended", says: "X has suspended the app or its account", state: StateTrouble,
		},
		"an app that is not enrolled": {
			begin: func(r *streamRig) { r.fake.Expel(true) }, end: func(r *streamRig) { r.fake.Expel(false) },
			outcome: "unenrolled", says: "the app's access does not cover this call; see its project and plan", state: StateTrouble,
		},
		"no credit": {
			begin: func(r *streamRig) { r.fake.Deplete(true) }, end: func(r *streamRig) { r.fake.Deplete(false) },
			outcome: "spent", says: "X says that its cap or the credit is used up", state: StateSpent,
		},
		"5xx for an hour of tries": {
			begin: func(r *streamRig) { r.fake.Fail("", http.StatusInternalServerError, -1) },
			end: func(r *streamRig) {
				r.eventually("many tries", func() bool { return r.calls("", "server") >= 60 })
				r.fake.Clear("")
			},
			outcome: "server", says: "X is in trouble",
		},
		"a network that is away": {
			begin: func(r *streamRig) { r.fake.Refuse(true) },
			end: func(r *streamRig) {
				r.eventually("many tries", func() bool { return r.calls("", "network") >= 60 })
				r.fake.Refuse(false)
			},
			outcome: "network", says: "the connection was not made or broke off",
		},
	}
}

// TestTroubleIsSaidOnceAndLosesNothing has all that can go wrong with answers go wrong
// while posts come: log and status say it once, a metric counts it, no line holds what
// is secret, and when it is over, all goes on by itself and nothing is missing.
func TestTroubleIsSaidOnceAndLosesNothing(t *testing.T) {
	for _, kind := range []map[string]trouble{ofAnswers(), ofTheApp()} {
		for name, tc := range kind {
			t.Run(name, func(t *testing.T) {
				r := newStreamRig(t, fake.Options{})
				r.cfg.Repoll = []time.Duration{50 * time.Millisecond}
				r.cfg.pauses.refused, r.cfg.pauses.usage = 50*time.Millisecond, time.Hour
				r.start()
				r.open()
				first := r.fake.Post("invented_a", seenAt)
				r.arrives(first)
				r.closed(1)
				begun := len(r.log.String())
				tc.begin(r)
				r.fake.CutStream()
				missed := r.fake.Post("invented_b", seenAt)
				r.eventually("the metric counts it", func() bool { return r.calls(tc.method, tc.outcome) > 0 })
				r.reports("what is wrong", func(got Report) bool {
					if tc.state != "" {
						return got.State == tc.state && strings.Contains(got.Why, tc.says)
					}
					return slices.ContainsFunc(got.Legs, func(l LegReport) bool { return strings.Contains(l.Why, tc.says) })
				})
				tc.end(r)
				r.state(StateCollecting, "")
				r.open()
				r.arrives(missed, r.fake.Post("invented_c", seenAt))
				r.closed(2)
				r.everything()
				r.reports("nothing is wrong", func(got Report) bool {
					return got.State == StateCollecting && !slices.ContainsFunc(got.Legs, func(l LegReport) bool { return l.Why != "" })
				})
				r.stop()
				r.saidOnce(begun, tc.says)
				r.silent()
			})
		}
	}
}

// changes are the attributes in which two lines of the same may differ.
var changes = regexp.MustCompile(`\b(time|count|until)=\S+ ?`)

// saidOnce says whether the log since a place holds a warning with a text, and no line
// of trouble twice.
func (r *streamRig) saidOnce(since int, says string) {
	r.t.Helper()
	said, found := map[string]int{}, false
	for line := range strings.Lines(r.log.String()[since:]) {
		said[changes.ReplaceAllString(line, "")]++
		found = found || strings.Contains(line, "level=WARN") && strings.Contains(line, says)
	}
	if !found {
		r.t.Errorf("the log does not say %q:\n%s", says, r.log.String()[since:])
	}
	for line, n := range said {
		if n > 1 && !strings.Contains(line, "msg=collecting") {
			r.t.Errorf("the log says it %d times: %s", n, line)
		}
	}
}

// calls counts calls by method and outcome; an empty method is any.
func (r *streamRig) calls(method, outcome string) float64 {
	r.t.Helper()
	labels := []string{outcome}
	if method != "" {
		labels = append(labels, method)
	}
	return servicetest.Metric(r.t, r.deps.Registry.(*prometheus.Registry), "doxtrail_collector_twitter_calls_total", labels...)
}
