package bus

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// yieldLimit is the longest that one read of the archive lane waits for the
// live lane, so that a flood of live posts slows an import and does not stop it.
const yieldLimit = time.Second

// yieldStep is how often a waiting archive lane looks again.
const yieldStep = 5 * time.Millisecond

// Lanes reads both lanes of a stream and hands out the live one first.
type Lanes struct {
	live, archive *Consumer
	out           chan *Delivery
	ended         chan struct{}
	gaps          *gaps
}

// NewLanes binds to both durables of a stream, StreamRaw or StreamRecords.
// cfg.Durable is not used.
func (c *Conn) NewLanes(ctx context.Context, stream string, cfg ConsumerConfig) (*Lanes, error) {
	l := &Lanes{out: make(chan *Delivery), ended: make(chan struct{})}
	var err error
	cfg.Durable = DurableOf(stream, LaneLive)
	if l.live, err = c.NewConsumer(ctx, cfg); err != nil {
		return nil, err
	}
	cfg.Durable = DurableOf(stream, LaneArchive)
	if l.archive, err = c.NewConsumer(ctx, cfg); err != nil {
		return nil, err
	}
	l.archive.yield = l.yield
	if cfg.Alone {
		if l.gaps, err = c.newGaps(ctx, stream); err != nil {
			return nil, err
		}
		l.live.seen = func(h *held) { l.gaps.note(h.sequence, h.storedAt) }
		l.archive.seen = l.live.seen
	}
	return l, nil
}

// Deliveries is where the deliveries of both lanes come out. It is closed when
// Run is about to return; receive from it until then.
func (l *Lanes) Deliveries() <-chan *Delivery { return l.out }

// yield waits while the live lane has more waiting.
func (l *Lanes) yield(ctx context.Context) {
	if l.live.backlog() == 0 {
		return
	}
	tick := time.NewTicker(yieldStep)
	defer tick.Stop()
	limit := time.NewTimer(yieldLimit)
	defer limit.Stop()
	for l.live.backlog() > 0 {
		select {
		case <-tick.C:
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// Run reads both lanes until ctx ends; see Consumer.Run.
func (l *Lanes) Run(ctx context.Context) error {
	var group errgroup.Group
	group.Go(func() error { return l.live.Run(ctx) })
	group.Go(func() error { return l.archive.Run(ctx) })
	var merging sync.WaitGroup
	merging.Go(func() { l.merge(context.WithoutCancel(ctx)) })
	if l.gaps != nil {
		merging.Go(func() { l.gaps.watch(ctx) })
	}
	err := group.Wait()
	close(l.ended)
	merging.Wait()
	if l.gaps != nil {
		l.gaps.close(context.WithoutCancel(ctx))
	}
	return err
}

// merge takes from the live lane whenever that has something.
func (l *Lanes) merge(ctx context.Context) {
	defer close(l.out)
	live, archive := l.live.out, l.archive.out
	for live != nil || archive != nil {
		select {
		case d, ok := <-live:
			live = l.pass(ctx, live, d, ok)
			continue
		default:
		}
		select {
		case d, ok := <-live:
			live = l.pass(ctx, live, d, ok)
		case d, ok := <-archive:
			archive = l.pass(ctx, archive, d, ok)
		}
	}
}

// pass hands a delivery on, and forgets a lane that has ended.
func (l *Lanes) pass(ctx context.Context, lane chan *Delivery, d *Delivery, ok bool) chan *Delivery {
	if !ok {
		return nil
	}
	select {
	case l.out <- d:
	case <-l.ended: // nobody takes any more
		d.giveBack(ctx)
	}
	return lane
}
