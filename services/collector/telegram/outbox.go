package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// haul is what one look at a channel brought in. All of it goes to RAW before
// the leg that looked moves on.
type haul struct {
	leg doxtrailv1.Leg
	// lane is archive for history: years of it must not hold up what is new.
	lane     bus.Lane
	lookedAt time.Time

	posts        []*doxtrailv1.RawPost
	observations []*doxtrailv1.RawObservation
	channels     []*doxtrailv1.RawChannel
	coverage     []*doxtrailv1.RawCoverage
}

func (h *haul) empty() bool {
	return len(h.posts)+len(h.observations)+len(h.channels)+len(h.coverage) == 0
}

// add takes a post and its edits.
func (h *haul) add(post *doxtrailv1.RawPost, edits []*doxtrailv1.RawObservation) {
	h.posts = append(h.posts, post)
	h.observations = append(h.observations, edits...)
}

// sink takes hauls, and returns when they are safe; *outbox is one.
type sink interface {
	send(ctx context.Context, h haul) error
}

// outbox puts hauls on RAW.
type outbox struct {
	publisher *bus.Publisher
	keys      *bus.SealKeys
	metrics   *metrics
	log       *slog.Logger
}

// send returns when RAW has confirmed all of a haul. After an error parts of it
// may be there: it is to be sent again, and doubles nothing.
func (o *outbox) send(ctx context.Context, h haul) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := lingering(ctx) // a haul that is begun is sent whole
	defer cancel()
	h.coverage = slices.Clone(h.coverage) // a second try begins with what was given
	var receipts []*bus.Receipt
	for _, part := range []struct {
		kind    bus.Kind
		records func() []proto.Message
	}{
		{bus.KindChannels, func() []proto.Message { return messages(h.channels) }},
		{bus.KindPosts, func() []proto.Message { return messages(h.posts) }},
		{bus.KindObservations, func() []proto.Message { return messages(h.observations) }},
		{bus.KindCoverage, func() []proto.Message { return messages(h.coverage) }}, // last: it says that the rest is there
	} {
		sent, err := o.publish(ctx, &h, part.kind, part.records())
		if err != nil {
			return err
		}
		receipts = append(receipts, sent...)
	}
	for _, r := range receipts {
		if _, err := r.Wait(ctx); err != nil {
			return fmt.Errorf("store a batch: %w", err)
		}
	}
	o.count(&h)
	return nil
}

func messages[M proto.Message](records []M) []proto.Message {
	out := make([]proto.Message, 0, len(records))
	for _, r := range records {
		out = append(out, r)
	}
	return out
}

// publish sends the records of one kind in as few batches as they fit in.
func (o *outbox) publish(ctx context.Context, h *haul, kind bus.Kind, records []proto.Message) (receipts []*bus.Receipt, err error) {
	builder := bus.NewBuilder(bus.StageRaw)
	for i, record := range records {
		err := builder.Add(record)
		if errors.Is(err, bus.ErrRecordTooLarge) {
			o.leaveOut(h, record)
		} else if err != nil {
			return nil, err
		}
		if builder.Len() == 0 || !builder.Full() && i < len(records)-1 {
			continue
		}
		receipt, err := o.seal(ctx, h, kind, builder)
		if err != nil {
			return nil, err
		}
		receipts = append(receipts, receipt)
	}
	return receipts, nil
}

func (o *outbox) seal(ctx context.Context, h *haul, kind bus.Kind, builder *bus.Builder) (*bus.Receipt, error) {
	key, err := o.keys.Current(ctx)
	if err != nil {
		return nil, err
	}
	platform, selection, lookedAt := doxtrailv1.Platform_PLATFORM_TELEGRAM, doxtrailv1.Selection_SELECTION_FULL, h.lookedAt.UnixMilli()
	origin := doxtrailv1.BatchOrigin_builder{Platform: &platform, Leg: &h.leg, Selection: &selection, LookedAt: &lookedAt}.Build()
	message, err := builder.Raw(bus.Subject{Stage: bus.StageRaw, Lane: h.lane, Kind: kind, Platform: platform}, origin, key)
	if err != nil {
		return nil, err
	}
	return o.publisher.Publish(ctx, message)
}

func (o *outbox) count(h *haul) {
	leg := legWord(h.leg)
	for kind, n := range map[bus.Kind]int{
		bus.KindPosts: len(h.posts), bus.KindObservations: len(h.observations), bus.KindChannels: len(h.channels), bus.KindCoverage: len(h.coverage),
	} {
		o.metrics.records.WithLabelValues(leg, string(kind)).Add(float64(n))
	}
	if h.leg == doxtrailv1.Leg_LEG_TAIL {
		for _, p := range h.posts {
			o.metrics.delay.Observe(time.Since(time.UnixMilli(p.GetPostedAt())).Seconds())
		}
	}
}

// legWord is a leg's word in metrics and status.
func legWord(leg doxtrailv1.Leg) string {
	switch leg {
	case doxtrailv1.Leg_LEG_TAIL:
		return "tail"
	case doxtrailv1.Leg_LEG_HISTORY:
		return "history"
	case doxtrailv1.Leg_LEG_REPOLL:
		return "repoll"
	default:
		return "other"
	}
}
