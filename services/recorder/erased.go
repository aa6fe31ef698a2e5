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

// keepErased looks whether rows of what was erased are in the tables: some time after
// the start, which a process that only lasts a moment does not reach, after links came
// that may show an erased card, and every hour, because a site may have been listed
// since.
func (r *Recorder) keepErased(ctx context.Context) {
	for first := true; ; first = false {
		select {
		case <-ctx.Done():
			return
		case <-time.After(r.cfg.StripWait):
		}
		if !first {
			select {
			case <-ctx.Done():
				return
			case <-r.doubts:
			case <-time.After(stripEvery - r.cfg.StripWait):
			}
		}
		r.enforce(ctx, stripLimit)
	}
}

// lastLook looks once more at a stop if such links came since.
func (r *Recorder) lastLook(ctx context.Context) {
	select {
	case <-r.doubts:
		r.enforce(context.WithoutCancel(ctx), lastStripLimit)
	default:
	}
}

// enforce deletes what is left of what was erased, if anything was.
func (r *Recorder) enforce(ctx context.Context, limit time.Duration) {
	bounded, cancel := context.WithTimeout(ctx, limit)
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
