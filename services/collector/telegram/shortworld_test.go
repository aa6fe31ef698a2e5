package telegram

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// shortWorld stands for the shorteners of the world: a redirect.Client dials nothing on
// this machine, and is tested with its own servers.
type shortWorld struct {
	mu      sync.Mutex
	cfg     redirect.Config
	results map[string]redirect.Result
	begun   int
	asked   []string
	hold    chan struct{}
}

func (w *shortWorld) open(cfg redirect.Config) (expander, error) {
	client, err := redirect.New(cfg)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cfg = cfg
	return inWorld{client, w}, nil
}

// inWorld knows shorteners as the real client does.
type inWorld struct {
	*redirect.Client
	world *shortWorld
}

func (e inWorld) Expand(ctx context.Context, link string) (redirect.Result, error) {
	e.world.mu.Lock()
	hold := e.world.hold
	e.world.begun++
	e.world.mu.Unlock()
	select {
	case <-hold:
	case <-ctx.Done():
		return redirect.Result{}, ctx.Err()
	}
	e.world.mu.Lock()
	defer e.world.mu.Unlock()
	e.world.asked = append(e.world.asked, link)
	return e.world.results[link], nil
}

// keepWaiting has every question wait until release is called.
func (w *shortWorld) keepWaiting() (release func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	hold := make(chan struct{})
	w.hold = hold
	return func() { close(hold) }
}

func (w *shortWorld) questions() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.asked...)
}

// isAsked says whether there was a question, answered or not.
func (w *shortWorld) isAsked() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.begun > 0
}

// times says how often a link was asked for.
func (w *shortWorld) times(link string) (n int) {
	for _, asked := range w.questions() {
		if asked == link {
			n++
		}
	}
	return n
}

func resolved(url string) redirect.Result {
	return redirect.Result{URL: url, Outcome: redirect.Resolved, Hops: 1}
}

// expanding is a rig that follows a channel and expands short links.
func expanding(t *testing.T, results map[string]redirect.Result) (*rig, *fake.Channel, *shortWorld) {
	t.Helper()
	r := newRig(t, fake.Options{})
	w := &shortWorld{results: results, hold: make(chan struct{})}
	close(w.hold)
	r.cfg.Redirects.On = true
	r.cfg.expander = w.open
	r.list.Families = []watchlist.Family{{Label: "harbour-leaks", Sites: []string{"harbour-leaks.example", "docs.hosting.test"}}}
	c := r.harbour(0)
	r.start()
	r.channelState("harbour", channelFollowed, "")
	return r, c, w
}

// targets are the links of a post that a collector resolved: what they stand for, and
// where they lead.
func (o *raw) targets(c *fake.Channel, id int) map[string]string {
	list := map[string]string{}
	for _, l := range o.post(c, id).GetLinks() {
		if l.GetExpandedBy() == doxtrailv1.LinkExpansion_LINK_EXPANSION_RESOLVED {
			list[l.GetReplaces()] = l.GetUrl() + " " + strings.TrimPrefix(l.GetSource().String(), "LINK_SOURCE_")
		}
	}
	return list
}

// shortPosts counts posts with short links by what became of them.
func (r *rig) shortPosts(result string) (n float64) {
	r.t.Helper()
	families, err := r.deps.Registry.(*prometheus.Registry).Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == "doxtrail_collector_telegram_short_link_posts_total" && m.GetLabel()[0].GetValue() == result {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}
