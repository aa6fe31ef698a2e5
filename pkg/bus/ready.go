package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// readyFor is how long an answer holds, so that who asks often costs little.
	readyFor = 3 * time.Second
	// probeEvery is how often a message is published to see whether that works.
	probeEvery = 10 * time.Second
	readyWait  = 2 * time.Second
	// stallAfter is how long work may lie there with none of it done.
	stallAfter = 30 * time.Second
	keyProbe   = "probe." // and the service's name, in CURSORS
)

// Ready tells whether a service makes progress, which a connection that stands
// does not show. It is safe for concurrent use.
type Ready struct {
	conn     *Conn
	durables []Durable

	mu      sync.Mutex
	asked   time.Time
	answer  error
	probed  time.Time
	probe   error
	reading map[Durable]*stall
	holding stall
	writing stall
}

// Ready makes the check of a service that reads some durables; none for a
// service that only publishes.
func (c *Conn) Ready(durables ...Durable) *Ready {
	r := &Ready{conn: c, durables: durables, reading: make(map[Durable]*stall)}
	for _, d := range durables {
		r.reading[d] = &stall{}
	}
	return r
}

// Check returns nil, or why the service is not ready: not connected, nothing can
// be published, or for 30 seconds there was work and none of it was done. It
// takes a few seconds at most, and the same answer is given for three.
func (r *Ready) Check() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.asked.IsZero() && time.Since(r.asked) < readyFor {
		return r.answer
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*readyWait)
	defer cancel()
	r.answer = r.check(ctx)
	r.asked = time.Now()
	return r.answer
}

func (r *Ready) check(ctx context.Context) error {
	if !r.conn.Connected() {
		return errors.New("not connected to NATS")
	}
	if r.probed.IsZero() || time.Since(r.probed) >= probeEvery || r.probe != nil {
		r.probe = r.conn.tryPublish(ctx)
		r.probed = time.Now()
	}
	if r.probe != nil {
		return r.probe
	}
	stats := r.conn.stats
	if r.writing.judge(time.Now(), stats.InFlight.Load() > 0, stats.Published.Total()) {
		return errors.New("nothing of what was published was confirmed for 30 s")
	}
	// The server does not count as pending what a reader holds.
	if r.holding.judge(time.Now(), stats.InHand.Load() > 0, stats.Acked.Load()) {
		return errors.New("messages are in hand and nothing was acked for 30 s")
	}
	for _, d := range r.durables {
		info, err := r.conn.durableInfo(ctx, d)
		if err != nil {
			return fmt.Errorf("durable %s does not answer", d)
		}
		if r.reading[d].judge(time.Now(), info.NumPending > 0, stats.Acked.Load()) {
			return fmt.Errorf("durable %s has messages before it and nothing was acked for 30 s", d)
		}
	}
	return nil
}

// tryPublish stores a value, as a service that publishes does: a server whose
// disk is broken still answers questions.
func (c *Conn) tryPublish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	js, err := jetstream.New(c.writing)
	if err == nil {
		_, err = js.Publish(ctx, "$KV."+BucketCursors+"."+keyProbe+c.name, nil)
	}
	if err != nil {
		return fmt.Errorf("a message cannot be stored (code %s)", errorCode(err))
	}
	return nil
}

// stall notes since when work lies there with none of it done. It goes by what
// was counted, not by stamps: clocks jump.
type stall struct {
	since time.Time
	done  uint64
}

// judge is given whether there is work and how much was ever done.
func (s *stall) judge(now time.Time, work bool, done uint64) bool {
	if !work {
		*s = stall{}
		return false
	}
	if s.since.IsZero() || done != s.done {
		*s = stall{since: now, done: done}
		return false
	}
	return now.Sub(s.since) >= stallAfter
}
