package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Gap is a range of sequences that a stream lost: nobody deleted them, and they
// are not there. It is remembered until an operator acknowledges it, and after
// that only so that it is not found again.
type Gap struct {
	Stream string `json:"stream"`
	First  uint64 `json:"first"`
	Last   uint64 `json:"last"`
	// After and Before are when the stream took the messages on both sides:
	// what was collected between them is to be read again. Zero if there is no
	// message on that side.
	After  time.Time `json:"after,omitzero"`
	Before time.Time `json:"before,omitzero"`
	// AtMost says that some of the range may have been handled before it was
	// lost: a process was killed, and its last words with it.
	AtMost         bool      `json:"at_most,omitempty"`
	FoundAt        time.Time `json:"found_at"`
	AcknowledgedAt time.Time `json:"acknowledged_at,omitzero"`
}

// Messages is how many messages the gap is.
func (g Gap) Messages() uint64 { return g.Last - g.First + 1 }

const (
	// What the auditors remember lies in CURSORS, under these keys.
	keyGaps    = "audit.gaps"
	keyErased  = "audit.erased."  // and the stream
	keyTrimmed = "audit.trimmed." // and the stream
	keyAudited = "audit.mark."    // and the stream

	// gapLimit is how many gaps are remembered; the oldest go first.
	gapLimit = 1000
)

// Gaps lists what the streams lost, oldest find first, with what was
// acknowledged already.
func (c *Conn) Gaps(ctx context.Context) ([]Gap, error) {
	b, err := c.Bucket(ctx, BucketCursors)
	if err != nil {
		return nil, err
	}
	value, _, err := b.Load(ctx, keyGaps)
	if errors.Is(err, ErrAbsent) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list gaps: %w", err)
	}
	return readGaps(value)
}

// OpenGaps lists the gaps that nobody acknowledged yet.
func (c *Conn) OpenGaps(ctx context.Context) ([]Gap, error) {
	all, err := c.Gaps(ctx)
	return slices.DeleteFunc(all, func(g Gap) bool { return !g.AcknowledgedAt.IsZero() }), err
}

// AcknowledgeGaps notes that an operator knows of the open gaps, and returns
// them.
func (c *Conn) AcknowledgeGaps(ctx context.Context) (acknowledged []Gap, err error) {
	err = c.changeGaps(ctx, func(all []Gap) []Gap {
		acknowledged = acknowledged[:0]
		for i := range all {
			if all[i].AcknowledgedAt.IsZero() {
				all[i].AcknowledgedAt = time.Now().UTC()
				acknowledged = append(acknowledged, all[i])
			}
		}
		return all
	})
	return acknowledged, err
}

// noteGap remembers what of a range is news, and raises the alarm for it.
func (c *Conn) noteGap(ctx context.Context, g Gap) (fresh []Gap, err error) {
	g.FoundAt = time.Now().UTC()
	err = c.changeGaps(ctx, func(all []Gap) []Gap {
		fresh = fresh[:0]
		var known intervals
		for _, old := range all {
			if old.Stream == g.Stream {
				known.add(old.First, old.Last)
			}
		}
		for _, part := range known.missing(g.First, g.Last, gapLimit) {
			piece := g
			piece.First, piece.Last = part.first, part.last
			fresh = append(fresh, piece)
		}
		all = append(all, fresh...)
		return all[max(0, len(all)-gapLimit):]
	})
	if err != nil {
		return nil, err
	}
	for _, g := range fresh {
		c.stats.SequenceGaps.Add(g.Messages())
		c.log.Error("a stream lost messages; read again what was collected between the two times, then acknowledge it: doctor --acknowledge-gaps",
			"stream", g.Stream, "first", g.First, "last", g.Last, "count", g.Messages(), "after", g.After, "before", g.Before)
	}
	return fresh, nil
}

func (c *Conn) changeGaps(ctx context.Context, edit func([]Gap) []Gap) error {
	b, err := c.Bucket(ctx, BucketCursors)
	if err != nil {
		return err
	}
	err = b.Change(ctx, keyGaps, func(old []byte) ([]byte, error) {
		all, err := readGaps(old)
		if err != nil {
			return nil, err
		}
		return json.Marshal(edit(all))
	})
	if err != nil {
		return fmt.Errorf("remember gaps: %w", err)
	}
	return nil
}

func readGaps(value []byte) ([]Gap, error) {
	if len(value) == 0 {
		return nil, nil
	}
	var all []Gap
	if err := json.Unmarshal(value, &all); err != nil {
		return nil, errors.New("read gaps: damaged")
	}
	return all, nil
}

// known is every sequence of a stream that is gone for a known reason: erased,
// or a gap that was found before.
func (c *Conn) known(ctx context.Context, stream string) (intervals, error) {
	b, err := c.Bucket(ctx, BucketCursors)
	if err != nil {
		return intervals{}, err
	}
	value, _, err := b.Load(ctx, keyErased+stream)
	if err != nil && !errors.Is(err, ErrAbsent) {
		return intervals{}, err
	}
	out := parseIntervals(string(value))
	all, err := c.Gaps(ctx)
	for _, g := range all {
		if g.Stream == stream {
			out.add(g.First, g.Last)
		}
	}
	return out, err
}
