package haul

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/patience"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Config says whose hauls an outbox sends.
type Config struct {
	Platform doxtrailv1.Platform
	// Sent is called for each haul that RAW has confirmed; nil tells nobody.
	Sent func(*Haul)
	// TooLarge is called for each record that no message can hold. It is left out, so
	// somebody has to say so: in the haul's coverage, which may be changed. Nil tells
	// nobody.
	TooLarge func(h *Haul, kind bus.Kind, record proto.Message)
}

// Outbox puts hauls on RAW, sealed. It is safe for concurrent use.
type Outbox struct {
	publisher *bus.Publisher
	keys      *bus.SealKeys
	cfg       Config
}

// NewOutbox returns an Outbox that sends with a publisher of RAW, which stays the
// caller's to close.
func NewOutbox(publisher *bus.Publisher, keys *bus.SealKeys, cfg Config) *Outbox {
	return &Outbox{publisher: publisher, keys: keys, cfg: cfg}
}

// Send returns when RAW has confirmed all of a haul. A haul that is begun is sent
// whole, also when ctx ends meanwhile, but not for long. After an error parts of it
// may be there: it is to be sent again. Errors: those of the bus, and ctx's.
func (o *Outbox) Send(ctx context.Context, h Haul) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := patience.Lingering(ctx)
	defer cancel()
	h.Coverage = slices.Clone(h.Coverage) // a second try begins with what was given
	var receipts []*bus.Receipt
	for _, kind := range sendOrder() {
		sent, err := o.publish(ctx, &h, kind, h.records(kind))
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
	if o.cfg.Sent != nil {
		o.cfg.Sent(&h)
	}
	return nil
}

// publish sends the records of one kind in as few batches as they fit in.
func (o *Outbox) publish(ctx context.Context, h *Haul, kind bus.Kind, records []proto.Message) (receipts []*bus.Receipt, err error) {
	builder := bus.NewBuilder(bus.StageRaw)
	for i, record := range records {
		err := builder.Add(record)
		if errors.Is(err, bus.ErrRecordTooLarge) {
			if o.cfg.TooLarge != nil {
				o.cfg.TooLarge(h, kind, record)
			}
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

func (o *Outbox) seal(ctx context.Context, h *Haul, kind bus.Kind, builder *bus.Builder) (*bus.Receipt, error) {
	key, err := o.keys.Current(ctx)
	if err != nil {
		return nil, err
	}
	subject := bus.Subject{Stage: bus.StageRaw, Lane: h.Lane, Kind: kind, Platform: o.cfg.Platform}
	message, err := builder.Raw(subject, h.origin(o.cfg.Platform), key)
	if err != nil {
		return nil, err
	}
	return o.publisher.Publish(ctx, message)
}
