package bus

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// ClassPanic is a record whose handling panicked.
const ClassPanic Class = "panic"

// Source hands out deliveries: a Consumer, or Lanes.
type Source interface {
	Run(ctx context.Context) error
	Deliveries() <-chan *Delivery
}

// Handler handles one delivery: it marks the records that failed and returns
// the receipts of what the others became. The delivery is acked when all of
// them are confirmed, while the handler is at the next one already. An error
// makes the delivery come again. The handler does not settle the delivery, and
// does not touch it after it returned.
type Handler func(ctx context.Context, d *Delivery) ([]*Receipt, error)

// Consume runs a source and handles what it hands out, each goroutine with a
// handler of its own, until ctx ends; then it finishes what is in hand. A
// handler that panics costs nothing but the record it panicked on: the delivery
// is handed out again in parts until that record is alone, and it goes to
// FAILED. The error is the source's.
func Consume(ctx context.Context, log *slog.Logger, source Source, handlers ...Handler) error {
	// Handling outlives ctx: what is in hand is finished, within the source's
	// limit for that.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	var wg, settling sync.WaitGroup
	for _, handle := range handlers {
		wg.Go(func() {
			for d := range source.Deliveries() {
				receipts := handleOne(work, log, handle, d)
				settling.Go(func() {
					if err := d.Settle(work, receipts...); err != nil {
						log.Warn("delivery comes again: what it became was not confirmed", "class", "not_confirmed")
					}
				})
			}
		})
	}
	err := source.Run(ctx)
	cancel() // what is still in hand was given up by the source
	wg.Wait()
	settling.Wait()
	return err
}

// handleOne calls a handler and turns an error or a panic into an outcome.
func handleOne(ctx context.Context, log *slog.Logger, handle Handler, d *Delivery) (receipts []*Receipt) {
	defer func() {
		if v := recover(); v != nil {
			log.Error("handler panicked", "class", privacy.PanicClass(v), "stack", privacy.Stack())
			receipts = nil
			d.later, d.split = false, ClassPanic
		}
	}()
	receipts, err := handle(ctx, d)
	if err != nil {
		d.Later(0)
		log.Warn("delivery comes again: its handler could not finish", "class", "handler_error", "delay", d.delay.Round(time.Millisecond))
	}
	return receipts
}
