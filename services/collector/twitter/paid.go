package twitter

import (
	"context"
	"errors"
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// paid makes one call that costs up to most. Do says what it did cost. Errors: *Spent,
// and then nothing was asked; those of BUDGETS, likewise; those of do.
func (a *app) paid(ctx context.Context, share Share, most Cost, do func(context.Context) (Cost, error)) error {
	r := request{meter: a.meter, share: share, most: most}
	defer r.settle(ctx)
	return r.try(ctx, do)
}

// payFor is paid that tries again while an error may pass.
func (a *app) payFor(ctx context.Context, leg string, share Share, most Cost, may func(error) bool, do func(context.Context) (Cost, error)) error {
	r := request{meter: a.meter, share: share, most: most}
	defer r.settle(ctx)
	return a.retryWhile(ctx, leg, may, func() error { return r.try(ctx, do) })
}

// request is one call with all its tries, and what they cost. X charges for a post once
// a day, and a second try is for the same posts: so however many answers were lost, they
// cost no more than one, or a broken connection would spend the month in an hour.
type request struct {
	meter *Meter
	share Share
	most  Cost

	hold *Hold
	day  string
	cost Cost
	lost bool // an answer that X may have charged for
}

// try makes the call once.
func (r *request) try(ctx context.Context, do func(context.Context) (Cost, error)) error {
	today := r.meter.clock().UTC().Format(time.DateOnly)
	if r.hold != nil && r.day != today {
		r.settle(ctx)
	}
	if r.hold == nil {
		hold, err := r.meter.Reserve(ctx, r.share, r.most)
		if err != nil {
			return err
		}
		r.hold, r.day = hold, today
	}
	cost, err := do(ctx)
	switch {
	case err == nil:
		r.cost = cost
	case mayHaveCost(err):
		r.lost = true
	}
	return err
}

// settle counts what was spent. What does not get through is counted as all that was
// reserved until the next reservation.
func (r *request) settle(ctx context.Context) {
	if r.hold == nil {
		return
	}
	if r.lost {
		r.cost = r.most
	}
	_ = r.hold.Settle(ctx, r.cost)
	r.hold, r.cost, r.lost = nil, Cost{}, false
}

// mayHaveCost says whether X may have charged for a call that failed: where it was not
// asked or said no, it has not; where its answer was lost, it may have.
func mayHaveCost(err error) bool {
	var fault *api.Fault
	if !errors.As(err, &fault) {
		return true
	}
	return fault.Status < 300 && !fault.Unsent && fault.Kind != api.Refused && fault.Kind != api.NoToken
}

// costOf is what a page did cost: what X sent, asked for or not, and readable or not.
func costOf(page *archive.TweetPage) Cost {
	return Cost{Posts: int64(len(page.Posts) + len(page.Included) + page.Rejected), Users: int64(len(page.Accounts))}
}
