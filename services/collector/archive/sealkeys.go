package archive

import (
	"context"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

const (
	// keyFresh is how long a fetched key is used without asking again, so how
	// far a rotation may lag.
	keyFresh = 10 * time.Minute
	// keyUsable is how long a key is used when asking fails: an outage must not
	// end an import. The normaliser keeps a key for a day after it was replaced.
	keyUsable = privacy.RawKeyLife / 2
	// keyWait is how long a collector waits for the normaliser to publish its
	// first key, or for an answer.
	keyWait = 30 * time.Second
)

// sealKeys hands out today's public key of RAW.
type sealKeys struct {
	conn *bus.Conn
	wait time.Duration

	mu      sync.Mutex
	key     privacy.PublicKey
	fetched time.Time // when the key was last read
	asked   time.Time // when it was last asked for, in vain or not
}

// current returns the key to seal to now.
func (s *sealKeys) current(ctx context.Context) (privacy.PublicKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.asked) < keyFresh {
		return s.key, nil
	}
	key, err := s.fetch(ctx)
	switch {
	case err == nil:
		s.key, s.fetched = key, time.Now()
	case ctx.Err() != nil || time.Since(s.fetched) >= keyUsable:
		return privacy.PublicKey{}, err
	}
	s.asked = time.Now()
	return s.key, nil
}

func (s *sealKeys) fetch(ctx context.Context) (privacy.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	published, err := s.conn.PublicKeys(ctx)
	if err != nil {
		return privacy.PublicKey{}, err
	}
	return published.Raw(ctx)
}
