package telegram

import (
	"context"
	"log/slog"
	"time"

	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/service"
)

// patient says how looks at a channel are tried again.
func patient(log *slog.Logger, limit time.Duration, troubled func(what string)) patience.Config {
	return patience.Config{
		Limit: limit, Passes: func(err error) bool { return faultOf(err) == faultTransient },
		Failing: func(err error, failures int) {
			log.Warn("a look at a channel failed; it is tried again", slog.String(service.KeyClass, class(err)), slog.Int(service.KeyCount, failures), service.Error(err))
		},
		Passed: func(failures int) { log.Info("a look at a channel that failed has passed", service.KeyCount, failures) },
		Troubled: func(err error) {
			if err == nil {
				troubled("")
				return
			}
			troubled("tried again and again: " + reasonOf(err))
		},
	}
}

// retry does something again for as long as what hinders it may pass by itself.
func retry(ctx context.Context, log *slog.Logger, limit time.Duration, troubled func(what string), do func() error) error {
	return patience.Retry(ctx, patient(log, limit, troubled), do)
}
