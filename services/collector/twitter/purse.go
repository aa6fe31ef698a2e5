package twitter

import (
	"context"
	"sync"
)

// Purse is for what cannot be asked for one by one: the stream sends, and X charges,
// before anybody reads. It reserves ahead in chunks, so that BUDGETS is written
// once for many messages, and keeps back beside them what may be on its way and unread
// when the stream is closed.
//
//	purse := meter.Purse(ForLive, Cost{Posts: 300}, Cost{Posts: 10}, Cost{Posts: 250})
//	defer purse.Close(ctx)
//	for purse.Ready(ctx) == nil { body, err := stream.Next(); purse.Spend(Cost{Posts: 2}) }
//	purse.Left(ctx, Cost{Posts: 1})
//
// X charges no more than the budget as long as no more than what is kept back is on its
// way. Beyond the budget is then only what X charges for and keeps to itself: of that
// nobody here knows before X says what it has counted. It is safe for concurrent use.
type Purse struct {
	meter  *Meter
	share  Share
	chunk  Cost
	most   Cost
	unread Cost

	mu    sync.Mutex
	hold  *Hold
	spent Cost  // of hold
	back  *Hold // what is kept back; nil while there is no stream
}

// Purse returns an empty Purse: chunk is what is reserved at a time, most what one
// message can cost, unread what may be on its way when the stream is closed.
func (m *Meter) Purse(share Share, chunk, most, unread Cost) *Purse {
	return &Purse{meter: m, share: share, chunk: chunk, most: most, unread: unread}
}

// Ready returns nil once the most that one message can cost is reserved, and what is
// kept back. Errors: *Spent, those of the bucket.
func (p *Purse) Ready(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	enough := p.hold != nil && p.chunk.covers(p.spent.plus(p.most))
	var costs []Cost
	if !enough {
		costs = append(costs, p.chunk)
	}
	if p.back == nil {
		costs = append(costs, p.unread)
	}
	if len(costs) == 0 {
		return nil
	}
	// The next chunk is there before the last one is settled: in between X sends.
	holds, err := p.meter.reserveAll(ctx, p.share, costs...)
	if err != nil {
		return err
	}
	if p.back == nil {
		p.back = holds[len(holds)-1]
	}
	if !enough {
		p.settle(ctx)
		p.hold = holds[0]
	}
	return nil
}

// Spend notes what a message did cost.
func (p *Purse) Spend(cost Cost) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spent = p.spent.plus(cost)
}

// Left says that the stream is closed, or was not opened, and what of it X may have
// charged for that nobody has read: that is spent. The rest of what was kept back is
// given back.
func (p *Purse) Left(ctx context.Context, unread Cost) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.back != nil {
		_ = p.back.Settle(ctx, unread) // as in settle
	}
	p.back = nil
}

// Close settles what was spent. Where nobody said that the stream was left, X may have
// charged for all that was kept back.
func (p *Purse) Close(ctx context.Context) {
	p.Left(ctx, p.unread)
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

// within is no more of anything than most.
func (c Cost) within(most Cost) Cost {
	return Cost{min(c.Posts, most.Posts), min(c.Users, most.Users), min(c.Jobs, most.Jobs)}
}
