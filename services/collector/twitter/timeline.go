package twitter

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

const (
	// timelinesName is the leg's word.
	timelinesName = "timelines"
	// timelinePage is how many posts one call may bring, timelineReach how many of an
	// account X shows at all.
	timelinePage  = 100
	timelineReach = 3200
	// firstLook is how many posts are asked for when an account is looked at for the
	// first time: enough to know where what is new begins. The history reads the rest.
	firstLook = 5
)

// timelines is the leg that reads what the watched accounts post, reposts too.
type timelines struct {
	app    *app
	roster *roster
}

func (*timelines) name() string { return timelinesName }

// run reads what is new on each timeline, from time to time, until ctx ends or the
// budget is spent.
func (t *timelines) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	lists := t.app.follow(ctx, group, timelinesName)
	group.Go(func() error { return t.loop(ctx, lists) })
	return group.Wait()
}

func (t *timelines) loop(ctx context.Context, lists <-chan *watchlist.Effective) error {
	for {
		select {
		case list := <-lists:
			if err := t.roster.follow(ctx, list); err != nil {
				return err
			}
		default:
		}
		if err := t.pass(ctx, time.Now()); err != nil {
			return err
		}
		t.app.board.leftOut(timelinesName, t.roster.outOf())
		if err := patience.Sleep(ctx, t.app.cfg.pauses.look); err != nil {
			return err
		}
	}
}

// pass does once what is due.
func (t *timelines) pass(ctx context.Context, now time.Time) error {
	if due := t.roster.due(true, now); len(due) > 0 {
		if err := t.roster.resolve(ctx, due); err != nil {
			return err
		}
	}
	if due := t.roster.due(false, now); len(due) > 0 {
		if err := t.roster.look(ctx, due); err != nil {
			return err
		}
	}
	if err := t.roster.share(ctx); err != nil {
		return err
	}
	seen := map[uint64]bool{} // listed by handle and by number, an account is asked for once
	for _, a := range t.roster.accounts {
		if !a.readable() || seen[a.ID] {
			continue
		}
		seen[a.ID] = true
		if now.Before(a.pause.until) || now.Before(time.UnixMilli(a.PolledAt).Add(t.app.cfg.Timelines.Poll)) {
			continue
		}
		if err := t.poll(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// poll reads what is new on a timeline, newest first, and moves on when all of it is on
// RAW: a process that is killed in between reads it again.
func (t *timelines) poll(ctx context.Context, a *account) error {
	ask, first := api.Page{Max: timelinePage}, a.PolledAt == 0
	if first {
		ask.Max = firstLook
	}
	if a.Since > 0 {
		ask.SinceID = idText(a.Since)
	}
	newest, lowest, count, state := a.Since, uint64(0), 0, spanComplete
	for {
		got, err := t.app.timeline(ctx, timelinesName, ForLive, a.id(), ask)
		if begin := t.app.pauseOf(got, err); begin != nil {
			t.roster.paused(a.ID, begin) // what it posts meanwhile is read when that is over
			return nil
		}
		if err != nil {
			return err
		}
		if err := t.app.sendAsked(ctx, timelinesName, t.haul(got.at), got); err != nil {
			return err
		}
		if got.covers() == spanGap {
			state = spanGap
		}
		low, high := got.bounds()
		next := got.Meta.NextToken
		// Pages that lead nowhere would be paid for without an end.
		stuck := next != "" && (next == ask.NextToken || lowest > 0 && low >= lowest)
		newest, count = max(newest, high), count+len(got.Posts)
		if low > 0 {
			lowest = low
		}
		if ask.NextToken = next; next == "" || first || stuck {
			cut := stuck && !first || count >= t.roster.reach
			if err := t.covers(ctx, a, lowest, cut, state, got.at); err != nil {
				return err
			}
			return t.roster.update(ctx, a, func(s *accountState) { s.Since, s.PolledAt = newest, got.at.UnixMilli() })
		}
	}
}

// covers reports what was covered: down to the lowest id, where X shows no more.
func (t *timelines) covers(ctx context.Context, a *account, lowest uint64, cut bool, state doxtrailv1.CoverageState, at time.Time) error {
	t.roster.paused(a.ID, func(p *pause) { *p = pause{} })
	from := time.UnixMilli(a.PolledAt)
	h := t.haul(at)
	if a.PolledAt == 0 {
		from = timeOf(lowest)
	}
	if cut { // X shows no more, and there may be
		h.Coverage = append(h.Coverage, coverageOf(spanGap, a.id(), from, timeOf(lowest), at))
		from = timeOf(lowest)
	}
	h.Coverage = append(h.Coverage, coverageOf(state, a.id(), from, at, at))
	if err := t.app.send(ctx, timelinesName, h); err != nil {
		return err
	}
	t.app.progressed(timelinesName, at)
	return nil
}

func (*timelines) haul(at time.Time) haul.Haul {
	return haul.Haul{Leg: doxtrailv1.Leg_LEG_TAIL, Lane: bus.LaneLive, Selection: doxtrailv1.Selection_SELECTION_FULL, LookedAt: at}
}

// timeline asks for a page of an account's posts, and not for ever for one that cannot be
// read.
func (a *app) timeline(ctx context.Context, leg string, share Share, id string, ask api.Page) (answer, error) {
	return a.askWhile(ctx, leg, share, mostOf(ask.Max), pageMayPass(), func(ctx context.Context) ([]byte, error) {
		return a.client.Timeline(ctx, id, ask)
	})
}

// bounds are the lowest and the highest id of a page; 0 if it is empty. They are those
// of versions, by which timelines are paged.
func (g answer) bounds() (low, high uint64) {
	for i := range g.Posts {
		id, _ := numberOf(g.Posts[i].ID)
		if low == 0 || id < low {
			low = id
		}
		high = max(high, id)
	}
	return low, high
}

// refusedWhy says why a timeline is not to be read now; empty where it is, or where
// something else is wrong.
func refusedWhy(got answer, err error) string {
	switch kind := api.KindOf(err); {
	case kind == api.Absent, kind == api.Forbidden, kind == api.Refused:
		return "X does not show its timeline; it is tried again"
	case err == nil && absent(got.TweetPage):
		return "the account is gone, suspended or protected; it is tried again"
	default:
		return ""
	}
}

// timeOf is the time that an id carries; zero where it carries none.
func timeOf(id uint64) time.Time { return timeAt(idText(id)) }

// coverageOf reports a look at a timeline. Times that are zero are left out.
func coverageOf(state doxtrailv1.CoverageState, channel string, from, to, at time.Time) *doxtrailv1.RawCoverage {
	lookedAt := at.UnixMilli()
	c := doxtrailv1.RawCoverage_builder{State: &state, ChannelId: &channel, LookedAt: &lookedAt}.Build()
	if !from.IsZero() {
		c.SetFromAt(from.UnixMilli())
	}
	if !to.IsZero() {
		c.SetToAt(to.UnixMilli())
	}
	return c
}
