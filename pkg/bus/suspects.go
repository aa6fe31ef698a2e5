package bus

import (
	"context"
	"time"
)

// suspects keeps apart the records that were alone of their batch when a process
// died. Many batches are in hand at a time, most of one record, and at a death from
// outside each of them is as suspect as the one that kills. So a suspect waits until
// this process has had it for as long as a dead one's deliveries are waited for:
// what is in no doubt is done by then, and a process that is killed again and again
// at its start blames nobody. Then a few are handed out at a time, and at the end
// one, so that a death blames one record at most.
type suspects struct {
	wait     time.Duration
	few, one chan struct{}
}

// fewSuspects is how many are handed out together after their first death.
const fewSuspects = pieceParts

func newSuspects(wait time.Duration) suspects {
	return suspects{wait: wait, few: make(chan struct{}, fewSuspects), one: make(chan struct{}, 1)}
}

// turn waits for the turn of a record that was in hand at so many deaths in a row; at
// none it is no suspect. Over ends the turn. It is not ok if ctx ended or quit was
// closed before.
func (s *suspects) turn(ctx context.Context, quit <-chan struct{}, deaths int) (over func(), ok bool) {
	if deaths == 0 {
		return func() {}, true
	}
	seats := s.few
	if deaths > 1 {
		seats = s.one
	}
	waited := time.NewTimer(s.wait)
	defer waited.Stop()
	select {
	case <-waited.C:
	case <-quit:
		return nil, false
	case <-ctx.Done():
		return nil, false
	}
	select {
	case seats <- struct{}{}:
		return func() { <-seats }, true
	case <-quit:
	case <-ctx.Done():
	}
	return nil, false
}
