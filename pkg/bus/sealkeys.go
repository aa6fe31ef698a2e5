package bus

import (
	"context"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

const (
	// sealKeyFresh is how long a fetched key is used without asking again, so how
	// far a rotation may lag.
	sealKeyFresh = 10 * time.Minute
	// sealKeyUsable is how long a key is used when asking fails: an outage must not
	// end an import. The normaliser keeps a key for a day after it was replaced.
	sealKeyUsable = privacy.RawKeyLife / 2
	sealKeyWait   = 30 * time.Second
)

// SealKeys hands collectors today's public key of RAW. It may be used by many
// goroutines.
type SealKeys struct {
	// Wait is how long Current waits for the normaliser to publish its first key,
	// or for an answer. Half a minute.
	Wait time.Duration

	conn *Conn

	mu      sync.Mutex
	key     privacy.PublicKey
	fetched time.Time // when the key was last read
	asked   time.Time // when it was last asked for, in vain or not
}

// NewSealKeys returns a SealKeys that has asked for nothing yet.
func (c *Conn) NewSealKeys() *SealKeys { return &SealKeys{conn: c, Wait: sealKeyWait} }

// Current returns the key to seal to now. It waits for the first one;
// through an outage it gives the last one for half a key's life.
func (s *SealKeys) Current(ctx context.Context) (privacy.PublicKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.asked) < sealKeyFresh {
		return s.key, nil
	}
	key, err := s.fetch(ctx)
	switch {
	case err == nil:
		s.key, s.fetched = key, time.Now()
	case ctx.Err() != nil || time.Since(s.fetched) >= sealKeyUsable:
		return privacy.PublicKey{}, err
	}
	s.asked = time.Now()
	return s.key, nil
}

func (s *SealKeys) fetch(ctx context.Context) (privacy.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Wait)
	defer cancel()
	published, err := s.conn.PublicKeys(ctx)
	if err != nil {
		return privacy.PublicKey{}, err
	}
	return published.Raw(ctx)
}
