package fake

import (
	"context"
	"time"
)

// Flow is a river of posts that are sent on the stream and not kept: memory does
// not grow with it, and search, lookups and Truth.Posts do not know them.
type Flow struct {
	PerSecond int
	Total     int
	// Make is the text of the n-th post, from 0, and the account that says it.
	Make func(n int) (account, text string)
	// Delivered, if there is one, is told of each post that was written to a
	// stream, for a sum of the test's own. It may not call the server.
	Delivered func(id, account string)
}

// FlowTruth is what became of posts of flows.
type FlowTruth struct {
	Made      int
	Matched   int            // posts that matched some rule
	Several   int            // of these, more than one
	ByRule    map[string]int // by rule id
	Delivered int            // messages written
	// Sum and Twist are of the ids of posts that were delivered, added up and
	// xored, the same whatever the order.
	Sum, Twist uint64
}

type flow struct {
	truth     FlowTruth
	delivered func(id, account string)
}

func (f *flow) match(p *post) {
	f.truth.Matched++
	if len(p.matched) > 1 {
		f.truth.Several++
	}
	for _, id := range p.matched {
		f.truth.ByRule[id]++
	}
}

func (f *flow) deliver(p *post) {
	f.truth.Delivered++
	f.truth.Sum += uint64(p.id)
	f.truth.Twist ^= uint64(p.id)
	if f.delivered != nil {
		f.delivered(name(p.id), name(p.account.id))
	}
}

// Flow sends posts at a pace until all are made or ctx ends, and says how many
// were made. One flow runs at a time. It waits while no stream is open, and for a slow reader; what it
// could not make meanwhile it makes up for.
func (s *Server) Flow(ctx context.Context, f Flow) (made int, err error) {
	const tick = 10 * time.Millisecond
	pace := time.NewTicker(tick)
	defer pace.Stop()
	s.mu.Lock()
	s.flow.delivered = f.Delivered
	s.mu.Unlock()
	begun := time.Now()
	for made < f.Total {
		if err := s.wait(ctx, func() bool { return len(s.streams.open) > 0 }); err != nil {
			return made, err
		}
		due := min(f.Total, int(time.Since(begun).Seconds()*float64(f.PerSecond)))
		for ; made < due && ctx.Err() == nil; made++ {
			account, text := f.Make(made)
			s.float(ctx, account, text)
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			return made, ctx.Err()
		}
	}
	return made, nil
}

// float makes a post that is not kept.
func (s *Server) float(ctx context.Context, account, text string) {
	s.mu.Lock()
	p := s.compose(s.account(account), text, nil, nil)
	p.flow = &s.flow
	p.thread.versions = []int64{p.id}
	if s.flow.truth.ByRule == nil {
		s.flow.truth.ByRule = map[string]int{}
	}
	s.flow.truth.Made++
	sends := s.publish(p)
	s.mu.Unlock()
	s.send(ctx, sends)
}
