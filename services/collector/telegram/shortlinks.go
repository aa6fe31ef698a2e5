package telegram

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/throttle"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// seeShortLinks has the account expand short links, where that is wanted.
func (a *account) seeShortLinks(turns *throttle.Gate, metrics prometheus.Registerer) (err error) {
	if !a.cfg.HasAccount() {
		return nil
	}
	a.shortLinks, err = shortlink.New(a.cfg.Redirects, shortlink.Deps{
		Gate: turns, Metrics: metrics, Posts: a.metrics.shortLinks, Lists: a.lists, Expander: a.cfg.expander,
	})
	return err
}

// shortLinked is a channel as the source of posts with short links.
type shortLinked struct{ *channel }

// Follows is false for a channel that was taken off the list.
func (s shortLinked) Follows(*doxtrailv1.RawPost) bool { return s.account.follows(s.channel) }

// Again sends a post once more, with the hashes of its pictures that are known by now.
func (s shortLinked) Again(ctx context.Context, h haul.Haul) error {
	for _, post := range h.Posts {
		s.account.pictures.fill(post)
	}
	err := s.retry(ctx, func() error { return s.account.outbox.Send(ctx, h) })
	if err != nil && ctx.Err() == nil {
		s.log.Warn("a post does not come again with what its short links lead to", service.Error(err))
	}
	return err
}
