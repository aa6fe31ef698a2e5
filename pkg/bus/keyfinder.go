package bus

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// ErrUnknownKey says that a key is not in the ring: it was destroyed, or never
// was of this ring.
var ErrUnknownKey = errors.New("find key: not in the ring")

// KeyFinder finds the private key that batches on RAW are opened with.
type KeyFinder interface {
	// RawKey gives the key of an id. It returns ErrUnknownKey if there is none;
	// any other error means that it may be there later.
	RawKey(id string) (privacy.PrivateKey, error)
}

// Keys is a KeyFinder over a key ring. It keeps what it found and reads the
// ring again, at most once a second, when it does not know an id. It is safe
// for concurrent use.
type Keys struct {
	load func() ([]privacy.PrivateKey, error)

	mu    sync.Mutex
	known map[string]privacy.PrivateKey
	read  time.Time
}

// NewKeys makes a KeyFinder of a function that reads the ring, as
// privacy.Ring.RawKeys does.
func NewKeys(load func() ([]privacy.PrivateKey, error)) *Keys {
	return &Keys{load: load}
}

// RawKey implements KeyFinder.
func (k *Keys) RawKey(id string) (privacy.PrivateKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.known[id]; ok {
		return key, nil
	}
	if time.Since(k.read) >= time.Second {
		keys, err := k.load()
		if err != nil {
			return privacy.PrivateKey{}, fmt.Errorf("read keys: %w", err)
		}
		k.read = time.Now()
		k.known = make(map[string]privacy.PrivateKey, len(keys))
		for _, key := range keys {
			k.known[key.ID()] = key
		}
	}
	if key, ok := k.known[id]; ok {
		return key, nil
	}
	return privacy.PrivateKey{}, ErrUnknownKey
}
