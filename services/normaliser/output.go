package normaliser

import (
	"context"
	"fmt"
	"slices"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// target is the part of a subject that the records of one delivery differ in.
type target struct {
	kind     bus.Kind
	platform doxtrailv1.Platform
}

// output collects what one delivery becomes, a batch a kind, and publishes it.
// It belongs to one goroutine and is used again for the next delivery.
type output struct {
	lane      bus.Lane
	publisher *bus.Publisher
	builders  map[target]*bus.Builder
	// order is the order in which targets first got a record, so that what is
	// published does not depend on a map's order.
	order []target
	// full holds the batches of the delivery that reached their size.
	full []bus.Message
	err  error
}

func newOutput(publisher *bus.Publisher) *output {
	return &output{publisher: publisher, builders: map[target]*bus.Builder{}}
}

// start forgets the last delivery.
func (o *output) start(lane bus.Lane) {
	o.lane, o.err = lane, nil
	for _, t := range o.order {
		o.builders[t].Reset()
	}
	clear(o.full) // payloads are the publisher's now
	o.order, o.full = o.order[:0], o.full[:0]
}

// add puts one encoded record into the batch of its kind and platform.
func (o *output) add(kind bus.Kind, platform doxtrailv1.Platform, record []byte) {
	t := target{kind, platform}
	b := o.builders[t]
	if b == nil {
		b = bus.NewBuilder(bus.StageRecords)
		o.builders[t] = b
	}
	if !slices.Contains(o.order, t) {
		o.order = append(o.order, t)
	}
	if err := b.AddEncoded(record); err != nil {
		o.fail(fmt.Errorf("add a record of kind %s: %w", kind, err))
	}
	if b.Full() {
		o.pack(t)
	}
}

// pack makes a message of what a target has collected so far.
func (o *output) pack(t target) {
	m, err := o.builders[t].Records(bus.Subject{Stage: bus.StageRecords, Lane: o.lane, Kind: t.kind, Platform: t.platform})
	if err != nil {
		o.fail(err)
		return
	}
	o.full = append(o.full, m)
}

// fail keeps the first fault; publish returns it.
func (o *output) fail(err error) {
	if o.err == nil {
		o.err = err
	}
}

// publish sends everything that was added and returns the receipts; the
// batches of one delivery are in flight together, so it costs one round trip
// and not one a kind.
func (o *output) publish(ctx context.Context) ([]*bus.Receipt, error) {
	for _, t := range o.order {
		if o.builders[t].Len() > 0 {
			o.pack(t)
		}
	}
	if o.err != nil {
		return nil, o.err
	}
	receipts := make([]*bus.Receipt, 0, len(o.full))
	for _, m := range o.full {
		receipt, err := o.publisher.Publish(ctx, m)
		if err != nil {
			return nil, err
		}
		receipts = append(receipts, receipt)
	}
	return receipts, nil
}
