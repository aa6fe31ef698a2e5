package archive

import (
	"context"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

const (
	// keyFresh is how long a fetched key is used without asking again. Old
	// keys stay readable, so this only bounds how far a rotation lags.
	keyFresh = 10 * time.Minute
	// keyWait is how long a collector waits for the normaliser to publish its
	// first key.
	keyWait = 30 * time.Second
)

// sealKeys hands out today's public key of RAW.
type sealKeys struct {
	conn *bus.Conn

	mu      sync.Mutex
	key     privacy.PublicKey
	fetched time.Time
}

// current returns the key to seal to now.
func (s *sealKeys) current(ctx context.Context) (privacy.PublicKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.fetched) < keyFresh {
		return s.key, nil
	}
	ctx, cancel := context.WithTimeout(ctx, keyWait)
	defer cancel()
	published, err := s.conn.PublicKeys(ctx)
	if err != nil {
		return privacy.PublicKey{}, err
	}
	key, err := published.Raw(ctx)
	if err != nil {
		return privacy.PublicKey{}, err
	}
	s.key, s.fetched = key, time.Now()
	return key, nil
}
