package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// FailedTally is what became of the entries that ever came to FAILED: those that
// came = still there + retried + dropped. What is missing was lost.
type FailedTally struct {
	Entries uint64 `json:"-"`
	Waiting uint64 `json:"-"`
	Retried uint64 `json:"retried"`
	Dropped uint64 `json:"dropped"`
}

// Missing is how many entries are gone that nobody retried or dropped. A command
// that is killed between deleting and counting leaves one behind.
func (t FailedTally) Missing() uint64 {
	return t.Entries - min(t.Entries, t.Waiting+t.Retried+t.Dropped)
}

const keyFailedTally = "audit.failed"

// FailedTally counts the entries of FAILED.
func (c *Conn) FailedTally(ctx context.Context) (t FailedTally, err error) {
	b, err := c.Bucket(ctx, BucketCursors)
	if err != nil {
		return t, err
	}
	value, _, err := b.Load(ctx, keyFailedTally)
	if err != nil && !errors.Is(err, ErrAbsent) {
		return t, fmt.Errorf("count failed records: %w", err)
	}
	_ = json.Unmarshal(value, &t) // damaged counts start anew
	info, err := c.streamInfo(ctx, StreamFailed)
	if err != nil {
		return t, fmt.Errorf("count failed records: %w", err)
	}
	t.Entries, t.Waiting = info.State.LastSeq, info.State.Msgs
	return t, nil
}

// countFailed changes the tally.
func (c *Conn) countFailed(ctx context.Context, edit func(*FailedTally)) error {
	b, err := c.Bucket(ctx, BucketCursors)
	if err != nil {
		return err
	}
	err = b.Change(ctx, keyFailedTally, func(old []byte) ([]byte, error) {
		var t FailedTally
		_ = json.Unmarshal(old, &t)
		edit(&t)
		return json.Marshal(t)
	})
	if err != nil {
		return fmt.Errorf("count failed records: %w", err)
	}
	return nil
}
