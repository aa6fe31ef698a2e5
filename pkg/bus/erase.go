package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// NoteErased writes into the erasure log that messages of a stream are deleted
// on purpose, so that nobody takes them for lost. It is called before they are
// deleted. The log holds sequences and nothing else, and forgets those that were
// trimmed since.
func (c *Conn) NoteErased(ctx context.Context, stream string, sequences ...uint64) error {
	b, err := c.Bucket(ctx, BucketCursors)
	if err != nil {
		return err
	}
	trimmed, err := c.trimmedUpTo(ctx, stream)
	if err != nil {
		return fmt.Errorf("note erased messages: %w", err)
	}
	err = b.Change(ctx, keyErased+stream, func(old []byte) ([]byte, error) {
		log := parseIntervals(string(old))
		for _, n := range sequences {
			log.add(n, n)
		}
		log.forget(trimmed + 1)
		return []byte(log.String()), nil
	})
	if err != nil {
		return fmt.Errorf("note erased messages: %w", err)
	}
	return nil
}

// EraseMessages deletes messages of a stream so that they cannot be read back from
// the disk, and notes before that this is on purpose. One that is gone already is
// none the less erased.
func (c *Conn) EraseMessages(ctx context.Context, stream string, sequences ...uint64) error {
	if err := c.NoteErased(ctx, stream, sequences...); err != nil {
		return err
	}
	s, err := c.js.Stream(ctx, stream)
	if err != nil {
		return fmt.Errorf("erase messages of %s: %w", stream, err)
	}
	for _, sequence := range sequences {
		err := s.SecureDeleteMsg(ctx, sequence)
		if err == nil {
			continue
		}
		// The server does not say whether it was there.
		if _, gone := s.GetMsg(ctx, sequence); !errors.Is(gone, jetstream.ErrMsgNotFound) {
			return fmt.Errorf("erase messages of %s: %w", stream, err)
		}
	}
	return nil
}
