package bus

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	paceFirst = 5 * time.Millisecond
	paceLimit = 50 * time.Millisecond
)

// pacer holds a publisher back while the reader of its lane is behind. It asks
// the server only when the publisher may have sent enough to pass the limit:
// each question costs an audit event on ADVISORIES.
type pacer struct {
	conn   *Conn
	stream string
	limit  int
	flying func() int // messages sent and not yet confirmed

	turn  chan struct{} // holds one token: who has it may ask
	mu    sync.Mutex
	ahead int // what the reader has before it, at most
}

func newPacer(c *Conn, stream string, limit int, flying func() int) *pacer {
	p := &pacer{conn: c, stream: stream, limit: limit, flying: flying, turn: make(chan struct{}, 1)}
	p.ahead = limit // ask first
	p.turn <- struct{}{}
	return p
}

// wait returns when one more message may be sent.
func (p *pacer) wait(ctx context.Context, closed <-chan struct{}) error {
	if p.allow() {
		return nil
	}
	select {
	case <-p.turn:
	case <-ctx.Done():
		return fmt.Errorf("publish: wait for the reader: %w", ctx.Err())
	case <-closed:
		return ErrClosed
	}
	defer func() { p.turn <- struct{}{} }()
	for pause := paceFirst; ; pause = min(pause*2, paceLimit) {
		if p.allow() {
			return nil
		}
		// A server that does not answer is not a reason to stop here: the
		// window will fill.
		flying := p.flying()
		info, err := p.conn.durableInfo(ctx, DurableOf(p.stream, LaneArchive))
		if err == nil {
			p.set(flying + int(info.NumPending) + info.NumAckPending)
		}
		if p.allow() || (err != nil && ctx.Err() == nil && pause == paceLimit) {
			return nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("publish: wait for the reader: %w", ctx.Err())
		case <-closed:
			return ErrClosed
		}
	}
}

func (p *pacer) allow() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ahead >= p.limit {
		return false
	}
	p.ahead++
	return true
}

func (p *pacer) set(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ahead = n
}
