package recorder

import (
	"context"
	"log/slog"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// heed takes over what was erased meanwhile. Where that cannot be read nothing is
// inserted: the delivery comes again.
func (r *Recorder) heed(d *bus.Delivery) bool {
	if r.deps.Tombstones == nil {
		return true
	}
	set, err := r.deps.Tombstones.Current()
	if err == nil {
		r.tombstones.Store(set)
		return true
	}
	r.log.Error("tombstones cannot be read, and nothing is stored without them", service.Error(err))
	d.Later(0)
	r.settle(context.Background(), []*bus.Delivery{d})
	return false
}

// append adds a record to rows, unless it is about something that was erased.
func (r *Recorder) append(rows *store.Rows, subject bus.Subject, record []byte) error {
	if set := r.tombstones.Load(); set != nil {
		switch set.Judge(string(subject.Kind), record) {
		case privacy.Goes:
			r.metrics.erased.WithLabelValues(string(subject.Kind)).Inc()
			return nil
		case privacy.Unsure:
			r.wantLook()
		case privacy.Stays:
		}
	}
	return rows.Append(store.Kind(subject.Kind), subject.Platform, record)
}

// keepErased looks whether rows of what was erased are in the tables: at the start,
// because a command that erases may have been killed, after links came that may show
// an erased card, and every hour, because a site may have been listed since.
func (r *Recorder) keepErased(ctx context.Context) {
	r.wantLook()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.doubts:
		case <-time.After(stripEvery):
		}
		r.enforce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(r.cfg.StripWait):
		}
	}
}

// enforce deletes what is left of what was erased, if anything was.
func (r *Recorder) enforce(ctx context.Context) {
	bounded, cancel := context.WithTimeout(ctx, stripLimit)
	defer cancel()
	done, err := r.deps.Store.EnforceErasures(bounded)
	for kind, n := range done {
		r.metrics.erased.WithLabelValues(string(kind)).Add(float64(n))
	}
	if n := done.Rows(); n > 0 {
		r.log.Info("rows of what was erased were deleted", slog.Uint64(service.KeyRecords, n))
	}
	if err != nil && ctx.Err() == nil {
		r.log.Warn("rows of what was erased not looked for; tried again", service.Error(err))
		r.wantLook()
	}
}

func (r *Recorder) wantLook() {
	select {
	case r.doubts <- struct{}{}:
	default: // it is wanted already
	}
}
