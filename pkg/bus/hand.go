package bus

import (
	"context"
	"errors"
	"time"
)

// handOutReady opens what was received, one after the other, and hands it out.
// A message is opened only when its turn comes: open, a batch is several times
// its size, and a reader that is behind has many of them in line.
func (k *Consumer) handOutReady(ctx context.Context) {
	for h := range k.ready {
		select {
		case <-k.quit: // another process gets it soon
			h.putOff(ctx, time.Second)
			h.finish()
		default:
			k.handOutOne(ctx, h)
		}
	}
}

func (k *Consumer) handOutOne(ctx context.Context, h *held) {
	if err := h.open(k.cfg.Keys); err != nil {
		k.aside(func() { k.setAside(ctx, h, err) })
		return
	}
	k.stats.FetchedRecords.add(h.subject.Platform, uint64(len(h.records)))
	if h.delivered >= pieceFrom && len(h.records) > 0 {
		k.aside(func() { k.handOutInPieces(ctx, h) })
		return
	}
	d := h.whole()
	select {
	case k.out <- d:
	case <-k.quit:
		d.giveBack(ctx)
	}
}

// aside runs what takes longer, so that it holds up nothing behind it.
func (k *Consumer) aside(do func()) {
	k.handing.Add(1)
	go func() {
		defer k.handing.Done()
		do()
	}()
}

// setAside deals with a batch that cannot be opened. A key that cannot be
// looked up now may be there later; a key that is gone, or damage, stays.
func (k *Consumer) setAside(ctx context.Context, h *held, cause error) {
	defer h.finish()
	if !errors.Is(cause, errUnopenable) {
		h.putOff(ctx, delayFor(h.delivered))
		return
	}
	m, err := k.unopenable(h)
	if err == nil {
		err = k.publishFailed(ctx, ClassUnopenable, m)
	}
	if err != nil {
		h.putOff(ctx, delayFor(h.delivered))
		return
	}
	h.ack()
}
