package twitter

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/config"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink"
	"github.com/doxtrail/doxtrail/pkg/throttle"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// window is the time that X's limits are for.
const window = 15 * time.Minute

// published are X's limits of an app in a window of 15 minutes (notes on X, section
// 6), and how many calls may follow each other at once after a rest.
func published() map[string]struct{ calls, burst int } {
	return map[string]struct{ calls, burst int }{
		api.MethodSearchRecent: {450, 5},
		api.MethodSearchAll:    {300, 1}, // and one a second
		api.MethodStream:       {50, 5},
		api.MethodRulesRead:    {450, 5},
		api.MethodRulesChange:  {100, 5},
		api.MethodPosts:        {3500, 5},
		api.MethodUsers:        {300, 5},
		api.MethodTimeline:     {10_000, 5},
		api.MethodQuotes:       {75, 5},
		api.MethodReposts:      {75, 5},
		api.MethodCompliance:   {150, 5},
		api.MethodUsage:        {50, 2},
		api.MethodConnections:  {25, 2},
	}
}

// methods are the words of what is called at X.
func methods() []string { return slices.Sorted(maps.Keys(published())) }

// rules are X's limits spread over their window and the pace of shorteners, with those
// of the file in their places. No window of 15 minutes, wherever it begins, holds more calls than X
// allows.
func (c Config) rules() map[string]throttle.Rule {
	rules := map[string]throttle.Rule{}
	for method, limit := range published() {
		rules[method] = throttle.Rule{Every: window / time.Duration(limit.calls-limit.burst), Burst: limit.burst}
	}
	for _, method := range c.Redirects.Methods() {
		rules[method] = shortlink.Rule()
	}
	for method, rate := range c.Rates {
		rules[method] = throttle.Rule{Every: rate.Every, Burst: max(rate.Burst, 1), PerDay: rate.PerDay}
	}
	return rules
}

// checkRates notes what is wrong with the rates of the file. A shortener may have one
// also where none is asked.
func (c Config) checkRates(f *config.Faults) {
	known := append(methods(), shortlink.Config{On: true, Shorteners: c.Redirects.Shorteners}.Methods()...)
	for _, method := range slices.Sorted(maps.Keys(c.Rates)) {
		rate := c.Rates[method]
		f.Check(slices.Contains(known, method), "rates."+method, "is no method; known are "+strings.Join(methods(), ", ")+", and redirect.HOST of a shortener")
		f.Check(rate.Every > 0 && rate.Every <= 24*time.Hour && rate.Burst >= 0 && rate.Burst <= 1000 && rate.PerDay >= 0,
			"rates."+method, "needs every, over 0 and at most 24h; burst must lie between 0 and 1000, and per_day must not be negative")
	}
}

// otherRule is for what has no limit of its own, so that nothing is without one.
func otherRule() throttle.Rule { return throttle.Rule{Every: 5 * time.Second, Burst: 1} }
