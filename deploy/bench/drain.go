package main

import (
	"context"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
)

// drainer takes what comes on a stream, opens it, and does with it what handle
// does.
type drainer struct {
	path   *path
	conn   *bus.Conn
	stream string
	handle bus.Handler
}

// drain makes the service that ends a part of the path. A nil handle throws
// everything away.
func (p *path) drain(ctx context.Context, stream string, handle bus.Handler) (service.Service, error) {
	if handle == nil {
		handle = func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) { return nil, nil }
	}
	conn, err := p.conn(ctx, "drain")
	if err != nil {
		return nil, err
	}
	d := &drainer{path: p, conn: conn, stream: stream, handle: handle}
	if stream != bus.StreamRaw {
		return d, nil
	}
	return d, d.publishKeys(ctx) // the normaliser, who does it otherwise, does not run
}

// Name implements service.Service.
func (*drainer) Name() string { return "drain" }

// Run implements service.Service.
func (d *drainer) Run(ctx context.Context) error {
	failed, err := d.path.ring.FailedKey()
	if err != nil {
		return err
	}
	lanes, err := d.conn.NewLanes(ctx, d.stream, bus.ConsumerConfig{
		Keys: bus.NewKeys(d.path.ring.RawKeys), FailedKey: failed.PublicKey(),
	})
	if err != nil {
		return err
	}
	return bus.Consume(ctx, d.path.log, lanes, d.handle)
}

func (d *drainer) publishKeys(ctx context.Context) error {
	raw, err := d.path.ring.CurrentRawKey(time.Now())
	if err != nil {
		return err
	}
	failed, err := d.path.ring.FailedKey()
	if err != nil {
		return err
	}
	keys, err := d.conn.PublicKeys(ctx)
	if err != nil {
		return err
	}
	if err := keys.PutRaw(ctx, raw.PublicKey()); err != nil {
		return err
	}
	return keys.PutFailed(ctx, failed.PublicKey())
}

// again puts what came on the archive lane of RECORDS on the live lane once
// more.
func again(publisher *bus.Publisher) bus.Handler {
	builder := bus.NewBuilder(bus.StageRecords)
	return func(ctx context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		if d.Subject.Lane == bus.LaneLive {
			return nil, nil
		}
		for _, record := range d.Records {
			if err := builder.AddEncoded(record); err != nil {
				return nil, err
			}
		}
		subject := d.Subject
		subject.Lane = bus.LaneLive
		message, err := builder.Records(subject)
		if err != nil {
			return nil, err
		}
		receipt, err := publisher.Publish(ctx, message)
		return []*bus.Receipt{receipt}, err
	}
}
