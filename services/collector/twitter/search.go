package twitter

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

const (
	searchName = "search"
	// overlapAfter is how much further than a gap search is asked: a stream that has
	// just been opened may begin a little later.
	overlapAfter = 15 * time.Second
	// recentReach is how old what recent search is asked for may be: X gives seven
	// days, and reading takes time.
	recentReach = 7*24*time.Hour - time.Hour
)

// search is the leg that closes the gaps of the stream, and stands in for it where it
// is off. It finds no reposts: their gap stays, named, and after a longer one the posts
// that may have been reposted go on the list of those whose reposts are asked for.
type search struct {
	app     *app
	times   streamTimes
	gaps    *gaps
	watches []watch
	listed  bool
	// state is where the stream would be, for the search that stands in for it.
	state streamState
}

func newSearch(a *app, g *gaps) *search {
	return &search{app: a, times: a.streamTimes(), gaps: g}
}

func (*search) name() string { return searchName }

// run implements leg.
func (s *search) run(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	lists := s.app.follow(ctx, group, searchName)
	group.Go(func() error { return s.loop(ctx, lists) })
	return group.Wait()
}

// begin reads what an earlier process left, and tells its gaps again: it may have been
// killed before it did.
func (s *search) begin(ctx context.Context) error {
	if err := s.gaps.begin(ctx, searchName); err != nil {
		return err
	}
	for _, one := range s.gaps.all() {
		for _, part := range one.spans() {
			if err := s.app.tellSpan(ctx, searchName, doxtrailv1.Leg_LEG_TAIL, part, spanGap, spanGap); err != nil {
				return err
			}
		}
	}
	if s.app.cfg.Stream.On {
		return nil
	}
	s.state = streamState{}
	_, err := s.app.load(ctx, searchName, streamName, &s.state)
	return err
}

func (s *search) loop(ctx context.Context, lists <-chan *watchlist.Effective) error {
	for {
		wait, err := s.work(ctx)
		if err != nil {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case list := <-lists:
			s.watches, _ = watchesOf(list, s.app.key) // what is left out the rules say
			s.listed = true
		case <-s.gaps.more:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// work does the next thing that is due and says when to look again.
func (s *search) work(ctx context.Context) (time.Duration, error) {
	if !s.listed {
		return s.app.cfg.Search.Poll, nil
	}
	if err := s.poll(ctx); err != nil {
		return 0, err
	}
	first, found := s.gaps.first()
	if !found {
		return s.nextPoll(), nil
	}
	if wait := s.settles(first); wait > 0 {
		return min(wait, s.nextPoll()), nil
	}
	whole, err := s.gaps.join(ctx, searchName, first, s.reaches)
	if err != nil {
		return 0, err
	}
	return 0, s.closeGap(ctx, whole)
}

// settles is how long it is until search knows what was posted in a gap.
func (s *search) settles(g gap) time.Duration { return time.Until(g.span().to().Add(s.times.settle)) }

// reaches says whether a search for one gap reaches into that for the next: what lies
// between them would be paid for twice. What recent search no longer reaches is asked
// for apart, for it may be refused.
func (s *search) reaches(whole, next gap) bool {
	between := next.span().from().Add(-s.times.overlap).Sub(whole.span().to().Add(overlapAfter))
	return between <= 0 && s.settles(next) <= 0 && !s.old(whole) && !s.old(next)
}

// old says whether a gap is older than recent search reaches.
func (s *search) old(g gap) bool {
	return time.Since(g.span().from().Add(-s.times.overlap)) > recentReach
}

// nextPoll is how long it is until search stands in for the stream again.
func (s *search) nextPoll() time.Duration {
	wait := s.app.cfg.Search.Poll
	if s.app.cfg.Stream.On || s.state.Sure == 0 {
		return wait
	}
	return max(min(wait, time.Until(time.UnixMilli(s.state.Sure).Add(wait))), 0)
}

// poll puts what came since the last poll on the list, where there is no stream.
func (s *search) poll(ctx context.Context) error {
	now := time.Now().UnixMilli()
	switch {
	case s.app.cfg.Stream.On:
		return nil
	case s.state.Sure != 0 && now-s.state.Sure < s.app.cfg.Search.Poll.Milliseconds():
		return nil
	case s.state.Sure != 0:
		if err := s.gaps.put(ctx, searchName, gap{From: s.state.Sure, To: now}); err != nil {
			return err
		}
	}
	s.state = streamState{Sure: now, Covered: now}
	return s.app.keep(ctx, searchName, streamName, s.state)
}

// closeGap reads what search finds of a gap, query by query.
func (s *search) closeGap(ctx context.Context, g gap) error {
	old := s.old(g)
	length := s.app.cfg.Search.RecentLength
	if old {
		length = s.app.cfg.Search.AllLength
	}
	queries, out := searches(s.watches, length)
	for _, q := range queries {
		name := s.app.key.Name("twitter/query", q.Text)[:16]
		if slices.Contains(g.Done, name) {
			continue
		}
		err := s.ask(ctx, &g, q, name, old)
		switch kind := api.KindOf(err); {
		case old && (kind == api.Unenrolled || kind == api.Forbidden):
			return s.tooOld(ctx, g)
		case kind == api.Refused:
			g.Failed = true
			out = append(out, leftOut{q.Watch.Label, "a query that X does not take"})
		case err != nil:
			return err
		}
		g.Done, g.Query, g.Until = append(g.Done, name), "", 0
		if err := s.gaps.moved(ctx, searchName, g); err != nil {
			return err
		}
	}
	s.app.board.leftOut(searchName, out)
	if err := s.gaps.close(ctx, searchName, g); err != nil {
		return err
	}
	for _, part := range g.spans() {
		if part.To-part.From > s.times.blink.Milliseconds() {
			s.app.wantShares(part.from(), part.to())
		}
	}
	return nil
}

// ask reads one query of a gap from where it was left.
func (s *search) ask(ctx context.Context, g *gap, q query, name string, old bool) error {
	if g.Query != name {
		g.Query, g.Until = name, 0
	}
	f := finding{
		name: searchName, leg: doxtrailv1.Leg_LEG_SEARCH, lane: bus.LaneLive, share: ForLive, all: old, query: q.Text,
		since: idAt(g.span().from().Add(-s.times.overlap)), until: idAt(g.span().to().Add(overlapAfter)),
	}
	if g.Until != 0 {
		f.until = g.Until
	}
	return s.app.find(ctx, f, nil, func(far found) error {
		g.Failed = g.Failed || far.covers == spanGap
		if far.last || far.lowest == 0 {
			return nil
		}
		g.Until = far.lowest
		return s.gaps.moved(ctx, searchName, *g)
	})
}

// tooOld leaves a gap as one that the app's access has no search for, and goes on with
// what of it is recent enough.
func (s *search) tooOld(ctx context.Context, g gap) error {
	s.app.log.Warn("a gap of the stream is older than recent search reaches, and the app has no access to the full archive: it stays in coverage",
		slog.Time("from", g.span().from()), slog.String(service.KeyOutcome, "gap"))
	recent := time.Now().Add(s.times.overlap - recentReach + time.Hour/2).UnixMilli()
	lost := gap{From: g.From, To: g.To, Failed: true}
	var rest []gap
	for _, part := range g.spans() {
		if part.From < recent {
			lost.Parts = append(lost.Parts, part)
		}
		if part.To > recent {
			rest = append(rest, gap{From: max(part.From, recent), To: part.To})
		}
	}
	return s.gaps.close(ctx, searchName, lost, rest...)
}
