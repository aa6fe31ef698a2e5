package twitter

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink"
	"github.com/doxtrail/doxtrail/pkg/service"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// seeShortLinks has the app expand short links, where that is wanted. X itself tells
// where t.co leads; what it tells may be the next shortener.
func (a *app) seeShortLinks(metrics prometheus.Registerer) (err error) {
	a.shortLinks, err = shortlink.New(a.cfg.Redirects, shortlink.Deps{
		Gate: a.turns, Metrics: metrics, Posts: a.metrics.shortLinks, Lists: a.lists, Expander: a.cfg.expander,
	})
	return err
}

// expandShortLinks expands what waits until ctx ends. It is no leg: what hinders it
// hinders nothing else.
func (a *app) expandShortLinks(ctx context.Context) error {
	return patience.Retry(ctx, patience.Config{
		Limit: a.cfg.pauses.retryLimit, Passes: func(error) bool { return true },
		Failing: func(err error, failures int) {
			a.log.Warn("short links are not expanded now", slog.String(service.KeyClass, class(err)), slog.Int(service.KeyCount, failures), service.Error(err))
		},
	}, func() error { return a.shortLinks.Run(ctx) })
}

// shortLinked is an app as the source of posts with short links.
type shortLinked struct{ *app }

// Follows is false for a post that went: what is asked of X later must not bring back
// what it had.
func (s shortLinked) Follows(post *doxtrailv1.RawPost) bool {
	id, _ := numberOf(post.GetPostId())
	known, _ := s.known.get(id)
	return !known.Mark.missing()
}

// Again sends a post once more. That is no leg, and none is in trouble by it.
func (s shortLinked) Again(ctx context.Context, h haul.Haul) error {
	err := patience.Retry(ctx, patience.Config{Limit: s.cfg.pauses.retryLimit, Passes: passes}, func() error { return s.outbox.Send(ctx, h) })
	if err != nil && ctx.Err() == nil {
		s.log.Warn("a post does not come again with what its short links lead to", slog.String(service.KeyClass, class(err)), service.Error(err))
	}
	return err
}
