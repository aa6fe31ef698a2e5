package normaliser

import (
	"context"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
)

// rotateEvery is how often the age of the RAW key is looked at. A key lives a
// day (privacy.RawKeyLife).
const rotateEvery = 10 * time.Minute

// publishKeys makes sure that there is a RAW key of today and tells collectors
// its public half. The private half is on disk before.
func (n *Normaliser) publishKeys(ctx context.Context) error {
	key, err := n.deps.Ring.CurrentRawKey(time.Now())
	if err != nil {
		return err
	}
	published, err := n.deps.Conn.PublicKeys(ctx)
	if err != nil {
		return err
	}
	if err := published.PutRaw(ctx, key.PublicKey()); err != nil {
		return err
	}
	failed, err := n.deps.Ring.FailedKey()
	if err != nil {
		return err
	}
	return published.PutFailed(ctx, failed.PublicKey())
}

// rotateKeys publishes a new RAW key when the old one's day is over. A failure
// only means that the old key is used a little longer.
func (n *Normaliser) rotateKeys(ctx context.Context) error {
	ticker := time.NewTicker(rotateEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := n.publishKeys(ctx); err != nil && ctx.Err() == nil {
				n.log.Warn("RAW key not rotated; the old one stays in use", service.Error(err))
			}
			if err := n.destroyKeys(ctx); err != nil && ctx.Err() == nil {
				n.log.Warn("old RAW keys not destroyed; it is tried again", service.Error(err))
			}
		}
	}
}

// destroyKeys destroys RAW keys that nothing is sealed with any more. What RAW
// and FAILED hold decides, not the clock; the clock only keeps the keys of the
// last two days, because a collector may seal with a key for a while after it
// was replaced.
func (n *Normaliser) destroyKeys(ctx context.Context) error {
	keys, err := n.deps.Ring.RawKeys()
	if err != nil {
		return err
	}
	var old []string
	for _, k := range keys {
		if time.Since(k.CreatedAt()) > 2*privacy.RawKeyLife {
			old = append(old, k.ID())
		}
	}
	if len(old) == 0 {
		return nil
	}
	used, err := n.deps.Conn.KeysInUse(ctx, old...)
	if err != nil {
		return err
	}
	for _, id := range old {
		if used[id] {
			continue
		}
		if err := n.deps.Ring.DestroyRawKey(id); err != nil {
			return err
		}
	}
	return nil
}
