package bus

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	gapsEvery    = 10 * time.Second
	gapsPatience = 2
)

// gaps looks for messages that a stream lost: a damaged block is passed over
// without an error anywhere, and only the hole in the sequences shows it. It
// notes what both lanes were given, and asks the stream for what is missing
// between; what is neither there nor was ever given is lost.
//
// It needs to see all deliveries, so it is only right in a process that is
// alone on its durables.
type gaps struct {
	conn   *Conn
	stream string

	mu   sync.Mutex
	next uint64 // all before was seen, judged, or is from before our time
	high uint64 // the highest seen
	seen map[uint64]struct{}
	lost []uint64
	late map[uint64]int // how often a missing sequence was looked for
}

func (c *Conn) newGaps(ctx context.Context, stream string) (*gaps, error) {
	g := &gaps{conn: c, stream: stream, seen: make(map[uint64]struct{}), late: make(map[uint64]int)}
	for _, lane := range []Lane{LaneLive, LaneArchive} {
		info, err := c.durableInfo(ctx, DurableOf(stream, lane))
		if err != nil {
			return nil, err
		}
		// What was delivered before our time cannot be judged.
		g.next = max(g.next, info.Delivered.Stream+1)
	}
	return g, nil
}

// note takes down that a sequence was delivered.
func (g *gaps) note(sequence uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if sequence < g.next {
		return
	}
	g.high = max(g.high, sequence)
	g.seen[sequence] = struct{}{}
	g.advance()
}

// advance moves next over what was seen.
func (g *gaps) advance() {
	for {
		if _, ok := g.seen[g.next]; !ok {
			return
		}
		delete(g.seen, g.next)
		delete(g.late, g.next)
		g.next++
	}
}

// missing lists what is between next and high and was not seen.
func (g *gaps) missing() []uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []uint64
	for s := g.next; s < g.high && len(out) < 1000; s++ {
		if _, ok := g.seen[s]; !ok {
			out = append(out, s)
		}
	}
	return out
}

// watch judges what is missing every now and then until ctx ends.
func (g *gaps) watch(ctx context.Context) {
	tick := time.NewTicker(gapsEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			g.judge(ctx)
		case <-ctx.Done():
			return
		}
	}
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
	for _, sequence := range missing {
		_, err := s.GetMsg(ctx, sequence)
		if err == nil {
			continue
		}
		if !errors.Is(err, jetstream.ErrMsgNotFound) {
			return
		}
		g.absent(sequence)
	}
}

// absent notes that a sequence was neither seen nor is there. It is believed at
// the second look: the first may have crossed its delivery.
func (g *gaps) absent(sequence uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.seen[sequence]; ok || sequence < g.next {
		return
	}
	if g.late[sequence]++; g.late[sequence] < gapsPatience {
		return
	}
	g.lost = append(g.lost, sequence)
	if len(g.lost) > 1000 {
		g.lost = slices.Delete(g.lost, 0, 1)
	}
	g.conn.stats.SequenceGaps.Add(1)
	g.conn.log.Error("stream lost a message; what was collected then must be read again", "stream", g.stream, "sequence", sequence)
	g.seen[sequence] = struct{}{}
	g.advance()
}

// Lost lists the sequences that the stream lost, as far as this process saw;
// empty unless cfg.Alone.
func (l *Lanes) Lost() []uint64 {
	if l.gaps == nil {
		return nil
	}
	l.gaps.mu.Lock()
	defer l.gaps.mu.Unlock()
	return slices.Clone(l.gaps.lost)
}
