package recorder

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

// fieldCollectedAt is doxtrailv1.Post.collected_at.
const fieldCollectedAt protowire.Number = 9

// noteLag observes how long the live posts of stored deliveries took from being
// collected to being rows. What an archive holds was collected when it was made,
// which says nothing about us.
func (r *Recorder) noteLag(deliveries []*bus.Delivery, now time.Time) {
	for _, d := range deliveries {
		if d.Subject.Lane != bus.LaneLive || d.Subject.Kind != bus.KindPosts {
			continue
		}
		for _, record := range d.Records {
			if at, ok := collectedAt(record); ok {
				// A clock that was set back gives no negative lag.
				lag := max(now.Sub(time.UnixMilli(at)), 0)
				r.metrics.lag.WithLabelValues(bus.PlatformToken(d.Subject.Platform)).Observe(lag.Seconds())
			}
		}
	}
}

// collectedAt finds one field of an encoded post without decoding the rest.
func collectedAt(record []byte) (ms int64, ok bool) {
	for len(record) > 0 {
		field, kind, n := protowire.ConsumeTag(record)
		if n < 0 {
			return 0, false
		}
		record = record[n:]
		if field == fieldCollectedAt && kind == protowire.VarintType {
			v, n := protowire.ConsumeVarint(record)
			return int64(v), n > 0
		}
		if n = protowire.ConsumeFieldValue(field, kind, record); n < 0 {
			return 0, false
		}
		record = record[n:]
	}
	return 0, false
}
