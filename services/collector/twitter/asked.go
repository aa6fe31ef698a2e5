package twitter

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/service"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

// answer is a page of X's and when it came.
type answer struct {
	*archive.TweetPage

	at time.Time
}

// errBody is an answer that is JSON and no page of X's. Its words are not told on.
var errBody = &api.Fault{Kind: api.Broken}

// askFor makes a call that is paid for and reads its page. It tries again what passes.
// Errors: *Spent, *api.Fault, those of the bus.
func (a *app) askFor(ctx context.Context, leg string, share Share, most Cost, do func(context.Context) ([]byte, error)) (answer, error) {
	return a.askWhile(ctx, leg, share, most, passes, do)
}

// askWhile is askFor that tries again while an error may pass.
func (a *app) askWhile(ctx context.Context, leg string, share Share, most Cost, may func(error) bool, do func(context.Context) ([]byte, error)) (got answer, err error) {
	err = a.payFor(ctx, leg, share, most, may, func(ctx context.Context) (Cost, error) {
		body, err := do(ctx)
		if err != nil {
			return Cost{}, err
		}
		got.at = time.Now()
		if got.TweetPage, err = archive.NewTweetReader().Read(body, got.at); err != nil {
			return Cost{}, errBody
		}
		return costOf(got.TweetPage), nil
	})
	if err == nil && got.Rejected > 0 {
		a.metrics.rejected.WithLabelValues(leg).Add(float64(got.Rejected))
		a.log.Warn("some of an answer cannot be read; it is a gap in coverage", slog.String(keyLeg, leg), slog.Int(service.KeyCount, got.Rejected))
	}
	return got, err
}

// covers is what coverage says of what a page is to hold: a gap where some of it cannot
// be read.
func (g answer) covers() doxtrailv1.CoverageState {
	if g.Rejected > 0 {
		return spanGap
	}
	return spanComplete
}

// mostOf is what a page of so many posts can cost: each may refer to two others, and
// every author comes along.
func mostOf(posts int) Cost { return Cost{Posts: 3 * int64(posts), Users: 3 * int64(posts)} }

// from is the look that an answer is.
func (a *app) from(at time.Time) look.Look { return look.Look{At: at, Vantage: a.cfg.Vantage} }

// read notes a post that RAW has. Of one that was known before nothing changes, but
// that one which was missing is asked for anew: it may be back, and that is told from
// what X says of itself.
func (k *known) read(p *archive.TweetPost) {
	fresh, ok := knownOf(p)
	if !ok {
		return
	}
	if !k.edit(fresh.ID, func(was *knownPost) {
		if was.Mark.missing() {
			was.Mark = markGone
		}
		was.Aside = false
	}) {
		k.set(fresh)
	}
}

// knownOf is what is known of a post that was just read. It is false for one without
// numbers.
func knownOf(p *archive.TweetPost) (knownPost, bool) {
	id, ok := numberOf(p.Raw.GetPostId())
	author, hasAuthor := numberOf(p.Raw.GetChannelId())
	mark := markUp
	if isWithheld(p) {
		mark = markWithheld
	}
	return knownPost{ID: id, Author: author, Mark: mark}, ok && hasAuthor
}

// numberOf reads an id of X's.
func numberOf(id string) (n uint64, ok bool) {
	n, err := strconv.ParseUint(id, 10, 64)
	return n, err == nil && n > 0
}

// asked is a page without the posts that those which were asked for refer to, and
// without their authors. They belong to accounts that nobody watches.
func (g answer) asked() *archive.TweetPage {
	page := *g.TweetPage
	page.Included, page.Channels = nil, nil
	authors := map[string]bool{}
	for i := range page.Posts {
		authors[page.Posts[i].Raw.GetChannelId()] = true
	}
	for _, c := range g.Channels {
		if authors[c.GetChannelId()] {
			page.Channels = append(page.Channels, c)
		}
	}
	return &page
}

// sendAsked puts the posts of a page that were asked for on RAW, and then among those
// that are known.
func (a *app) sendAsked(ctx context.Context, leg string, h haul.Haul, got answer) error {
	a.gather(&h, got.asked(), got.at)
	if err := a.send(ctx, leg, h); err != nil {
		return err
	}
	for i := range got.Posts {
		a.known.read(&got.Posts[i])
	}
	a.progressed(leg, got.at)
	return a.keepKnown(ctx, leg)
}
