package telegram

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/throttle"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	// shortLimit bounds the posts whose short links wait to be expanded, shortWorkers
	// how many are in hand: one shortener that is slow does not hold up the others.
	shortLimit, shortWorkers = 256, 4
	// shortPerPost bounds what one post has expanded, shortBytes how long the targets
	// may be together: the post must still fit into a record.
	shortPerPost, shortBytes = 20, 16 << 10
	// shortPatience is how long one link may take, the wait for its turns included.
	shortPatience = 30 * time.Second
	// shortAge is how old a post of the history may be.
	shortAge = 24 * time.Hour
	// shortKnown bounds the links that are not expanded again.
	shortKnown = 20_000
)

// expander is what a redirect.Client does.
type expander interface {
	Short(host string) bool
	Expand(ctx context.Context, link string) (redirect.Result, error)
}

// shortLink is a link on a shortener, as it stands in a post and as it is asked for.
type shortLink struct {
	address, spelled string
	source           doxtrailv1.LinkSource
}

// shortened is a post that is on RAW, and whose short links are to be expanded.
type shortened struct {
	ch       *channel
	post     *doxtrailv1.RawPost
	links    []shortLink
	leg      doxtrailv1.Leg
	lane     bus.Lane
	lookedAt time.Time
}

// shortLinks expands the short links of new and edited posts, when the posts
// themselves are on RAW; a post then goes to RAW once more, with what its short links
// lead to beside them. What waits is forgotten when the process ends: the posts are
// there, with their short links. It is nil where that is off.
type shortLinks struct {
	account *account
	client  expander
	waiting chan shortened
	// sites are the hosts of the watch list in force.
	sites atomic.Pointer[[]watchlist.EffectiveSite]
	// listed is closed when there is one.
	listed chan struct{}

	mu sync.Mutex
	// known are the targets of links by their addresses, empty for those that lead
	// nowhere.
	known map[string]string
}

// seeShortLinks has the account expand short links, where that is wanted.
func (a *account) seeShortLinks(turns *throttle.Gate, metrics prometheus.Registerer) (err error) {
	if !a.cfg.Redirects.On || !a.cfg.HasAccount() {
		return nil
	}
	s := &shortLinks{account: a, waiting: make(chan shortened, shortLimit), listed: make(chan struct{}), known: map[string]string{}}
	s.client, err = a.cfg.expander(redirect.Config{Shorteners: a.cfg.Redirects.hosts(), Watched: s.watched, Gate: turns, Metrics: metrics})
	a.shortLinks = s
	return err
}

// openRedirects is the expander of a collector that is no test's.
func openRedirects(cfg redirect.Config) (expander, error) { return redirect.New(cfg) }

// watched says whether a host is on the watch list. Before there is one, all are.
func (s *shortLinks) watched(host string) bool {
	sites := s.sites.Load()
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

// want puts the posts of a haul with short links on the list. It never blocks. Old
// history is left alone, for it would ask for years of links at once; what is new can
// come as history too, after a pause or where Telegram skipped it.
func (s *shortLinks) want(ch *channel, h haul.Haul) {
	if s == nil {
		return
	}
	for _, post := range h.Posts {
		if h.Lane != bus.LaneLive && h.LookedAt.Sub(time.UnixMilli(post.GetPostedAt())) > shortAge {
			continue
		}
		links := s.find(post)
		if len(links) == 0 {
			continue
		}
		// A copy, for others add to the post as well.
		select {
		case s.waiting <- shortened{ch: ch, post: proto.CloneOf(post), links: links, leg: h.Leg, lane: h.Lane, lookedAt: h.LookedAt}:
		default:
			s.account.metrics.shortLinks.WithLabelValues("full").Inc()
		}
	}
}

// find lists the short links of a post, each once.
func (s *shortLinks) find(post *doxtrailv1.RawPost) (list []shortLink) {
	finder, seen := cardlink.New(), map[string]bool{}
	add := func(found []cardlink.Link, spelled func(cardlink.Link) string) {
		for _, l := range found {
			scheme := l.Scheme
			if scheme == "" {
				scheme = "https"
			}
			address := scheme + "://" + l.URL
			if s.client.Short(l.Host) && !seen[l.URL] && len(list) < shortPerPost {
				seen[l.URL] = true
				list = append(list, shortLink{address: address, spelled: spelled(l), source: l.Source})
			}
		}
	}
	for _, m := range post.GetLinks() {
		add(finder.Marked(nil, m.GetUrl(), m.GetSource(), m.GetExpandedBy()), func(cardlink.Link) string { return m.GetUrl() })
	}
	text := post.GetText()
	add(finder.Text(nil, text), func(l cardlink.Link) string { return text[l.Start:l.End] })
	return list
}

// run expands what waits until ctx ends.
func (s *shortLinks) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return s.account.lists(ctx, func(list *watchlist.Effective) {
			if s.sites.Swap(&list.Sites) == nil {
				close(s.listed)
			}
		})
	})
	for range shortWorkers {
		group.Go(func() error { return s.work(ctx) })
	}
	return group.Wait()
}

// work expands what waits, once it is known what is watched.
func (s *shortLinks) work(ctx context.Context) error {
	select {
	case <-s.listed:
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case post := <-s.waiting:
			result, err := s.see(ctx, post)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.account.metrics.shortLinks.WithLabelValues(result).Inc()
			if err != nil {
				post.ch.log.Warn("a post does not come again with the targets of its short links", service.Error(err))
			}
		}
	}
}

// see expands the short links of one post, and sends the post again if that gave a
// target.
func (s *shortLinks) see(ctx context.Context, post shortened) (result string, err error) {
	links, room := post.post.GetLinks(), shortBytes
	for _, link := range post.links {
		if !s.account.follows(post.ch) { // it was taken off the list: nothing is asked for it
			return "unfollowed", nil
		}
		target, err := s.expand(ctx, link.address)
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err != nil {
			result = "failed"
		}
		if target == "" || len(target)+len(link.spelled) > room {
			continue
		}
		room -= len(target) + len(link.spelled)
		links = append(links, doxtrailv1.RawLink_builder{
			Url: &target, Source: &link.source, ExpandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_RESOLVED.Enum(), Replaces: &link.spelled,
		}.Build())
	}
	switch {
	case !s.account.follows(post.ch):
		return "unfollowed", nil
	case len(links) > len(post.post.GetLinks()):
	case result == "":
		return "nothing", nil
	default:
		return result, nil
	}
	post.post.SetLinks(links)
	s.account.pictures.fill(post.post)
	h := haul.Haul{Leg: post.leg, Lane: post.lane, LookedAt: post.lookedAt, Posts: []*doxtrailv1.RawPost{post.post}}
	return "sent", post.ch.retry(ctx, func() error { return s.account.outbox.Send(ctx, h) })
}

// expand gives the target of a link, empty if it leads nowhere. The error, that
// nothing is known, holds no address.
func (s *shortLinks) expand(ctx context.Context, address string) (string, error) {
	s.mu.Lock()
	target, known := s.known[address]
	s.mu.Unlock()
	if known {
		return target, nil
	}
	ctx, cancel := context.WithTimeout(ctx, shortPatience)
	defer cancel()
	got, err := s.client.Expand(ctx, address)
	if errors.Is(err, redirect.ErrNotShort) || got.Hops == 0 && err == nil {
		got, err = redirect.Result{}, nil // a shortener's other port, or one that is watched itself
	}
	if err != nil || got.Reason.Later() {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= shortKnown {
		clear(s.known)
	}
	s.known[address] = got.URL
	return got.URL, nil
}
