package bus

import (
	"context"
	"errors"
)

// Decided is what persons decided about channels as it stands in WATCHLIST. It is
// sealed: it names channels. The zero Decided says that nothing was decided yet.
type Decided struct {
	Sealed   []byte
	revision uint64
}

// Revision tells one state from the next.
func (d Decided) Revision() uint64 { return d.revision }

// LoadDecided reads the decisions.
func (w *Watchlist) LoadDecided(ctx context.Context) (Decided, error) {
	sealed, revision, err := w.bucket.Load(ctx, keyDecided)
	if errors.Is(err, ErrAbsent) {
		return Decided{}, nil
	}
	if err != nil {
		return Decided{}, err
	}
	return Decided{append([]byte(nil), sealed...), revision}, nil
}

// StoreDecided keeps decisions in place of those that were loaded. ErrConflict says
// that somebody decided something in between.
func (w *Watchlist) StoreDecided(ctx context.Context, loaded Decided, sealed []byte) error {
	_, err := w.bucket.Store(ctx, keyDecided, sealed, loaded.revision)
	return err
}
