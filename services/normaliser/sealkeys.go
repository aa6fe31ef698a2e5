package normaliser

import (
	"context"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
)

const (
	// rotateEvery is how often the age of the RAW key is looked at. A key lives
	// a day (privacy.RawKeyLife).
	rotateEvery = 10 * time.Minute
	// destroyEvery is how often old RAW keys are looked for, beside at the
	// start: it reads RAW and FAILED through.
	destroyEvery = 24 * time.Hour
)

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

// rotateKeys publishes a new RAW key when the old one's day is over, and
// destroys old ones. A failure only means that the old key is used a little
// longer.
func (n *Normaliser) rotateKeys(ctx context.Context) error {
	rotate, destroy := time.NewTicker(rotateEvery), time.NewTicker(destroyEvery)
	defer rotate.Stop()
	defer destroy.Stop()
	n.destroyOldKeys(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-rotate.C:
			if err := n.publishKeys(ctx); err != nil && ctx.Err() == nil {
				n.log.Warn("RAW key not rotated; the old one stays in use", service.Error(err))
			}
		case <-destroy.C:
			n.destroyOldKeys(ctx)
		}
	}
}

// destroyOldKeys destroys what destroyKeys may, and logs what it did.
func (n *Normaliser) destroyOldKeys(ctx context.Context) {
	destroyed, err := n.destroyKeys(ctx, time.Now())
	if err != nil && ctx.Err() == nil {
		n.log.Warn("old RAW keys not destroyed; it is tried again", service.Error(err))
	}
	if destroyed > 0 {
		n.log.Info("old RAW keys destroyed", service.KeyCount, destroyed)
	}
}

// destroyKeys destroys RAW keys that nothing is sealed with any more and says
// how many. What RAW and FAILED hold decides, not the clock; the clock only
// keeps those that a collector may still seal with.
func (n *Normaliser) destroyKeys(ctx context.Context, now time.Time) (destroyed int, err error) {
	keys, err := n.deps.Ring.RawKeys()
	if err != nil {
		return 0, err
	}
	old := replaced(keys, now)
	if len(old) == 0 {
		return 0, nil
	}
	used, err := n.deps.Conn.KeysInUse(ctx, old...)
	if err != nil {
		return 0, err
	}
	for _, id := range old {
		if used[id] {
			continue
		}
		if err := n.deps.Ring.DestroyRawKey(id); err != nil {
			return destroyed, err
		}
		destroyed++
	}
	return destroyed, nil
}

// replaced lists the keys whose successor is a day old: a collector may seal
// with a key for a while after it was replaced, however old it was by then. The
// keys are in the order of their age, oldest first.
func replaced(keys []privacy.PrivateKey, now time.Time) []string {
	var ids []string
	for i := 1; i < len(keys); i++ {
		if now.Sub(keys[i].CreatedAt()) > privacy.RawKeyLife {
			ids = append(ids, keys[i-1].ID())
		}
	}
	return ids
}
