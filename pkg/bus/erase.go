package bus

import (
	"context"
	"fmt"
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

// EraseMessage deletes one message of a stream so that it cannot be read back
// from the disk, and notes before that this is on purpose.
func (c *Conn) EraseMessage(ctx context.Context, stream string, sequence uint64) error {
	if err := c.NoteErased(ctx, stream, sequence); err != nil {
		return err
	}
	s, err := c.js.Stream(ctx, stream)
	if err == nil {
		err = s.SecureDeleteMsg(ctx, sequence)
	}
	if err != nil {
		return fmt.Errorf("erase message of %s: %w", stream, err)
	}
	return nil
}
