package fake

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// Rate is so many calls in a window.
type Rate struct {
	Calls  int
	Window time.Duration
}

// Rates are the limits X publishes for an app, by method (August 2026).
func Rates() map[string][]Rate {
	const quarter = 15 * time.Minute
	return map[string][]Rate{
		"search.recent": {{450, quarter}},
		"search.all":    {{300, quarter}, {1, time.Second}},
		"counts.recent": {{300, quarter}},
		"counts.all":    {{300, quarter}},
		"stream":        {{50, quarter}},
		"rules.read":    {{450, quarter}},
		"rules.change":  {{100, quarter}},
		"posts":         {{3500, quarter}},
		"users":         {{300, quarter}},
		"timeline":      {{10_000, quarter}},
		"quotes":        {{75, quarter}},
		"reposts":       {{75, quarter}},
		"reposters":     {{75, quarter}},
		"compliance":    {{150, quarter}},
		"usage":         {{50, quarter}},
		"connections":   {{25, quarter}},
	}
}

// slack is by how much a window may be shorter than it says: what a network
// takes from the distance of two calls.
const slack = 50 * time.Millisecond

// limit counts calls of a method in fixed windows, the first being the one the
// headers tell.
type limit struct {
	rates []Rate
	begun []time.Time
	used  []int
}

func newLimits() map[string]*limit {
	all := map[string]*limit{}
	for method, rates := range Rates() {
		all[method] = newLimit(rates)
	}
	return all
}

func newLimit(rates []Rate) *limit {
	return &limit{rates: rates, begun: make([]time.Time, len(rates)), used: make([]int, len(rates))}
}

// Limit changes how often a method may be called, from now on; 0 calls ends the
// limit.
func (s *Server) Limit(method string, calls int, window time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if calls == 0 {
		delete(s.limits, method)
		return
	}
	s.limits[method] = newLimit([]Rate{{Calls: calls, Window: window}})
}

// charge counts a call, says whether it is one too many, and tells the rest.
func (s *Server) charge(method string, headers map[string]string) (over bool) {
	l := s.limits[method]
	if l == nil {
		return false
	}
	now := time.Now()
	for i, r := range l.rates {
		if now.Sub(l.begun[i]) > r.Window-min(slack, r.Window/10) {
			l.begun[i], l.used[i] = now, 0
		}
		l.used[i]++
		over = over || l.used[i] > r.Calls
	}
	headers["x-rate-limit-limit"] = strconv.Itoa(l.rates[0].Calls)
	headers["x-rate-limit-remaining"] = strconv.Itoa(max(0, l.rates[0].Calls-l.used[0]))
	headers["x-rate-limit-reset"] = unix(l.begun[0].Add(l.rates[0].Window))
	return over
}

// Reset is what a 429 on order says about when it ends.
type Reset struct {
	In     time.Duration // from now; below 0 is in the past
	Absent bool          // no x-rate-limit header at all
	Day    bool          // the window has room, that of 24 hours (app and user) has not
}

func (r *Reset) tell(headers map[string]string) {
	prefixes := []string{"x-rate-limit"}
	switch {
	case r.Absent:
		clear(headers)
		return
	case r.Day:
		prefixes = []string{"x-app-limit-24hour", "x-user-limit-24hour"}
	}
	for _, p := range prefixes {
		headers[p+"-limit"], headers[p+"-remaining"] = "100", "0"
		headers[p+"-reset"] = unix(time.Now().Add(r.In))
	}
}

// unix rounds up: a client that comes back at that second is not early.
func unix(t time.Time) string {
	return strconv.FormatInt(int64(math.Ceil(float64(t.UnixMilli())/1000)), 10)
}

// CheckRates says whether some method was called faster than it may be, in any
// window wherever it begins. Rates are those of Rates or the test's own. Calls
// that were told 429 count too.
func CheckRates(calls []Call, rates map[string][]Rate) error {
	at := map[string][]time.Time{}
	for _, c := range calls {
		at[c.Method] = append(at[c.Method], c.At)
	}
	for method, times := range at {
		slices.SortFunc(times, time.Time.Compare)
		for _, r := range rates[method] {
			for i := r.Calls; i < len(times); i++ {
				if d := times[i].Sub(times[i-r.Calls]); d < r.Window-min(slack, r.Window/10) {
					return fmt.Errorf("%s was called %d times within %v, %d are allowed in %v", method, r.Calls+1, d, r.Calls, r.Window)
				}
			}
		}
	}
	return nil
}
