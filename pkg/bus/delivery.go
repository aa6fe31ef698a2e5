package bus

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Delivery is a batch, or a part of one, that was handed out. It must be
// settled once, by any goroutine; until then its memory is the caller's, and
// after that it must not be touched. The methods that mark records are not safe
// for concurrent use.
type Delivery struct {
	// Subject says what the records are.
	Subject Subject
	// Records are the encoded records; nil while the delivery is folded.
	Records [][]byte
	// Origin says where they were read; nil except on RAW.
	Origin *doxtrailv1.BatchOrigin
	// Sequence is the message's number in its stream.
	Sequence uint64
	// Delivered is how many times the message was delivered, this one included.
	Delivered uint64
	// StoredAt is when the stream took the message.
	StoredAt time.Time

	held     *held
	folded   bool
	fails    []failure
	split    Class
	later    bool
	delay    time.Duration
	done     chan outcome // nil for a whole message
	complete atomic.Bool
}

// failure is one record that failed for good.
type failure struct {
	index int
	class Class
}

// outcome is what became of a delivery.
type outcome struct {
	later bool
	delay time.Duration
	split Class
}

var (
	errSettled = errors.New("settle delivery: it is settled already")
	errIndex   = errors.New("fail record: no such record or class")
)

// Fail notes that a record, by its index in Records, failed for good. When the
// delivery is settled it goes to FAILED alone, sealed, under the class.
func (d *Delivery) Fail(index int, class Class) error {
	if index < 0 || index >= len(d.Records) || class.Validate() != nil {
		return errIndex
	}
	for _, f := range d.fails {
		if f.index == index {
			return nil
		}
	}
	d.fails = append(d.fails, failure{index, class})
	return nil
}

// Later notes that the whole delivery is to come again after a delay; 0 takes
// 1 s, 5 s, 30 s, 5 min by how often it was delivered. Use it where waiting
// here would hold others up; for an outage that stops everything, rather keep
// the delivery in hand, for as long as it takes.
func (d *Delivery) Later(delay time.Duration) {
	if delay <= 0 {
		delay = delayFor(d.Delivered)
	}
	d.later, d.delay = true, delay
}

// Split notes that a record of the delivery cannot be handled and that it is
// not known which one. The records are handed out again in smaller and smaller
// parts; the one that is left over goes to FAILED under the class.
func (d *Delivery) Split(class Class) error {
	if err := class.Validate(); err != nil {
		return err
	}
	d.split = class
	return nil
}

// Fold gives the memory of Records back before the delivery is settled, for one
// who keeps hundreds of deliveries in hand and has taken what it needs: open, a
// batch is several times its message. A part of a batch and a delivery with
// failed records stay as they are.
func (d *Delivery) Fold() {
	if d.done != nil || len(d.fails) > 0 {
		return
	}
	d.Records, d.folded = nil, true
	d.held.release()
}

// Unfold reads Records from the message again, if the delivery was folded.
func (d *Delivery) Unfold() error {
	if !d.folded {
		return nil
	}
	if err := d.held.reopen(); err != nil {
		return err
	}
	d.Records, d.folded = d.held.records, false
	return nil
}

// Settle ends the delivery. It waits for the receipts of what the records
// became, puts failed records on FAILED and waits for those too, and then acks.
// If a receipt fails or ctx ends, the delivery comes again and the error is
// returned. Settle may be called in a goroutine of its own.
func (d *Delivery) Settle(ctx context.Context, receipts ...*Receipt) error {
	if d.complete.Swap(true) {
		return errSettled
	}
	o, err := d.outcome(ctx, receipts)
	if d.done != nil {
		d.done <- o
		return err
	}
	h := d.held
	switch {
	case o.split != "" && h.k.enter():
		go func() {
			defer h.k.handing.Done()
			h.k.splitWhole(ctx, h, o.split)
		}()
		return err
	case o.split != "":
		h.putOff(ctx, delayFor(h.delivered))
	case o.later:
		h.putOff(ctx, o.delay)
	default:
		h.ack()
	}
	h.finish()
	return err
}

// giveBack settles a delivery that nobody took.
func (d *Delivery) giveBack(ctx context.Context) {
	d.Later(time.Second)
	_ = d.Settle(ctx) // waits for nothing
}

// outcome waits for everything the ack depends on.
func (d *Delivery) outcome(ctx context.Context, receipts []*Receipt) (outcome, error) {
	if d.later {
		return outcome{later: true, delay: d.delay}, nil
	}
	if d.split != "" {
		return outcome{split: d.split}, nil
	}
	again := outcome{later: true, delay: delayFor(d.Delivered)}
	for _, r := range receipts {
		if r == nil {
			continue
		}
		if _, err := r.Wait(ctx); err != nil {
			return again, err
		}
	}
	if err := d.putAside(ctx); err != nil {
		d.held.k.failedFull(err)
		return again, err
	}
	return outcome{}, nil
}

// putAside puts the failed records on FAILED and waits until they are there.
func (d *Delivery) putAside(ctx context.Context) error {
	k := d.held.k
	sent := make([]*Receipt, 0, len(d.fails))
	for _, f := range d.fails {
		m, err := k.failedRecord(d.held, d.Records[f.index], f.class)
		if err != nil {
			return err
		}
		r, err := k.failed.Publish(ctx, m)
		if err != nil {
			return err
		}
		sent = append(sent, r)
	}
	for i, r := range sent {
		if _, err := r.Wait(ctx); err != nil {
			return err
		}
		k.stats.FailedRecords.add(string(d.fails[i].class))
	}
	return nil
}
