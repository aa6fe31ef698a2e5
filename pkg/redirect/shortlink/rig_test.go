package shortlink_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink/shortlinktest"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	entity   = doxtrailv1.LinkSource_LINK_SOURCE_ENTITY
	quoted   = doxtrailv1.LinkSource_LINK_SOURCE_QUOTED
	textLink = doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK
)

// rig is a queue, the collector that has it, and the world that it asks. It runs in a
// bubble of time.
type rig struct {
	t     *testing.T
	world *shortlinktest.World
	queue *shortlink.Queue
	posts *prometheus.CounterVec
	lists chan *watchlist.Effective
	// broken, if there is one, is why no second list is to be had.
	broken error

	mu         sync.Mutex
	unfollowed bool
	refused    error
	sent       []haul.Haul
}

func newRig(t *testing.T, results map[string]redirect.Result) *rig {
	t.Helper()
	r := &rig{t: t, world: shortlinktest.New(results), lists: make(chan *watchlist.Effective, 1)}
	r.posts = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "posts"}, []string{"result"})
	var err error
	r.queue, err = shortlink.New(shortlink.Config{On: true}, shortlink.Deps{Posts: r.posts, Lists: r.listen, Expander: r.world.Open})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// run runs the queue until stop is called.
func (r *rig) run() (stop func()) {
	ctx, cancel := context.WithCancel(r.t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		if err := r.queue.Run(ctx); !errors.Is(err, context.Canceled) {
			r.t.Errorf("it ended with %v", err)
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// list puts a watch list in force.
func (r *rig) list(sites ...watchlist.EffectiveSite) { r.lists <- &watchlist.Effective{Sites: sites} }

func (r *rig) listen(ctx context.Context, each func(*watchlist.Effective)) error {
	for {
		select {
		case list := <-r.lists:
			each(list)
			if r.broken != nil {
				return r.broken
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *rig) Follows(*doxtrailv1.RawPost) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.unfollowed
}

func (r *rig) Again(_ context.Context, h haul.Haul) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refused == nil {
		r.sent = append(r.sent, h)
	}
	return r.refused
}

// live is a haul of what was just posted.
func live(posts ...*doxtrailv1.RawPost) haul.Haul {
	return haul.Haul{Leg: doxtrailv1.Leg_LEG_TAIL, Lane: bus.LaneLive, LookedAt: time.Now(), Posts: posts}
}

func post(text string, links ...*doxtrailv1.RawLink) *doxtrailv1.RawPost {
	now := time.Now().UnixMilli()
	return doxtrailv1.RawPost_builder{Text: &text, PostedAt: &now, Links: links}.Build()
}

func marked(url string, source doxtrailv1.LinkSource, replaces string) *doxtrailv1.RawLink {
	l := doxtrailv1.RawLink_builder{Url: &url, Source: &source}.Build()
	if replaces != "" {
		l.SetReplaces(replaces)
	}
	return l
}

// learnt is what the posts say that came again, a line a link.
func (r *rig) learnt() (lines []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.sent {
		for _, l := range h.Posts[0].GetLinks() {
			if l.HasResolves() {
				lines = append(lines, strings.Join([]string{
					l.GetResolves(), l.GetUrl(), strings.TrimPrefix(l.GetSource().String(), "LINK_SOURCE_"), strings.TrimPrefix(l.GetState().String(), "LINK_STATE_"),
				}, " "))
			}
		}
	}
	return lines
}

// results says how often each result was counted.
func (r *rig) results() map[string]float64 {
	registry, counts := prometheus.NewRegistry(), map[string]float64{}
	registry.MustRegister(r.posts)
	families, err := registry.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			counts[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
		}
	}
	return counts
}

func (r *rig) wantResults(want map[string]float64) {
	r.t.Helper()
	if diff := cmp.Diff(want, r.results()); diff != "" {
		r.t.Errorf("results (-want +got):\n%s", diff)
	}
}

func (r *rig) wantAsked(want ...string) {
	r.t.Helper()
	asked := r.world.Questions()
	slices.Sort(asked)
	if diff := cmp.Diff(want, asked); diff != "" {
		r.t.Errorf("asked (-want +got):\n%s", diff)
	}
}
