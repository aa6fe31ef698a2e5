package recorder

import (
	"context"
	"log/slog"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	// stripEvery is the longest between two looks: a second look may confirm that
	// a post is gone, or a site be listed, without a row of X.
	stripEvery = time.Hour
	// stripLimit bounds one look, and lastStripLimit the one at a stop.
	stripLimit, lastStripLimit = 10 * time.Minute, 10 * time.Second
)

// keepStripping looks at the start, after rows of X came and every hour for what
// must not be kept of posts that are gone from X, until ctx ends. What fails is
// tried again the next time.
func (r *Recorder) keepStripping(ctx context.Context) {
	for {
		r.strip(ctx, stripLimit)
		select {
		case <-ctx.Done():
			return
		case <-time.After(r.cfg.StripWait):
		}
		select {
		case <-ctx.Done():
			return
		case <-r.strips:
		case <-time.After(stripEvery - r.cfg.StripWait):
		}
	}
}

// lastStrip looks once more at a stop if rows of X came since: nobody knows when
// a recorder runs again.
func (r *Recorder) lastStrip(ctx context.Context) {
	select {
	case <-r.strips:
		r.strip(context.WithoutCancel(ctx), lastStripLimit)
	default:
	}
}

func (r *Recorder) strip(ctx context.Context, limit time.Duration) {
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done, err := r.deps.Store.StripWithdrawn(bounded)
	for _, kind := range store.Kinds() {
		if n := done[kind]; n > 0 {
			r.metrics.stripped.WithLabelValues(string(kind)).Add(float64(n))
		}
	}
	if n := done.Rows(); n > 0 {
		r.log.Info("posts that are gone from X were stripped", slog.Uint64(service.KeyPosts, done[store.KindPosts]), slog.Uint64(service.KeyRecords, n))
	}
	if err != nil {
		if ctx.Err() == nil {
			r.metrics.stripFailures.Inc()
			r.log.Warn("posts that are gone from X not stripped; tried again", service.Error(err))
		}
		r.wantStrip()
		return
	}
	r.metrics.stripAt.SetToCurrentTime()
}

// noteStrips asks for a look if deliveries brought anything of a post of X.
func (r *Recorder) noteStrips(deliveries []*bus.Delivery) {
	for _, d := range deliveries {
		if d.Subject.Platform == doxtrailv1.Platform_PLATFORM_TWITTER {
			r.wantStrip()
			return
		}
	}
}

func (r *Recorder) wantStrip() {
	select {
	case r.strips <- struct{}{}:
	default: // it is wanted already
	}
}
