package twitter

import (
	"context"
	"sync"
)

// Purse is for what cannot be asked for one by one: the stream sends, and X charges,
// before anybody reads. It reserves ahead in chunks, so that BUDGETS is written
// once for many messages.
//
//	purse := meter.Purse(ForLive, Cost{Posts: 300}, Cost{Posts: 10})
//	defer purse.Close(ctx)
//	for { err := purse.Ready(ctx); body, err := stream.Next(); purse.Spend(Cost{Posts: 2}) }
//
// A chunk must hold more than what is on its way and unread when the process ends.
// It is safe for concurrent use.
type Purse struct {
	meter *Meter
	share Share
	chunk Cost
	most  Cost

	mu    sync.Mutex
	hold  *Hold
	spent Cost // of hold
}

// Purse returns an empty Purse: chunk is what is reserved at a time, most what one
// message can cost.
func (m *Meter) Purse(share Share, chunk, most Cost) *Purse {
	return &Purse{meter: m, share: share, chunk: chunk, most: most}
}

// Ready returns nil once the most that one message can cost is reserved. Errors:
// *Spent, those of the bucket.
func (p *Purse) Ready(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hold != nil && p.chunk.covers(p.spent.plus(p.most)) {
		return nil
	}
	// The next chunk is there before the last one is settled: in between X sends.
	next, err := p.meter.Reserve(ctx, p.share, p.chunk)
	if err != nil {
		return err
	}
	p.settle(ctx)
	p.hold = next
	return nil
}

// Spend notes what a message did cost.
func (p *Purse) Spend(cost Cost) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spent = p.spent.plus(cost)
}

// Close settles what was spent.
func (p *Purse) Close(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(ctx)
}

// settle needs no error: what does not get through does with the next reservation,
// and until then too much is counted.
func (p *Purse) settle(ctx context.Context) {
	if p.hold != nil {
		_ = p.hold.Settle(ctx, p.spent)
	}
	p.hold, p.spent = nil, Cost{}
}

func (c Cost) plus(d Cost) Cost {
	return Cost{
		c.Posts + d.Posts, c.Users + d.Users, c.Jobs + d.Jobs,
	}
}

// covers says whether nothing of d is more than in c.
func (c Cost) covers(d Cost) bool {
	return d.Posts <= c.Posts && d.Users <= c.Users && d.Jobs <= c.Jobs
}
