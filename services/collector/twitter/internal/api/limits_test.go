package api_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/throttle"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// The Gate that the collector has is one.
var _ api.Gate = (*throttle.Gate)(nil)

func TestWhatXSaysOfLimitsIsHeldTo(t *testing.T) {
	served := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC) // X's clock, not ours
	in := func(d time.Duration) string { return strconv.FormatInt(served.Add(d).Unix(), 10) }
	for _, one := range []struct {
		name   string
		status int
		header map[string]string
		want   []time.Duration
	}{
		{"nothing is said", 200, nil, nil},
		{"some are left", 200, map[string]string{"x-rate-limit-remaining": "1", "x-rate-limit-reset": in(time.Minute)}, nil},
		{"none are left", 200, map[string]string{"x-rate-limit-remaining": "0", "x-rate-limit-reset": in(time.Minute)}, []time.Duration{time.Minute}},
		{"none are left, after a failure", 503, map[string]string{"x-rate-limit-remaining": "0", "x-rate-limit-reset": in(time.Minute)}, []time.Duration{time.Minute}},
		{"a reset in the past", 200, map[string]string{"x-rate-limit-remaining": "0", "x-rate-limit-reset": in(-time.Minute)}, nil},
		{"a reset in the year 2100", 200, map[string]string{"x-rate-limit-remaining": "0", "x-rate-limit-reset": "4102444800"}, []time.Duration{16 * time.Minute}},
		{"a reset that is no time", 200, map[string]string{"x-rate-limit-remaining": "0", "x-rate-limit-reset": "9223372036854775807"}, []time.Duration{16 * time.Minute}},
		{"none of the app's day", 200, map[string]string{"x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": in(5 * time.Hour)}, []time.Duration{5 * time.Hour}},
		{"none of the user's day, for years", 200, map[string]string{"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": in(50000 * time.Hour)}, []time.Duration{24 * time.Hour}},
		{"the longest counts", 200, map[string]string{
			"x-rate-limit-remaining": "0", "x-rate-limit-reset": in(time.Minute),
			"x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": in(time.Hour),
		}, []time.Duration{time.Hour}},
		{"words", 200, map[string]string{"x-rate-limit-remaining": "none", "x-rate-limit-reset": "soon"}, nil},
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", served.Format(http.TimeFormat))
			for key, value := range one.header {
				w.Header().Set(key, value)
			}
			w.WriteHeader(one.status)
			io.WriteString(w, "{}")
		})
		g := &gate{}
		c := open(t, s.URL, through(g))
		c.Posts(t.Context(), []string{"1"})
		if diff := cmp.Diff(one.want, g.holds); diff != "" {
			t.Errorf("%s: %s", one.name, diff)
		}
	}
}

func TestWhatCameTooEarlyIsAskedForAgain(t *testing.T) {
	for _, one := range []struct {
		name   string
		header map[string]string
		want   []time.Duration
	}{
		{"without a word", nil, []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute}},
		{"with a wait", map[string]string{"Retry-After": "90"}, []time.Duration{90 * time.Second, 90 * time.Second, 90 * time.Second, 90 * time.Second, 90 * time.Second}},
		{"with a reset in the past", map[string]string{"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1"}, []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute}},
		{"with a reset alone", map[string]string{"x-rate-limit-reset": strconv.FormatInt(time.Date(2030, 1, 1, 0, 10, 0, 0, time.UTC).Unix(), 10)}, []time.Duration{10 * time.Minute, 10 * time.Minute, 10 * time.Minute, 10 * time.Minute, 10 * time.Minute}},
	} {
		var requests atomic.Int32
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", "Tue, 01 Jan 2030 00:00:00 GMT")
			if requests.Add(1) > 5 {
				io.WriteString(w, "\r\n{}\r\n")
				return
			}
			for key, value := range one.header {
				w.Header().Set(key, value)
			}
			w.WriteHeader(429)
		})
		g := &gate{}
		c := open(t, s.URL, through(g))
		for range 2 { // what succeeded begins anew
			g.holds, g.turns = nil, nil
			requests.Store(0)
			if _, err := c.Posts(t.Context(), []string{"1"}); err != nil || len(g.turns) != 6 {
				t.Errorf("%s: %d turns, %v", one.name, len(g.turns), err)
			}
			if diff := cmp.Diff(one.want, g.holds); diff != "" {
				t.Errorf("%s: %s", one.name, diff)
			}
		}
		requests.Store(0)
		if m := messages(t, stream(t, c), 1); m[0] != "{}" {
			t.Errorf("%s: the stream brought %s", one.name, m)
		}
	}
}

func TestWhatAlwaysComesTooEarlyEnds(t *testing.T) {
	s := serve(t, text(429, ""))
	g := &gate{}
	began := time.Now()
	_, err := open(t, s.URL, through(g)).Posts(t.Context(), []string{"1"})
	var fault *api.Fault
	if !errors.As(err, &fault) || fault.Kind != api.Limited || fault.Until.Before(began.Add(15*time.Minute)) || len(g.turns) != 8 || len(g.holds) != 8 {
		t.Errorf("%d turns, %d holds, %+v", len(g.turns), len(g.holds), fault)
	}
}

func TestWhatWasPaidForIsNotLostWithAHold(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-rate-limit-remaining", "0")
		w.Header().Set("x-rate-limit-reset", strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10))
		io.WriteString(w, "{}")
	})
	if _, err := open(t, s.URL, through(&gate{fails: throttle.ErrTaken})).Posts(t.Context(), []string{"1"}); err != nil {
		t.Error(err)
	}
	s = serve(t, text(429, ""))
	if _, err := open(t, s.URL, through(&gate{fails: throttle.ErrTaken})).Posts(t.Context(), []string{"1"}); !errors.Is(err, throttle.ErrTaken) {
		t.Errorf("error is %v", err)
	}
}

func TestMethodsAreNamed(t *testing.T) {
	want := []string{
		"search.recent", "search.all", "stream", "rules.read", "rules.change", "posts", "users",
		"timeline", "quotes", "reposts", "compliance", "usage", "connections",
	}
	if diff := cmp.Diff(want, api.Methods()); diff != "" {
		t.Error(diff)
	}
}
