package recorder

import (
	"context"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// place is one record of a batch.
type place struct {
	delivery *bus.Delivery
	index    int
}

// recordApart finds the records that ClickHouse refuses in a batch that it
// refused, by halving: every other record is stored on the way, and for each
// culprit some log2 of the batch's records inserts are made, most of them tiny.
// It is done here and not by handing deliveries out again in parts, because
// those would mix with new ones and have whole batches refused time and again.
func (r *Recorder) recordApart(ctx context.Context, b *batch) {
	var all []place
	for _, d := range b.deliveries {
		if err := d.Unfold(); err != nil {
			r.log.Error("delivery cannot be read again", service.Error(err))
			r.giveBack(ctx, b.deliveries)
			return
		}
		for i := range d.Records {
			all = append(all, place{d, i})
		}
	}
	if r.halve(ctx, all, store.NewRows()) {
		r.settle(ctx, b.deliveries)
		return
	}
	r.giveBack(ctx, b.deliveries)
}

// halve stores what it can of records that were refused together, and marks the
// culprits as failed. It is false when ctx ended first.
func (r *Recorder) halve(ctx context.Context, records []place, rows *store.Rows) bool {
	if len(records) < 2 {
		for _, p := range records {
			if err := p.delivery.Fail(p.index, classRefused); err != nil {
				r.log.Error("refused record cannot be set aside", service.Error(err))
			}
		}
		return true
	}
	middle := len(records) / 2
	for _, half := range [][]place{records[:middle], records[middle:]} {
		if ctx.Err() != nil {
			return false // one insert may be waited for, not dozens
		}
		switch r.insert(ctx, r.gather(rows, half)) {
		case inserted:
		case refused:
			if !r.halve(ctx, half, rows) {
				return false
			}
		case stopped:
			return false
		}
	}
	return true
}

// gather fills rows with some records. Those that can never be a row were
// marked when the batch was filled.
func (r *Recorder) gather(rows *store.Rows, records []place) *store.Rows {
	rows.Reset()
	for _, p := range records {
		_ = r.append(rows, p.delivery.Subject, p.delivery.Records[p.index])
	}
	return rows
}
