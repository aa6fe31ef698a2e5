package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// streamState is a stream's state with what nats.go leaves out: what the server
// found damaged when it last started.
type streamState struct {
	Msgs      uint64    `json:"messages"`
	FirstSeq  uint64    `json:"first_seq"`
	FirstTime time.Time `json:"first_ts"`
	LastSeq   uint64    `json:"last_seq"`
	LastTime  time.Time `json:"last_ts"`
	Deleted   []uint64  `json:"deleted"`
	Lost      *struct {
		Msgs  []uint64 `json:"msgs"`
		Bytes uint64   `json:"bytes"`
	} `json:"lost"`
}

// damaged says whether the server met a damaged block when it started. It also
// calls lost what an index from before a kill names and what was acked and taken
// off since, block and all: then all of that is older than what the stream holds.
func (s streamState) damaged() bool {
	if s.Lost == nil || s.Lost.Bytes == 0 {
		return false
	}
	return len(s.Lost.Msgs) == 0 || slices.Max(s.Lost.Msgs) >= s.FirstSeq
}

// holds says whether a sequence is in the stream by the server's own books.
func (s streamState) holds(n uint64) bool {
	if n < s.FirstSeq || n > s.LastSeq {
		return false
	}
	_, deleted := slices.BinarySearch(s.Deleted, n)
	return !deleted
}

func (c *Conn) streamState(ctx context.Context, stream string) (streamState, error) {
	ctx, cancel := context.WithTimeout(ctx, infoWait)
	defer cancel()
	reply, err := c.reading.RequestWithContext(ctx, "$JS.API.STREAM.INFO."+stream, []byte(`{"deleted_details":true}`))
	if err != nil {
		return streamState{}, fmt.Errorf("ask for stream %s: %w", stream, err)
	}
	var info struct {
		State *streamState `json:"state"`
	}
	if json.Unmarshal(reply.Data, &info) != nil || info.State == nil {
		return streamState{}, fmt.Errorf("%w: stream %s is missing", ErrNotProvisioned, stream)
	}
	if info.State.Msgs == 0 {
		info.State.FirstTime = time.Time{}
	}
	slices.Sort(info.State.Deleted)
	return *info.State, nil
}

func (c *Conn) mark(ctx context.Context, stream string) (m auditMark, err error) {
	b, err := c.Bucket(ctx, BucketCursors)
	if err != nil {
		return m, err
	}
	value, _, err := b.Load(ctx, keyAudited+stream)
	if errors.Is(err, ErrAbsent) {
		return m, nil
	}
	if err == nil {
		_ = json.Unmarshal(value, &m) // a damaged mark is none: the next is whole
	}
	return m, err
}

// moveMark notes the ends of a stream and, if it was read through, when.
func (c *Conn) moveMark(ctx context.Context, stream string, state streamState, audited time.Time) error {
	b, err := c.Bucket(ctx, BucketCursors)
	if err != nil {
		return err
	}
	return b.Change(ctx, keyAudited+stream, func(old []byte) ([]byte, error) {
		var m auditMark
		_ = json.Unmarshal(old, &m)
		m.First, m.Last, m.LastAt = state.FirstSeq, state.LastSeq, state.LastTime
		if !audited.IsZero() {
			m.AuditedAt = audited
		}
		return json.Marshal(m)
	})
}

func (c *Conn) trimmedUpTo(ctx context.Context, stream string) (uint64, error) {
	b, err := c.Bucket(ctx, BucketCursors)
	if err != nil {
		return 0, err
	}
	value, _, err := b.Load(ctx, keyTrimmed+stream)
	if errors.Is(err, ErrAbsent) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, _ := strconv.ParseUint(string(value), 10, 64) // damaged reads as 0
	return n, nil
}

// noteTrimmed is called before messages are taken off the front of a stream.
func (c *Conn) noteTrimmed(ctx context.Context, stream string, upTo uint64) error {
	b, err := c.Bucket(ctx, BucketCursors)
	if err != nil {
		return err
	}
	return b.Change(ctx, keyTrimmed+stream, func([]byte) ([]byte, error) {
		return strconv.AppendUint(nil, upTo, 10), nil
	})
}
