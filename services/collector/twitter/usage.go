package twitter

import (
	"context"
	"log/slog"
	"time"

	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// usageName is the name of the leg that collects nothing.
const usageName = "usage"

// usage is the leg that compares our meter with X's.
type usage struct{ app *app }

func (usage) name() string { return usageName }

func (u usage) run(ctx context.Context) error {
	for {
		if err := patience.Sleep(ctx, u.app.cfg.pauses.usage); err != nil {
			return err
		}
		if err := u.app.retry(ctx, u.name(), func() error { return u.app.checkUsage(ctx) }); err != nil {
			return err
		}
		u.app.progressed(u.name(), time.Now())
	}
}

// firstUsage is checkUsage before anything is collected: it shows whether X accepts the
// token. It is not waited for as long as a limit may last.
func (a *app) firstUsage(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, a.cfg.pauses.first)
	defer cancel()
	err := a.checkUsage(bounded)
	if bounded.Err() != nil && ctx.Err() == nil {
		a.log.Info("X does not yet say what it has counted; the legs begin", slog.String(service.KeyClass, class(err)))
		return nil
	}
	return err
}

// checkUsage compares our meter with what X has counted. Where X does not say, only
// our own counts.
func (a *app) checkUsage(ctx context.Context) error {
	used, err := a.client.Usage(ctx)
	switch kind := api.KindOf(err); {
	case err == nil:
		return a.meter.Check(ctx, used.Posts, used.Cap, used.ResetDay)
	case kind == api.Forbidden, kind == api.Absent, kind == api.Refused, kind == api.Unenrolled, kind == api.Broken:
		a.log.Warn("X does not say what it has counted; only our own meter counts", slog.String(service.KeyClass, string(kind)))
		return nil
	}
	return err
}
