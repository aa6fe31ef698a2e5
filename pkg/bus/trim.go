package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// recordsMaxAge is how long RECORDS keeps what is in the tables, so that they
// can be made anew.
const recordsMaxAge = 30 * 24 * time.Hour

// TrimRecords deletes the oldest messages of RECORDS that both recorders have
// acked: those that are over 30 days old and, if more than keepBytes are stored,
// as many as are too many. The server is not given an age
// limit, because it would delete what nobody has recorded yet: after a long
// outage, or as soon as a clock jumps ahead. RECORDS refuses new messages when it
// is full, so without this history that is in the tables already would stop
// everything. It returns how many messages went. Only the provisioner may purge.
func (c *Conn) TrimRecords(ctx context.Context, keepBytes uint64) (removed uint64, err error) {
	return c.trimRecords(ctx, keepBytes, time.Now().Add(-recordsMaxAge))
}

func (c *Conn) trimRecords(ctx context.Context, keepBytes uint64, oldest time.Time) (removed uint64, err error) {
	s, err := c.js.Stream(ctx, StreamRecords)
	if err != nil {
		return 0, fmt.Errorf("trim RECORDS: %w", err)
	}
	state := s.CachedInfo().State
	upTo, err := tooMany(ctx, s, state, keepBytes, oldest)
	if err != nil || upTo < state.FirstSeq {
		return 0, err
	}
	done, err := c.recordedUpTo(ctx, state.LastSeq)
	if err != nil {
		return 0, fmt.Errorf("trim RECORDS: %w", err)
	}
	if upTo = min(upTo, done); upTo < state.FirstSeq {
		return 0, nil
	}
	if err := c.noteTrimmed(ctx, StreamRecords, upTo); err != nil {
		return 0, fmt.Errorf("trim RECORDS: %w", err)
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSequence(upTo+1)); err != nil {
		return 0, fmt.Errorf("trim RECORDS: %w", err)
	}
	after, err := s.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("trim RECORDS: %w", err)
	}
	return state.Msgs - min(after.State.Msgs, state.Msgs), nil
}

// tooMany is the last sequence that is too old or too much; less than the first
// if there is none.
func tooMany(ctx context.Context, s jetstream.Stream, state jetstream.StreamState, keepBytes uint64, oldest time.Time) (uint64, error) {
	if state.Msgs == 0 {
		return 0, nil
	}
	upTo := state.FirstSeq - 1
	if state.Bytes > keepBytes {
		// Sizes of single messages are not known; the mean is near enough, and
		// what is too much is taken next time.
		mean := max(state.Bytes/state.Msgs, 1)
		upTo = state.FirstSeq + (state.Bytes-keepBytes)/mean
	}
	if !state.FirstTime.Before(oldest) {
		return upTo, nil
	}
	// The first that is young enough, by halving: times grow with sequences.
	low, high := state.FirstSeq, state.LastSeq+1
	for low < high {
		middle := low + (high-low)/2
		m, err := s.GetMsg(ctx, middle, jetstream.WithGetMsgSubject(subjectRoot+".>"))
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound):
			high = middle // the end is lost
		case err != nil:
			return 0, fmt.Errorf("trim RECORDS: look for what is too old: %w", err)
		case m.Time.Before(oldest):
			low = m.Sequence + 1
		default:
			high = middle
		}
	}
	return max(upTo, low-1), nil
}

// recordedUpTo is the sequence up to which both recorders have acked. A reader
// with nothing before it does not hold back the other.
func (c *Conn) recordedUpTo(ctx context.Context, last uint64) (uint64, error) {
	for _, d := range []Durable{RecorderLive, RecorderArchive} {
		acked, err := c.ackedUpTo(ctx, d, last)
		if err != nil {
			return 0, err
		}
		last = min(last, acked)
	}
	return last, nil
}
