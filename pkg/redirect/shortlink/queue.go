package shortlink

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/throttle"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	// limit bounds the posts that wait, workers how many are in hand: one shortener
	// that is slow does not hold up the others.
	limit, workers = 256, 4
	// perPost bounds what is asked for one post, roomBytes how long the addresses may
	// be together: the post must still fit into a record.
	perPost, roomBytes = 20, 16 << 10
	// patience is how long one link may take, the wait for its turns included.
	patience = 30 * time.Second
	// historyAge and liveAge are how old a post may be that comes by the lanes of
	// history and of what is new: what is new may come late, and with it may come old
	// posts that it quotes.
	historyAge, liveAge = 24 * time.Hour, 7 * 24 * time.Hour
)

// Expander is what a redirect.Client does.
type Expander interface {
	Short(host string) bool
	Expand(ctx context.Context, link string) (redirect.Result, error)
}

// Source is where a collector has posts from.
type Source interface {
	// Follows says whether a post is still wanted: nothing is asked for one that was
	// taken off the list, or went.
	Follows(post *doxtrailv1.RawPost) bool
	// Again brings a haul with a post to RAW, and tries as long as that may help. An
	// error is the collector's to log.
	Again(ctx context.Context, h haul.Haul) error
}

// Deps is what a Queue needs of its collector.
type Deps struct {
	// Gate paces the requests; its rules should have those of [Config.Methods].
	Gate *throttle.Gate
	// Metrics takes what the requests count, doxtrail_redirect_....
	Metrics prometheus.Registerer
	// Posts counts posts with short links by result: sent again with what was learnt,
	// nothing to add, failed, unfollowed, or full.
	Posts *prometheus.CounterVec
	// Lists gives the watch list in force, and each later one, until ctx ends.
	Lists func(ctx context.Context, each func(*watchlist.Effective)) error
	// Expander opens what asks; nil is redirect.New. Tests have one that asks nobody.
	Expander func(redirect.Config) (Expander, error)
}

// Queue expands the short links of posts that are on RAW. A nil one does nothing.
type Queue struct {
	client  Expander
	deps    Deps
	waiting chan job
	learnt  memory
	// sites are the hosts of the watch list in force.
	sites atomic.Pointer[[]watchlist.EffectiveSite]
	// listed is closed when there is one.
	listed chan struct{}
}

// job is a post whose short links are to be expanded.
type job struct {
	source Source
	links  []link
	// haul has the post alone, as it is to come again.
	haul haul.Haul
}

func (j job) post() *doxtrailv1.RawPost { return j.haul.Posts[0] }

func (j job) wanted() bool { return j.source.Follows(j.post()) }

// New returns a Queue; nil where cfg has it off. Errors: what is wrong with cfg.
func New(cfg Config, deps Deps) (*Queue, error) {
	if !cfg.On {
		return nil, nil
	}
	if deps.Expander == nil {
		deps.Expander = func(cfg redirect.Config) (Expander, error) { return redirect.New(cfg) }
	}
	q := &Queue{deps: deps, waiting: make(chan job, limit), listed: make(chan struct{})}
	client, err := deps.Expander(redirect.Config{Shorteners: cfg.hosts(), Watched: q.watched, Gate: deps.Gate, Metrics: deps.Metrics})
	if err != nil {
		return nil, err
	}
	q.client = client
	return q, nil
}

// watched says whether a host is on the watch list. Before there is one, all are.
func (q *Queue) watched(host string) bool {
	sites := q.sites.Load()
	if sites == nil {
		return true
	}
	for _, site := range *sites {
		if site.Listed && (host == site.Host || site.Whole && strings.HasSuffix(host, "."+site.Host)) {
			return true
		}
	}
	return false
}

// Want puts the posts of a haul that have short links on the list. RAW must have
// confirmed it. It never blocks: what does not fit is counted and left alone, and so is
// history of more than a day, which would ask for years of links at once.
func (q *Queue) Want(h haul.Haul, source Source) {
	if q == nil {
		return
	}
	for _, post := range h.Posts {
		if tooOld(h, post) {
			continue
		}
		links := q.find(post)
		if len(links) == 0 {
			continue
		}
		again := haul.Haul{Leg: h.Leg, Lane: h.Lane, Selection: h.Selection, Query: h.Query, LookedAt: h.LookedAt, Again: true}
		again.Posts = []*doxtrailv1.RawPost{proto.CloneOf(post)} // others add to the post as well
		select {
		case q.waiting <- job{source: source, links: links, haul: again}:
		default:
			q.count("full")
		}
	}
}

// tooOld says whether a post was posted or edited so long ago that nothing is asked.
func tooOld(h haul.Haul, post *doxtrailv1.RawPost) bool {
	age := h.LookedAt.Sub(time.UnixMilli(max(post.GetPostedAt(), post.GetEditedAt())))
	return age > liveAge || h.Lane != bus.LaneLive && age > historyAge
}

func (q *Queue) count(result string) { q.deps.Posts.WithLabelValues(result).Inc() }

// Run expands what waits until ctx ends. Errors: ctx's, and those of the watch list.
func (q *Queue) Run(ctx context.Context) error {
	if q == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return q.deps.Lists(ctx, func(list *watchlist.Effective) {
			if q.sites.Swap(&list.Sites) == nil {
				close(q.listed)
			}
		})
	})
	for range workers {
		group.Go(func() error { return q.work(ctx) })
	}
	return group.Wait()
}

// work expands what waits, once it is known what is watched.
func (q *Queue) work(ctx context.Context) error {
	select {
	case <-q.listed:
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case j := <-q.waiting:
			result := q.see(ctx, j)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			q.count(result)
		}
	}
}

// see expands the short links of one post, sends the post again if anything was learnt,
// and says what came of it.
func (q *Queue) see(ctx context.Context, j job) (result string) {
	learnt, room, failed := j.post().GetLinks(), roomBytes, false
	for _, l := range j.links {
		if !j.wanted() {
			return "unfollowed"
		}
		got, err := q.ask(ctx, l.address)
		if ctx.Err() != nil {
			return ""
		}
		failed = failed || err != nil
		length := len(l.address) + len(got.URL)
		if got.State() == doxtrailv1.LinkState_LINK_STATE_UNSPECIFIED || length > room {
			continue
		}
		room -= length
		learnt = append(learnt, l.with(got))
	}
	switch {
	case len(learnt) == len(j.post().GetLinks()):
		if failed {
			return "failed"
		}
		return "nothing"
	case !j.wanted():
		return "unfollowed"
	}
	j.post().SetLinks(learnt)
	if j.source.Again(ctx, j.haul) != nil {
		return "failed"
	}
	return "sent"
}

// with is a link as RAW has it, with what was learnt of it.
func (l link) with(got redirect.Result) *doxtrailv1.RawLink {
	raw := doxtrailv1.RawLink_builder{
		Source: &l.source, ExpandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_RESOLVED.Enum(), Resolves: &l.address, State: got.State().Enum(),
	}.Build()
	if got.URL != "" {
		raw.SetUrl(got.URL)
	}
	return raw
}
