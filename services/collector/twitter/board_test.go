package twitter

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// What X refuses to the legs that matter is trouble, while others only wait.
func TestWhatXRefusesToTheLegsThatMatterIsTrouble(t *testing.T) {
	begin := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		legs    []string
		refused []string
		// after are legs that get on after that, before those that did before.
		before, after []string
		want          State
	}{
		"the stream, and search waits":            {[]string{"stream", "search"}, []string{"stream"}, nil, nil, StateTrouble},
		"the stream, and search got on before":    {[]string{"stream", "search"}, []string{"stream"}, []string{"search"}, nil, StateTrouble},
		"the stream, and search gets on":          {[]string{"stream", "search"}, []string{"stream"}, nil, []string{"search"}, StateCollecting},
		"the stream, and timelines are read":      {[]string{"stream", "timelines"}, []string{"stream"}, nil, []string{"timelines"}, StateCollecting},
		"the stream, and what is known is looked": {[]string{"stream", "repoll"}, []string{"stream"}, nil, []string{"repoll", "rules", "usage"}, StateTrouble},
		"the stream, until it is open":            {[]string{"stream", "search"}, []string{"stream"}, nil, []string{"stream"}, StateCollecting},
		"search beside a stream":                  {[]string{"stream", "search"}, []string{"search"}, nil, nil, StateCollecting},
		"search without a stream":                 {[]string{"search", "repoll"}, []string{"search"}, nil, nil, StateTrouble},
		"both, and one of them got on since":      {[]string{"stream", "search", "shares"}, []string{"stream", "search", "shares"}, nil, []string{"shares"}, StateCollecting},
		"shares alone":                            {[]string{"stream", "shares"}, []string{"shares"}, nil, nil, StateCollecting},
	} {
		b := newBoard()
		for _, leg := range tc.legs {
			b.is(leg, legRuns, "", time.Time{}, ForLater)
		}
		for _, leg := range tc.before {
			b.progressed(leg, begin.Add(-time.Hour))
		}
		for i, leg := range tc.refused {
			b.refuses(leg, "why", begin.Add(time.Duration(i)*time.Second))
			b.refuses(leg, "why", begin.Add(24*time.Hour)) // and again
		}
		for _, leg := range tc.after {
			b.progressed(leg, begin.Add(time.Hour))
		}
		state, why := b.weigh()
		if state != tc.want || strings.Contains(why, "why") != (tc.want == StateTrouble) {
			t.Errorf("%s: %s, %q", name, state, why)
		}
	}
}

// A leg that is tried again is not yet one that goes on.
func TestARefusedAppIsInTroubleUntilALegGetsOn(t *testing.T) {
	r := newRig(t)
	enrolled := make(chan struct{})
	r.legs = func(a *app) []leg {
		return []leg{
			&scripted{word: "stream", do: func(ctx context.Context, _ int) error {
				select {
				case <-enrolled:
					a.progressed("stream", time.Now())
					return untilTold(ctx)
				default:
					return &api.Fault{Kind: api.Unenrolled, Status: 403, Method: api.MethodStream}
				}
			}},
			&scripted{word: "search", do: func(ctx context.Context, _ int) error { return untilTold(ctx) }},
		}
	}
	r.start()
	r.state(StateTrouble, "nothing can be collected: ask X (stream): the app's access does not cover this call")
	close(enrolled)
	r.state(StateCollecting, "")
	r.stop()
	if n := strings.Count(r.log.String(), "msg=\"not collecting\""); n != 1 {
		t.Errorf("it is said %d times", n)
	}
}

// A stream that is forbidden by itself, in an app that is let in, is no other trouble.
func TestAForbiddenStreamIsTroubleAndIsTriedAgain(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.fake.Fail(api.MethodStream, http.StatusForbidden, -1)
	r.start()
	r.state(StateTrouble, "nothing can be collected: ask X (stream): X does not allow this")
	r.fake.Clear(api.MethodStream)
	r.state(StateCollecting, "")
	r.streaming()
	r.arrives(r.fake.Post("invented_a", seenAt))
}
