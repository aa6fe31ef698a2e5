package bus

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	gapsEvery    = 10 * time.Second
	gapsPatience = 2
	gapsSave     = 2 * time.Second
	gapsStop     = 5 * time.Second
	// gapsLook is how many missing sequences are looked for at a time.
	gapsLook = 1000
)

// gaps looks for messages that a work queue lost. Nothing else shows it: the
// server passes over a damaged message without an error, and what was acked is
// gone as well. So first deliveries must have contiguous sequences: gaps notes
// what both lanes were given and asks the stream for what is missing between.
// What is neither there nor was ever given is lost.
//
// It needs to see all deliveries, so it is only right in a process that is
// alone on its durables. What it has seen stands in CURSORS, so that a gap that
// came while no process ran is found too.
type gaps struct {
	conn   *Conn
	stream string

	mu      sync.Mutex
	next    uint64    // all before was seen, judged, or is from before our time
	high    uint64    // the highest seen
	nextAt  time.Time // when the stream took what moved next last
	seen    intervals
	changed bool
	late    map[uint64]int // how often a missing sequence was looked for
}

// gapsState is what gaps remembers from one process to the next.
type gapsState struct {
	Next uint64 `json:"next"`
	Seen string `json:"seen"`
	// Last is the end of the stream as it was then.
	Last uint64 `json:"last"`
	// NextAt is when the stream took a message shortly before Next.
	NextAt time.Time `json:"next_at,omitzero"`
	// Clean says that nothing was delivered after this was written.
	Clean bool `json:"clean"`
}

const keySeen = "audit.seen." // and the stream

func (c *Conn) newGaps(ctx context.Context, stream string) (*gaps, error) {
	g := &gaps{conn: c, stream: stream, late: make(map[uint64]int)}
	old, err := c.gapsState(ctx, stream)
	if err != nil {
		return nil, err
	}
	if old.Clean {
		g.next, g.seen, g.nextAt = old.Next, parseIntervals(old.Seen), old.NextAt
		if known, err := c.known(ctx, stream); err == nil { // AuditStart has judged
			for _, i := range known.list {
				g.seen.add(i.first, i.last)
			}
		}
		g.advance()
		return g, g.save(ctx, false)
	}
	// What was delivered before our time cannot be judged, nor can what the
	// stream had when the last process was killed: the server notes down that a
	// message was taken off later than that it is gone, so a sequence that is
	// missing may well have been acked.
	info, err := c.streamInfo(ctx, stream)
	if err != nil {
		return nil, err
	}
	g.next = info.State.LastSeq + 1
	for _, lane := range []Lane{LaneLive, LaneArchive} {
		info, err := c.durableInfo(ctx, DurableOf(stream, lane))
		if err != nil {
			return nil, err
		}
		g.next = max(g.next, info.Delivered.Stream+1)
	}
	return g, g.save(ctx, false)
}

// note takes down that a sequence was delivered, and when it was stored.
func (g *gaps) note(sequence uint64, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if sequence < g.next {
		return
	}
	g.high = max(g.high, sequence)
	g.changed = true
	g.seen.add(sequence, sequence)
	if before := g.next; g.advance() > before {
		g.nextAt = at
	}
}

// advance moves next over what was seen.
func (g *gaps) advance() uint64 {
	if len(g.seen.list) > 0 && g.seen.list[0].first <= g.next {
		last := g.seen.list[0].last
		for n := g.next; n <= last && len(g.late) > 0; n++ {
			delete(g.late, n)
		}
		g.next = max(g.next, last+1)
		g.seen.forget(g.next)
	}
	return g.next
}

// missing lists what is between next and high and was not seen.
func (g *gaps) missing() (out []uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.high < g.next {
		return nil
	}
	for _, part := range g.seen.missing(g.next, g.high, gapsLook) {
		for n := part.first; n <= part.last && len(out) < gapsLook; n++ {
			out = append(out, n)
		}
	}
	return out
}

// watch judges what is missing and writes down what was seen, every now and
// then, until ctx ends.
func (g *gaps) watch(ctx context.Context) {
	judge, save := time.NewTicker(gapsEvery), time.NewTicker(gapsSave)
	defer judge.Stop()
	defer save.Stop()
	for {
		select {
		case <-judge.C:
			g.judge(ctx)
		case <-save.C:
			if g.stale() {
				_ = g.save(ctx, false) // it is tried again soon
			}
		case <-ctx.Done():
			return
		}
	}
}

// close writes down what was seen, for good. Nothing is delivered any more.
func (g *gaps) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, gapsStop)
	defer cancel()
	if err := g.save(ctx, true); err != nil {
		g.conn.log.Warn("what was delivered is not written down; a gap that comes now is not found", "stream", g.stream)
	}
}

func (g *gaps) stale() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changed
}

func (g *gaps) save(ctx context.Context, clean bool) error {
	state, err := g.conn.streamInfo(ctx, g.stream)
	if err != nil {
		return err
	}
	b, err := g.conn.Bucket(ctx, BucketCursors)
	if err != nil {
		return err
	}
	g.mu.Lock()
	now := gapsState{Next: g.next, Seen: g.seen.String(), Last: max(state.State.LastSeq, g.high), NextAt: g.nextAt, Clean: clean}
	g.changed = false
	g.mu.Unlock()
	err = b.Change(ctx, keySeen+g.stream, func([]byte) ([]byte, error) { return json.Marshal(now) })
	if err != nil {
		g.mu.Lock()
		g.changed = true
		g.mu.Unlock()
	}
	return err
}

// judge asks the stream for each missing message. One that is there is only
// waiting for its lane.
func (g *gaps) judge(ctx context.Context) {
	missing := g.missing()
	if len(missing) == 0 {
		return
	}
	s, err := g.conn.js.Stream(ctx, g.stream)
	if err != nil {
		return
	}
	var lost intervals
	for _, sequence := range missing {
		_, err := s.GetMsg(ctx, sequence)
		if err == nil {
			continue
		}
		if !errors.Is(err, jetstream.ErrMsgNotFound) {
			return
		}
		if g.absent(sequence) {
			lost.add(sequence, sequence)
		}
	}
	for _, i := range lost.list {
		g.lost(ctx, i)
	}
}

// absent notes that a sequence was neither seen nor is there. It is believed at
// the second look: the first may have crossed its delivery.
func (g *gaps) absent(sequence uint64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen.has(sequence) || sequence < g.next {
		return false
	}
	g.late[sequence]++
	return g.late[sequence] >= gapsPatience
}

// lost raises the alarm and then does not look for these sequences again.
func (g *gaps) lost(ctx context.Context, i interval) {
	g.mu.Lock()
	after := g.nextAt
	g.mu.Unlock()
	if g.conn.noteRawGap(ctx, Gap{Stream: g.stream, First: i.first, Last: i.last, After: after}) != nil {
		return // it is tried again
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.changed = true
	g.seen.add(i.first, i.last)
	g.advance()
}

// gapsState reads what the last reader wrote down; zero if there is nothing.
func (c *Conn) gapsState(ctx context.Context, stream string) (s gapsState, err error) {
	b, err := c.Bucket(ctx, BucketCursors)
	if err != nil {
		return s, err
	}
	value, _, err := b.Load(ctx, keySeen+stream)
	if errors.Is(err, ErrAbsent) {
		return s, nil
	}
	if err == nil {
		_ = json.Unmarshal(value, &s) // what is damaged is as good as none
	}
	return s, err
}
