package twitter

import (
	"context"
	"slices"
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// sharePages bounds how many pages of a post's shares are read at a time, for all of
// them are paid for: the newest two thousand. What is older is a gap in coverage.
const sharePages = 20

// shares is the leg that asks who passed on the posts that are known: search shows no
// reposts, and the stream none of before. Reposts and quotes are posts, with authors
// and times.
type shares struct {
	app  *app
	list *shareList
	// grown says that it is the turn of those whose counters have grown.
	grown bool
}

func (*shares) name() string { return sharesName }

// run asks for the shares of what is wanted until ctx ends or the budget is spent, by
// turns: after gaps of the stream, for there nothing else tells, and where counters have
// grown. After one gap there may be more to ask for than X answers in days.
func (s *shares) run(ctx context.Context) error {
	for {
		did, err := s.next(ctx)
		if err != nil {
			return err
		}
		if did {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.app.wanted.wake():
		case <-s.list.more:
		}
	}
}

// next asks for the shares of one post.
func (s *shares) next(ctx context.Context) (did bool, err error) {
	s.grown = !s.grown
	turns := []func(context.Context) (bool, error){s.afterGap, s.whereGrown}
	if s.grown {
		slices.Reverse(turns)
	}
	for _, turn := range turns {
		if did, err = turn(ctx); did || err != nil {
			return did, err
		}
	}
	return false, nil
}

// afterGap asks for the reposts of one post that a gap of the stream may have hidden.
func (s *shares) afterGap(ctx context.Context) (did bool, err error) {
	if !s.app.cfg.Shares.Reposts {
		return false, nil
	}
	ids := s.app.wanted.take(1)
	if len(ids) == 0 {
		return false, nil
	}
	if err := s.ask(ctx, ids[0], reposts(), true); err != nil {
		s.app.wanted.want(ids...)
		return false, err
	}
	return true, nil
}

// whereGrown asks for the shares of one post whose counters have grown.
func (s *shares) whereGrown(ctx context.Context) (did bool, err error) {
	w, found, err := s.list.first(ctx)
	if err != nil || !found {
		return false, err
	}
	return true, s.both(ctx, w)
}

// both asks for what has grown of one post, and notes the counters at which it did.
func (s *shares) both(ctx context.Context, w wantedShares) error {
	if err := s.list.begin(ctx, w.ID); err != nil {
		return err
	}
	if w.Reposts > 0 {
		if err := s.ask(ctx, w.ID, reposts(), w.Begun); err != nil {
			return err
		}
	}
	if w.Quotes > 0 {
		if err := s.ask(ctx, w.ID, quotes(), w.Begun); err != nil {
			return err
		}
	}
	if s.app.known.edit(w.ID, func(p *knownPost) {
		p.Reposts, p.Quotes = max(p.Reposts, w.Reposts), max(p.Quotes, w.Quotes)
	}) {
		if err := s.app.keepKnown(ctx, sharesName); err != nil {
			return err
		}
	}
	return s.list.done(ctx, w)
}

// sharing is one way to pass a post on.
type sharing struct {
	// operator is how X's queries call it: coverage is by query.
	operator string
	page     func(c *api.Client, ctx context.Context, id, next string) ([]byte, error)
}

func reposts() sharing { return sharing{"retweets_of_tweet_id:", (*api.Client).Reposts} }
func quotes() sharing  { return sharing{"quotes_of_tweet_id:", (*api.Client).Quotes} }

// ask reads the shares of a post, newest first. Without all it ends at the first page
// on which nothing is new: after a gap of the stream, or where a process was killed
// meanwhile, what is missing may be further down.
func (s *shares) ask(ctx context.Context, id uint64, by sharing, all bool) error {
	state := spanComplete
	for next, page := "", 0; ; page++ {
		got, err := s.app.askFor(ctx, sharesName, ForLater, mostOf(100), func(ctx context.Context) ([]byte, error) {
			return by.page(s.app.client, ctx, idText(id), next)
		})
		// Refused too: one post that X will not be asked about must not hold up the others.
		if kind := api.KindOf(err); kind == api.Absent || kind == api.Forbidden || kind == api.Refused {
			return s.missed(ctx, id, by, time.Time{}, time.Now())
		}
		if err != nil {
			return err
		}
		if absent(got.TweetPage) {
			return s.missed(ctx, id, by, time.Time{}, got.at)
		}
		if got.covers() == spanGap {
			state = spanGap
		}
		fresh := s.fresh(got.Posts)
		next = got.Meta.NextToken
		cut := next != "" && page+1 >= sharePages
		last := cut || next == "" || !all && !fresh
		from := timeOf(id)
		if cut {
			from = oldest(got.Posts)
		}
		h := s.haul(id, by, got.at)
		if last { // since when all were looked at
			h.Coverage = append(h.Coverage, covered(by.operator+idText(id), state, from, got.at))
		}
		if err := s.app.sendAsked(ctx, sharesName, h, got); err != nil {
			return err
		}
		if cut {
			return s.missed(ctx, id, by, from, got.at)
		}
		if last {
			return nil
		}
	}
}

// absent says whether a page is about something that X does not show.
func absent(page *archive.TweetPage) bool {
	return len(page.Posts) == 0 && slices.ContainsFunc(page.Problems, func(p archive.TweetProblem) bool { return p.Parameter == "id" })
}

// fresh says whether one of the posts was not listed yet.
func (s *shares) fresh(posts []archive.TweetPost) bool {
	return slices.ContainsFunc(posts, func(p archive.TweetPost) bool {
		id, _ := numberOf(p.Raw.GetPostId())
		was, found := s.app.known.get(id)
		return !found || was.Aside
	})
}

// oldest is the time of the oldest post of a page; zero if it has none.
func oldest(posts []archive.TweetPost) (at time.Time) {
	for _, p := range posts {
		if t := time.UnixMilli(p.Raw.GetPostedAt()); at.IsZero() || t.Before(at) {
			at = t
		}
	}
	return at
}

// missed says in coverage that the shares of a post were not had: those up to a time,
// or all of them where that is zero.
func (s *shares) missed(ctx context.Context, id uint64, by sharing, to, at time.Time) error {
	if to.IsZero() {
		to = at
	}
	h := s.haul(id, by, at)
	h.Coverage = append(h.Coverage, covered(by.operator+idText(id), spanGap, timeOf(id), to))
	return s.app.send(ctx, sharesName, h)
}

func (s *shares) haul(id uint64, by sharing, at time.Time) haul.Haul {
	return haul.Haul{
		Leg: doxtrailv1.Leg_LEG_SEARCH, Lane: bus.LaneLive, Selection: doxtrailv1.Selection_SELECTION_SEARCH,
		Query: by.operator + idText(id), LookedAt: at,
	}
}
