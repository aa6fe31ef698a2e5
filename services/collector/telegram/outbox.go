package telegram

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// sink takes hauls, and returns when they are safe; *haul.Outbox is one.
type sink interface {
	Send(ctx context.Context, h haul.Haul) error
}

// newOutbox puts hauls on RAW, and counts them.
func newOutbox(publisher *bus.Publisher, keys *bus.SealKeys, m *metrics, log *slog.Logger) *haul.Outbox {
	return haul.NewOutbox(publisher, keys, haul.Config{
		Platform: doxtrailv1.Platform_PLATFORM_TELEGRAM, Sent: m.sent,
		TooLarge: func(h *haul.Haul, _ bus.Kind, record proto.Message) { leaveOut(h, record, m, log) },
	})
}

// sent counts a haul that RAW has.
func (m *metrics) sent(h *haul.Haul) {
	leg := haul.LegWord(h.Leg)
	for kind, n := range map[bus.Kind]int{
		bus.KindPosts: len(h.Posts), bus.KindObservations: len(h.Observations), bus.KindChannels: len(h.Channels), bus.KindCoverage: len(h.Coverage),
	} {
		m.records.WithLabelValues(leg, string(kind)).Add(float64(n))
	}
	if h.Leg == doxtrailv1.Leg_LEG_TAIL && !h.Again {
		for _, p := range h.Posts {
			m.delay.Observe(time.Since(time.UnixMilli(p.GetPostedAt())).Seconds())
		}
	}
}
