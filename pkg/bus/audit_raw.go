package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// auditRawStart judges what became of RAW while no process ran. A message that
// was acked is gone rightly, so it needs what the last reader wrote down; and
// where that reader was killed, its last words are a little behind the acks:
// then a sequence is only taken for lost if something else says that the store
// was damaged. With many readers nobody sees all deliveries; then nothing but
// the end of the stream is judged here, and AuditRaw finds what cannot be read.
func (c *Conn) auditRawStart(ctx context.Context, state streamState, m auditMark) (fresh []Gap, err error) {
	s, err := c.gapsState(ctx, StreamRaw)
	if err != nil {
		return nil, err
	}
	high := max(m.Last, s.Last)
	damaged := state.damaged() || high > state.LastSeq
	if s.Next == 0 {
		// No reader's words: the end alone.
		s.Next, s.Clean = max(state.LastSeq+1, 1), false
	}
	if high < s.Next || !s.Clean && !damaged {
		return nil, nil
	}
	known, err := c.known(ctx, StreamRaw)
	if err != nil {
		return nil, err
	}
	seen := parseIntervals(s.Seen)
	for _, i := range known.list {
		seen.add(i.first, i.last)
	}
	for _, part := range seen.missing(s.Next, high, gapLimit) {
		for _, hole := range state.holes(part) {
			g := Gap{Stream: StreamRaw, First: hole.first, Last: hole.last, After: s.NextAt, AtMost: !s.Clean}
			found, err := c.noteFoundRawGap(ctx, g, m.LastAt)
			fresh = append(fresh, found...)
			if err != nil {
				return fresh, err
			}
		}
	}
	return fresh, nil
}

// holes lists the parts of a range that the stream does not hold by the server's
// own books.
func (s streamState) holes(i interval) (out []interval) {
	for n := i.first; n <= i.last; n++ {
		if n > s.LastSeq { // nothing after it either
			return append(out, interval{n, i.last})
		}
		if s.holds(n) {
			continue
		}
		if k := len(out) - 1; k >= 0 && out[k].last+1 == n {
			out[k].last = n
			continue
		}
		out = append(out, interval{n, n})
	}
	return out
}

// AuditRaw looks for messages on RAW that the server's books hold and that
// nobody can read: the readers have gone past them. It is right with any number
// of readers. What it finds would stay for ever; it is taken off the stream once
// nothing else is left on it. It returns the gaps that are news. Only the
// provisioner may purge.
func (c *Conn) AuditRaw(ctx context.Context) (fresh []Gap, err error) {
	state, err := c.streamState(ctx, StreamRaw)
	if err != nil {
		return nil, fmt.Errorf("audit RAW: %w", err)
	}
	passed := state.LastSeq
	for _, lane := range []Lane{LaneLive, LaneArchive} {
		info, err := c.durableInfo(ctx, DurableOf(StreamRaw, lane))
		if err != nil {
			return nil, fmt.Errorf("audit RAW: %w", err)
		}
		switch {
		case info.NumAckPending > 0:
			passed = min(passed, info.AckFloor.Stream)
		case info.NumPending > 0:
			passed = min(passed, info.Delivered.Stream)
		}
	}
	s, err := c.js.Stream(ctx, StreamRaw)
	if err != nil {
		return nil, fmt.Errorf("audit RAW: %w", err)
	}
	looked, left := 0, 0
	for n := state.FirstSeq; n <= passed && looked < gapsLook; n++ {
		if !state.holds(n) {
			continue
		}
		looked++
		_, err := s.GetMsg(ctx, n)
		if err == nil {
			left++ // its deliveries are used up: Sweep puts it back
			continue
		}
		if !errors.Is(err, jetstream.ErrMsgNotFound) {
			return fresh, fmt.Errorf("audit RAW: %w", err)
		}
		again, err := c.streamState(ctx, StreamRaw)
		if err != nil { // what is not named must not be taken off
			return fresh, fmt.Errorf("audit RAW: %w", err)
		}
		if !again.holds(n) { // acked meanwhile
			continue
		}
		found, err := c.noteFoundRawGap(ctx, Gap{Stream: StreamRaw, First: n, Last: n}, time.Time{})
		fresh = append(fresh, found...)
		if err != nil {
			return fresh, fmt.Errorf("audit RAW: %w", err)
		}
	}
	if left > 0 || looked == gapsLook || passed < state.LastSeq || state.Msgs == 0 {
		return fresh, nil
	}
	// Nothing that can be read is left, yet the server counts messages. What
	// cannot be read cannot be deleted either, but a stream can be emptied; what
	// is stored from now on has higher numbers and stays.
	if err := s.Purge(ctx, jetstream.WithPurgeSequence(passed+1)); err != nil {
		return fresh, fmt.Errorf("audit RAW: take a damaged message off: %w", err)
	}
	return fresh, nil
}

// noteRawGap is noteFoundRawGap for who does not ask what is news.
func (c *Conn) noteRawGap(ctx context.Context, g Gap) error {
	_, err := c.noteFoundRawGap(ctx, g, time.Time{})
	return err
}

// noteFoundRawGap notes a gap of RAW with the times between which it was
// collected. Neighbours that were acked are gone, so it looks further: the
// messages that are still there, the end as it was last known, and now.
func (c *Conn) noteFoundRawGap(ctx context.Context, g Gap, lastAt time.Time) ([]Gap, error) {
	s, err := c.js.Stream(ctx, g.Stream)
	if err != nil {
		return nil, err
	}
	if m, err := s.GetMsg(ctx, g.Last+1, jetstream.WithGetMsgSubject(subjectRoot+".>")); err == nil {
		g.Before = m.Time.UTC()
	}
	if g.Before.IsZero() {
		g.Before = lastAt
	}
	if g.Before.IsZero() {
		g.Before = time.Now().UTC()
	}
	return c.noteGap(ctx, g)
}
