package cursor

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

var (
	// ErrForeign says that a cursor does not open: it was sealed with another
	// key ring, or its bytes are not those that were written under its key.
	ErrForeign = errors.New("open cursor: it was not sealed with this key ring under this key; " +
		"start with the ring of this study (--keys), or delete the cursor and read from the beginning")
	// ErrUnreadable says that a cursor opened but does not fit what it is read
	// into.
	ErrUnreadable = errors.New("read cursor: it is not of the shape that is expected; another version of doxtrail wrote it")
)

// Sealer closes what must not stand in clear. A *privacy.StateKey is one.
type Sealer interface {
	Seal(purpose string, plaintext []byte) ([]byte, error)
	Open(purpose string, sealed []byte) ([]byte, error)
	Name(purpose, value string) string
}

// content is what is sealed.
type content struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// keyOf is the key in the bucket.
func (s *Shelf) keyOf(name string) string {
	return s.collector + "." + s.key.Name("cursors/"+s.collector, name)
}

// purpose binds a seal to the bucket and the key.
func purpose(key string) string { return bus.BucketCursors + "/" + key }

func (s *Shelf) open(key string, sealed []byte) (content, error) {
	var opened content
	plain, err := s.key.Open(purpose(key), sealed)
	if errors.Is(err, privacy.ErrSealed) {
		return opened, ErrForeign
	}
	if err != nil {
		return opened, fmt.Errorf("open cursor: %w", err)
	}
	if json.Unmarshal(plain, &opened) != nil || opened.Value == nil {
		return opened, ErrUnreadable
	}
	return opened, nil
}
