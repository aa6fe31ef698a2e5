package redirect

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/throttle"
)

func TestTheLineIsBoundedAndEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine([]string{"a.test", "b.test"}, 2, prometheus.NewGauge(prometheus.GaugeOpts{}))
		leave, err := l.enter(t.Context(), "a.test")
		if err != nil {
			t.Fatal(err)
		}
		var got [2]error
		var waiting sync.WaitGroup
		for i, patience := range []time.Duration{time.Second, time.Minute} {
			waiting.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				leave, err := l.enter(ctx, "a.test")
				if got[i] = err; err == nil {
					leave()
				}
			})
			synctest.Wait()
		}
		if _, err := l.enter(t.Context(), "a.test"); !errors.Is(err, ErrBusy) {
			t.Errorf("a third one waits: %v", err)
		}
		other, err := l.enter(t.Context(), "b.test")
		if err != nil {
			t.Errorf("another host: %v", err)
		}
		other()
		time.Sleep(2 * time.Second)
		leave()
		waiting.Wait()
		if !errors.Is(got[0], context.DeadlineExceeded) || got[1] != nil {
			t.Errorf("those who waited: %v", got)
		}
		if n := l.waiting.Load(); n != 0 {
			t.Errorf("%d still wait", n)
		}
		if leave, err = l.enter(t.Context(), "a.test"); err != nil {
			t.Error(err)
		}
		leave()
	})
}

func TestTheTimeThatIsSpentIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := 10 * time.Second
		sleep := func(d time.Duration) func(context.Context) {
			return func(ctx context.Context) {
				select {
				case <-time.After(d):
				case <-ctx.Done():
				}
			}
		}
		for _, want := range []time.Duration{6 * time.Second, 2 * time.Second, 0, 0} {
			begun, had := time.Now(), left
			spend(t.Context(), &left, sleep(4*time.Second))
			if took := time.Since(begun); left != want || took != had-want {
				t.Errorf("%v are left after %v, want %v", left, took, want)
			}
		}
	})
}

// A pause that a shortener asks for is kept in BUDGETS, for this process and the next.
// gate opens a gate whose waits the returned function reads as another process would.
func gate(t *testing.T) (g *throttle.Gate, waits func() []throttle.Wait) {
	t.Helper()
	server := bustest.New(t)
	bucket, err := server.Conn.Bucket(t.Context(), bus.BucketBudgets)
	if err != nil {
		t.Fatal(err)
	}
	const key = "collector-test.main"
	g, err = throttle.Open(t.Context(), throttle.Config{
		Bucket: bucket, Key: key, Default: throttle.Rule{Every: time.Millisecond, Burst: 1},
		Jitter: func(time.Duration) time.Duration { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	return g, func() []throttle.Wait {
		t.Helper()
		list, err := throttle.ReadWaits(t.Context(), bucket, key)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
}

func TestAPauseIsKept(t *testing.T) {
	r := newRig(t)
	r.mux.Handle("/x", raw("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"))
	g, waits := gate(t)
	c := r.client(t, Config{Gate: g})
	if got, err := c.Expand(t.Context(), "http://short.test/x"); err != nil || got.Reason != Paused {
		t.Fatalf("%+v, %v", got, err)
	}
	if list := waits(); len(list) != 1 || list[0].Method != Method("short.test") || time.Until(list[0].Until) < 50*time.Minute {
		t.Errorf("%v", list)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := c.Expand(ctx, "http://short.test/x"); !errors.Is(err, context.Canceled) {
		t.Errorf("it is asked again: %+v, %v", got, err)
	}
	// Whoever would wait in vain does not wait, and others are asked.
	bounded, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	if got, err := c.Expand(bounded, "http://short.test/x"); !errors.Is(err, ErrHeld) || strings.Contains(err.Error(), "short.test") {
		t.Errorf("it is waited for: %+v, %v", got, err)
	}
	r.mux.Handle("other.test/x", to("https://cards.example/x"))
	if got, err := c.Expand(bounded, "http://other.test/x"); err != nil || got.Outcome != Resolved {
		t.Errorf("another one: %+v, %v", got, err)
	}
}

// A shortener that is down takes up the time of one link, not of all.
func TestAShortenerThatDoesNotAnswerIsLeftAloneForAWhile(t *testing.T) {
	r := newRig(t)
	r.name("nowhere.test")
	r.mux.Handle("short.test/slow", drip("HTTP/1.1 302 Found\r\nX:"))
	r.mux.Handle("other.test/gone", status(404, ""))
	g, waits := gate(t)
	c := r.client(t, Config{Gate: g, Timeout: 200 * time.Millisecond})
	for link, want := range map[string]Reason{"http://short.test/slow": Slow, "http://nowhere.test/x": Unreachable, "http://other.test/gone": Gone} {
		if got, err := c.Expand(t.Context(), link); err != nil || got.Reason != want {
			t.Errorf("%s: %+v, %v", want, got, err)
		}
	}
	var held []string
	for _, w := range waits() {
		held = append(held, w.Method)
	}
	if diff := cmp.Diff([]string{Method("nowhere.test"), Method("short.test")}, held); diff != "" {
		t.Errorf("left alone (-want +got):\n%s", diff)
	}
}

func TestPauseOf(t *testing.T) {
	for value, want := range map[string]time.Duration{"": time.Minute, "7": 7 * time.Second, "0": time.Second, "-5": time.Second, "999999999": 24 * time.Hour, "99999999999": 24 * time.Hour, "99999999999999999999": 24 * time.Hour, "-99999999999999999999": time.Second, "soon": time.Minute, "Thu, 01 Jan 1970 00:00:00 GMT": time.Second} {
		if got := pauseOf(http.Header{"Retry-After": {value}}); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	_, err := New(Config{Shorteners: []string{"t.co", "https://bit.ly", "10.0.0.1"}, Hops: -1, Bytes: 2 << 20, Timeout: time.Hour, Waiting: -1})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, key := range []string{"hops", "bytes", "timeout", "waiting"} {
		if strings.Count(err.Error(), key+":") != 1 {
			t.Errorf("%s is missing in %v", key, err)
		}
	}
	if strings.Count(err.Error(), "shorteners:") != 2 {
		t.Errorf("two shorteners are none: %v", err)
	}
	for _, host := range []string{"t.co:443", "T.co", "www.t.co", "t.co/", "co", "t.co.", "printer", "a b.test", "u@t.co", ""} {
		if isShortener(host) {
			t.Errorf("%q is accepted as a shortener", host)
		}
	}
}

func TestTheShortenersOfThePackageAreHosts(t *testing.T) {
	c, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, host := range Shorteners() {
		if seen[host] {
			t.Errorf("%s stands there twice", host)
		}
		seen[host] = true
	}
	for host, want := range map[string]bool{"t.co": true, "T.co": true, "www.tinyurl.com": true, "t.me": false, "xt.co": false, "x.t.co": false, "": false} {
		if c.Short(host) != want {
			t.Errorf("%q: short is %v", host, !want)
		}
	}
}

func TestClientsOfOneRegistererShareTheirMetrics(t *testing.T) {
	r := newRig(t)
	registry := prometheus.NewRegistry()
	for range 2 {
		if _, err := r.client(t, Config{Metrics: registry}).Expand(t.Context(), "http://short.test/x"); err != nil {
			t.Fatal(err)
		}
	}
	if n := metric(t, registry, "doxtrail_redirect_links_total"); n != 2 {
		t.Errorf("%.0f links were counted, want 2", n)
	}
}

// Neither errors nor metrics nor any field but URL hold a part of an address.
func TestNothingOfALinkGetsOut(t *testing.T) {
	r := newRig(t)
	r.hostileNames()
	registry := prometheus.NewRegistry()
	c := r.client(t, Config{Watched: watchedHost, Metrics: registry})
	const secret = "a_person"
	r.mux.Handle("/"+secret, to("https://watched.test/"+secret))
	r.mux.Handle("/x/"+secret, to("http://loopback.test/"+secret))
	var told []string
	for _, link := range []string{"http://short.test/" + secret, "http://short.test/x/" + secret, "http://metadata.test/" + secret, "http://" + secret + ".example/", "http://nowhere.test/" + secret} {
		got, err := c.Expand(t.Context(), link)
		told = append(told, string(got.Outcome), string(got.Reason))
		if err != nil {
			told = append(told, err.Error())
		}
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "doxtrail_redirect_") {
			t.Errorf("metric %s", f.GetName())
		}
		told = append(told, f.String())
	}
	for _, s := range told {
		if strings.Contains(s, secret) || strings.Contains(s, ".test") || strings.Contains(s, "127.") || strings.Contains(s, "169.") {
			t.Errorf("it says %q", s)
		}
	}
	if diff := cmp.Diff(4.0, metric(t, registry, "doxtrail_redirect_links_total")); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}
