package bus

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	retryFirst = 50 * time.Millisecond
	retryLimit = 2 * time.Second
)

// parcel is a message on its way.
type parcel struct {
	message  Message
	receipt  *Receipt
	weight   int64
	id       string
	attempts int
	posted   time.Time
}

// outbox sees parcels through. While all goes well it sends each at once. When
// an attempt fails it holds everything back and tries the oldest alone, slower
// each time; when that one is through, so is the reason to wait, and all others
// follow. So a full stream costs one message a try, not a window of them.
type outbox struct {
	send     func(*parcel) (*nats.Msg, error)
	newID    func() string
	finished func(*parcel, error)
	stats    *Stats
	// giveUp is how long a full stream is tried; 0 tries it for ever.
	giveUp time.Duration

	mu      sync.Mutex
	flying  map[*nats.Msg]*parcel
	waiting []*parcel
	probe   *parcel
	holding bool
	full    bool
	backoff time.Duration
	timer   *time.Timer
	barred  time.Time // until then a full stream is not tried again
	closed  bool
	going   sync.WaitGroup
}

func newOutbox(send func(*parcel) (*nats.Msg, error), newID func() string, finished func(*parcel, error), stats *Stats) *outbox {
	return &outbox{send: send, newID: newID, finished: finished, stats: stats, flying: make(map[*nats.Msg]*parcel)}
}

// post sends a new parcel, or keeps it while the stream does not take any.
func (o *outbox) post(p *parcel) {
	p.posted = time.Now()
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		o.finished(p, ErrClosed)
		return
	}
	if p.posted.Before(o.barred) {
		o.mu.Unlock()
		o.finished(p, ErrFull)
		return
	}
	if o.holding {
		o.waiting = append(o.waiting, p)
		o.mu.Unlock()
		return
	}
	o.going.Add(1)
	o.mu.Unlock()
	defer o.going.Done()
	o.attempt(p)
}

// expect notes which parcel an attempt carries, before it is made.
func (o *outbox) expect(m *nats.Msg, p *parcel) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flying[m] = p
}

// inFlight counts the attempts that are not answered yet and what waits.
func (o *outbox) inFlight() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.flying) + len(o.waiting)
}

// take gives the parcel of an attempt to the first that asks: an attempt can be
// reported twice, by an error of the call and by its handler.
func (o *outbox) take(m *nats.Msg) *parcel {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := o.flying[m]
	delete(o.flying, m)
	return p
}

func (o *outbox) attempt(p *parcel) {
	p.attempts++
	if p.attempts > 1 {
		o.stats.Retries.Add(1)
	}
	if m, err := o.send(p); err != nil {
		o.failed(m, err)
	}
}

// acked is called for a confirmed attempt.
func (o *outbox) acked(m *nats.Msg, sequence uint64, duplicate bool) {
	p := o.take(m)
	if p == nil {
		return
	}
	if duplicate && p.attempts == 1 {
		// The server knows this id and stored nothing. That cannot be with
		// random run ids; were it so, the message would be lost in silence.
		o.stats.Collisions.Add(1)
		p.id, p.attempts = o.newID(), 0
		o.retry(p, errCollision)
		return
	}
	if duplicate {
		o.stats.Duplicates.Add(1)
	}
	p.receipt.sequence, p.receipt.duplicate = sequence, duplicate
	o.pass(p)
	o.finished(p, nil)
}

var errCollision = errors.New("publish: the message id was taken")

// failed is called for an attempt that was refused or not answered. It may be
// called with locks of the library held, so it starts nothing itself.
func (o *outbox) failed(m *nats.Msg, err error) {
	p := o.take(m)
	if p == nil {
		return
	}
	o.stats.Rejected.add(errorCode(err))
	if !retryable(err) {
		o.pass(p)
		o.finished(p, publishError(err))
		return
	}
	o.retry(p, err)
}

// retry keeps a parcel for later and sets the clock.
func (o *outbox) retry(p *parcel, err error) {
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		o.finished(p, ErrClosed)
		return
	}
	o.setFull(isFull(err))
	if o.full && o.giveUp > 0 && time.Since(p.posted) >= o.giveUp {
		left := o.bar(p)
		o.mu.Unlock()
		for _, p := range left {
			o.finished(p, ErrFull)
		}
		return
	}
	switch {
	case !o.holding:
		o.holding, o.backoff = true, retryFirst
		o.waiting = append(o.waiting, p)
		o.arm()
	case p == o.probe:
		o.probe = nil
		o.backoff = min(o.backoff*2, retryLimit)
		o.waiting = append([]*parcel{p}, o.waiting...)
		o.arm()
	default:
		o.waiting = append(o.waiting, p)
	}
	o.mu.Unlock()
}

func (o *outbox) arm() {
	wait := o.backoff + rand.N(o.backoff/4+1) //nolint:gosec // jitter
	o.timer = time.AfterFunc(wait, o.tryOne)
}

// tryOne sends the oldest parcel alone.
func (o *outbox) tryOne() {
	o.mu.Lock()
	if o.closed || len(o.waiting) == 0 {
		o.holding = o.closed
		o.mu.Unlock()
		return
	}
	p := o.waiting[0]
	o.waiting = o.waiting[1:]
	o.probe = p
	o.going.Add(1)
	o.mu.Unlock()
	defer o.going.Done()
	o.attempt(p)
}

// pass lets everything go on if it waited for this parcel.
func (o *outbox) pass(p *parcel) {
	o.mu.Lock()
	if !o.holding {
		o.setFull(false) // after a full stream was given up
	}
	if p != o.probe || o.closed {
		o.mu.Unlock()
		return
	}
	o.probe, o.holding = nil, false
	o.setFull(false)
	ready := o.waiting
	o.waiting = nil
	o.going.Add(1)
	o.mu.Unlock()
	go func() {
		defer o.going.Done()
		for i, p := range ready {
			if !o.release(p) {
				o.putBack(ready[i:])
				return
			}
			o.attempt(p)
		}
	}()
}

// release reports whether sending is still allowed.
func (o *outbox) release(*parcel) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.holding && !o.closed
}

// putBack keeps parcels whose turn was cut short by the next failure.
func (o *outbox) putBack(ps []*parcel) {
	o.mu.Lock()
	if !o.closed {
		o.waiting = append(o.waiting, ps...)
		if !o.holding {
			o.holding, o.backoff = true, retryFirst
			o.arm()
		}
		o.mu.Unlock()
		return
	}
	o.mu.Unlock()
	for _, p := range ps {
		o.finished(p, ErrClosed)
	}
}

// close gives up what is left.
func (o *outbox) close() {
	o.mu.Lock()
	o.closed = true
	if o.timer != nil {
		o.timer.Stop()
	}
	o.setFull(false)
	left := o.waiting
	o.waiting = nil
	o.mu.Unlock()
	o.going.Wait()

	o.mu.Lock()
	for m, p := range o.flying {
		left = append(left, p)
		delete(o.flying, m)
	}
	o.mu.Unlock()
	for _, p := range left {
		o.finished(p, ErrClosed)
	}
}
