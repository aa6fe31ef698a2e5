package cursor

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

const (
	// MaxBytes bounds a cursor's value as JSON: with its seal it stays well
	// under what one message may hold, and a collector that keeps more in one
	// cursor writes all of it again at each step.
	MaxBytes = 512 << 10

	// storeWait is how long one write waits for its answer.
	storeWait = 5 * time.Second
	// maxTried bounds how many writes of unknown outcome are remembered, and
	// how often one Save begins anew because one of them came late.
	maxTried = 8
)

var (
	// ErrStolen says that another process wrote the cursor, or deleted it,
	// since it was loaded or saved here last. What this process holds is
	// outdated: it must stop, or load again.
	ErrStolen = errors.New("save cursor: another process wrote it in between; only one may hold it")
	// ErrTooLarge says that a value exceeds MaxBytes; nothing was written.
	ErrTooLarge = errors.New("save cursor: the value is larger than 512 KiB; spread it over several cursors")
)

// Bucket is where cursors lie. A *bus.Bucket is one.
type Bucket interface {
	Load(ctx context.Context, key string) (value []byte, revision uint64, err error)
	Store(ctx context.Context, key string, value []byte, revision uint64) (uint64, error)
	Delete(ctx context.Context, key string) error
	Keys(ctx context.Context, prefix string) ([]string, error)
}

// Shelf holds all cursors of one collector. It is safe for concurrent use; calls
// for the same name go one after the other.
type Shelf struct {
	bucket    Bucket
	key       Sealer
	collector string

	mu      sync.Mutex
	cursors map[string]*cursor // by name
}

// cursor is what is known of one cursor in the bucket.
type cursor struct {
	mu sync.Mutex
	seen
}

type seen struct {
	revision uint64   // 0: there is none
	sum      [32]byte // of the value as JSON
	// tried are the sums of sealed bytes whose write got no answer, deleted that
	// a deletion got none; any of them may be done, also later.
	tried   [][32]byte
	deleted bool
	doubt   bool // tried or deleted since the revision was seen
}

// NewShelf gives the cursors of one collector. Its name begins their keys, in
// clear: that of the service, for example "collector-telegram", because backups
// and the server's permissions go by it.
func NewShelf(bucket Bucket, key Sealer, collector string) *Shelf {
	return &Shelf{bucket: bucket, key: key, collector: collector, cursors: make(map[string]*cursor)}
}

// Load reads a cursor into a pointer to what it was saved from, and notes its
// revision. It returns false if there is none; into is then left alone. Fields
// that one side does not know are passed over. Errors: ErrForeign,
// ErrUnreadable, those of the bucket.
func (s *Shelf) Load(ctx context.Context, name string, into any) (found bool, err error) {
	c := s.cursor(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	sealed, revision, err := s.bucket.Load(ctx, s.keyOf(name))
	if errors.Is(err, bus.ErrAbsent) {
		c.revision, c.sum, c.doubt = 0, [32]byte{}, false
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("load cursor: %w", err)
	}
	opened, err := s.open(s.keyOf(name), sealed)
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(opened.Value, into); err != nil {
		return false, ErrUnreadable // json's own error may quote the value
	}
	c.revision, c.sum, c.doubt = revision, sha256.Sum256(opened.Value), false
	return true, nil
}

// Save writes a cursor if nobody else wrote it since it was loaded or saved here
// last; one that was never loaded must not be there yet. A value that is as it
// was is not written. After an error other than ErrStolen the write may or may
// not be done, and Save may be called again with this value or a later one.
// Errors: ErrStolen, ErrTooLarge, those of the bucket.
func (s *Shelf) Save(ctx context.Context, name string, value any) error {
	plain, err := json.Marshal(value)
	if err != nil {
		return errors.New("save cursor: its value has no form in JSON") // the cause may quote it
	}
	if len(plain) > MaxBytes {
		return ErrTooLarge
	}
	c := s.cursor(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	for range maxTried {
		if c.doubt {
			if err := s.settle(ctx, c, name); err != nil {
				return err
			}
		}
		if c.revision != 0 && c.sum == sha256.Sum256(plain) {
			return nil
		}
		err = s.store(ctx, c, name, plain)
		// A conflict may be with a write of our own that came late.
		if !errors.Is(err, bus.ErrConflict) {
			return err
		}
	}
	return err
}

// store writes once.
func (s *Shelf) store(ctx context.Context, c *cursor, name string, plain []byte) error {
	text, err := json.Marshal(content{name, plain})
	if err != nil {
		return fmt.Errorf("save cursor: %w", err)
	}
	key := s.keyOf(name)
	sealed, err := s.key.Seal(purpose(key), text)
	if err != nil {
		return fmt.Errorf("save cursor: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	revision, err := s.bucket.Store(ctx, key, sealed, c.revision)
	if err != nil {
		c.doubt = true
		if !errors.Is(err, bus.ErrConflict) {
			c.tried = append(c.tried, sha256.Sum256(sealed))
			c.tried = c.tried[max(0, len(c.tried)-maxTried):]
		}
		return fmt.Errorf("save cursor: %w", err)
	}
	// What was tried before expects an older revision and can no longer be done.
	c.seen = seen{revision: revision, sum: sha256.Sum256(plain)}
	return nil
}

// settle finds out what became of writes whose answer is not known.
func (s *Shelf) settle(ctx context.Context, c *cursor, name string) error {
	key := s.keyOf(name)
	sealed, revision, err := s.bucket.Load(ctx, key)
	switch {
	case errors.Is(err, bus.ErrAbsent):
		if c.revision != 0 && !c.deleted {
			return ErrStolen
		}
		c.revision = 0
	case err != nil:
		return fmt.Errorf("save cursor: look for what became of it: %w", err)
	case revision == c.revision:
	case slices.Contains(c.tried, sha256.Sum256(sealed)):
		opened, err := s.open(key, sealed)
		if err != nil {
			return err
		}
		c.revision, c.sum = revision, sha256.Sum256(opened.Value)
	default:
		return ErrStolen
	}
	c.doubt = false
	return nil
}

// Delete removes a cursor, whoever wrote it. One that is not there is no error.
func (s *Shelf) Delete(ctx context.Context, name string) error {
	c := s.cursor(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	if err := s.bucket.Delete(ctx, s.keyOf(name)); err != nil {
		c.deleted, c.doubt = true, true
		return fmt.Errorf("delete cursor: %w", err)
	}
	c.seen = seen{}
	return nil
}

// Each calls each for the cursors whose names start with prefix, in no order; open
// reads the value. It is for status: it opens all cursors of the collector and
// notes no revision. It ends at the first error.
func (s *Shelf) Each(ctx context.Context, prefix string, each func(name string, open func(into any) error) error) error {
	keys, err := s.bucket.Keys(ctx, s.collector+".")
	if err == nil {
		err = ctx.Err() // a listing that was cut short looks like a whole one
	}
	if err != nil {
		return fmt.Errorf("list cursors: %w", err)
	}
	for _, key := range keys {
		sealed, _, err := s.bucket.Load(ctx, key)
		if errors.Is(err, bus.ErrAbsent) {
			continue // gone meanwhile
		}
		if err != nil {
			return fmt.Errorf("load cursor: %w", err)
		}
		opened, err := s.open(key, sealed)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(opened.Name, prefix) {
			continue
		}
		err = each(opened.Name, func(into any) error {
			if json.Unmarshal(opened.Value, into) != nil {
				return ErrUnreadable
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Shelf) cursor(name string) *cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.cursors[name]
	if c == nil {
		c = &cursor{}
		s.cursors[name] = c
	}
	return c
}
