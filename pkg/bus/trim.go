package bus

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// TrimRecords deletes the oldest messages of RECORDS that both recorders have
// acked, until at most keepBytes are left. RECORDS refuses new messages when it
// is full; without this, 30 days of history that is in the tables already would
// stop everything. It returns how many messages went. Only the provisioner may
// purge.
func (c *Conn) TrimRecords(ctx context.Context, keepBytes uint64) (removed uint64, err error) {
	s, err := c.js.Stream(ctx, StreamRecords)
	if err != nil {
		return 0, fmt.Errorf("trim RECORDS: %w", err)
	}
	state := s.CachedInfo().State
	if state.Bytes <= keepBytes || state.Msgs == 0 {
		return 0, nil
	}
	done, err := c.recordedUpTo(ctx, state.LastSeq)
	if err != nil {
		return 0, fmt.Errorf("trim RECORDS: %w", err)
	}
	// Sizes of single messages are not known; the mean is near enough, and what
	// is too much is taken next time.
	mean := max(state.Bytes/state.Msgs, 1)
	upTo := min(state.FirstSeq+(state.Bytes-keepBytes)/mean+1, done)
	if upTo < state.FirstSeq {
		return 0, nil
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
