package twitter

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// streamRig is a rig whose collector asks an X in process.
type streamRig struct {
	*rig
	fake *fake.Server
	raw  *onRaw
}

func newStreamRig(t *testing.T, opts fake.Options) *streamRig {
	t.Helper()
	r := &streamRig{rig: newRig(t)}
	opts.Token = "token-1"
	if opts.Heartbeat == 0 {
		opts.Heartbeat = 40 * time.Millisecond
	}
	r.fake = fake.New(opts)
	t.Cleanup(r.fake.Close)
	for _, method := range methods() {
		r.fake.Limit(method, 0, 0)
	}
	r.cfg.APIURL = r.fake.URL()
	r.cfg.Stream.On, r.cfg.Search.On = true, true
	r.cfg.Timelines.On, r.cfg.Compliance.On, r.cfg.Shares = false, false, SharesConfig{} // others ask again
	r.cfg.Budget.MoneyPerMonth = "100000"
	r.cfg.pauses.stream = streamTimes{
		silence: bustest.Patience, network: 5 * time.Millisecond, networkLimit: 50 * time.Millisecond,
		http: 20 * time.Millisecond, httpLimit: 100 * time.Millisecond, limited: 50 * time.Millisecond, noRules: 5 * time.Second,
		gather: 5 * time.Millisecond, keep: 10 * time.Millisecond, idle: 20 * time.Millisecond, calm: 20 * time.Millisecond,
		cover: time.Hour, settle: time.Millisecond, overlap: time.Second, rules: time.Hour,
	}
	r.raw = readRaw(r.rig, 100*time.Millisecond)
	r.publish(watchlist.List{Families: []watchlist.Family{{Label: "harbour", Sites: []string{"harbour-leaks.example"}, Terms: []string{"canary"}}}})
	return r
}

// streaming waits until the stream is open.
func (r *streamRig) streaming() {
	r.t.Helper()
	if err := r.fake.WaitStreams(r.within(), 1); err != nil {
		r.t.Fatalf("%v\n%s", err, r.log)
	}
}

// arrives waits until posts are on RAW.
func (r *streamRig) arrives(ids ...string) {
	r.t.Helper()
	r.eventually(fmt.Sprintf("%d posts are on RAW", len(ids)), func() bool {
		return !slices.ContainsFunc(ids, func(id string) bool { return r.raw.post(id) == nil })
	})
}

// closed waits until all gaps of posts were closed by search, at least n: the first is
// that of the first connection, which begins at some moment before it is open.
func (r *streamRig) closed(n int) {
	r.t.Helper()
	r.eventually(fmt.Sprintf("%d gaps are closed", n), func() bool {
		gaps, complete := r.raw.spans()
		return gaps == 0 && complete >= n
	})
}

// silent says whether the log holds what may stand in none.
func (r *streamRig) silent() {
	r.t.Helper()
	for _, secret := range []string{"harbour-leaks", "canary", "token-1", "url_contains", "url:"} {
		if strings.Contains(r.log.String(), secret) {
			r.t.Errorf("the log holds %q", secret)
		}
	}
}

// app is what the legs share.
func (r *streamRig) app() *app {
	r.collector.mu.Lock()
	defer r.collector.mu.Unlock()
	if r.collector.inUse == nil {
		r.t.Fatal("the collector is not connected")
	}
	return r.collector.inUse
}

// everything says which posts that X has, and that match, are not on RAW. Reposts that
// were made while the stream was away are not to be had.
func (r *streamRig) everything() {
	r.t.Helper()
	for _, p := range r.fake.Truth().Posts {
		if p.Kind == "repost" && len(p.Delivered) == 0 || len(p.Matched) == 0 {
			continue
		}
		if r.raw.post(p.First) == nil {
			r.t.Errorf("a %s is not on RAW", p.Kind)
		}
	}
}

// foreign makes a rule of somebody else.
func (r *streamRig) foreign(value string) error {
	return r.changeRules(fmt.Sprintf(`{"add":[{"value":%q,"tag":"somebody else's"}]}`, value))
}

// changeRules changes the rules as another process with the same app would.
func (r *streamRig) changeRules(body string) error {
	request, err := http.NewRequestWithContext(r.within(), http.MethodPost, r.fake.URL()+"/2/tweets/search/stream/rules", strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer token-1")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// value is the sum of a metric's values.
func (r *streamRig) value(name string) float64 {
	r.t.Helper()
	return servicetest.Metric(r.t, r.deps.Registry.(*prometheus.Registry), "doxtrail_collector_twitter_"+name)
}
