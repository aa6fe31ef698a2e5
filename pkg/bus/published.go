package bus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

const (
	keyRawPublic   = "raw"
	keyFailedKey   = "failed"
	keyWatchlist   = "effective"
	keyDecided     = "decided"
	pollFirst      = 20 * time.Millisecond
	pollLimit      = time.Second
	generationSize = 8
)

// PublicKeys is the PUBKEYS bucket: what collectors seal with.
type PublicKeys struct{ bucket *Bucket }

// PublicKeys binds to PUBKEYS.
func (c *Conn) PublicKeys(ctx context.Context) (*PublicKeys, error) {
	b, err := c.Bucket(ctx, BucketPubkeys)
	if err != nil {
		return nil, err
	}
	return &PublicKeys{b}, nil
}

// PutRaw publishes today's key of RAW. The private half must be safely on disk
// before.
func (p *PublicKeys) PutRaw(ctx context.Context, key privacy.PublicKey) error {
	return p.put(ctx, keyRawPublic, key)
}

// PutFailed publishes the key of FAILED, for services that do not hold the ring.
func (p *PublicKeys) PutFailed(ctx context.Context, key privacy.PublicKey) error {
	return p.put(ctx, keyFailedKey, key)
}

func (p *PublicKeys) put(ctx context.Context, name string, key privacy.PublicKey) error {
	if _, err := p.bucket.kv.Put(ctx, name, key.Bytes()); err != nil {
		return fmt.Errorf("publish public key: %w", err)
	}
	return nil
}

// Raw reads today's key of RAW, waiting until ctx ends for the normaliser to
// have published one.
func (p *PublicKeys) Raw(ctx context.Context) (privacy.PublicKey, error) {
	return p.await(ctx, keyRawPublic)
}

// Failed reads the key of FAILED, waiting as Raw does.
func (p *PublicKeys) Failed(ctx context.Context) (privacy.PublicKey, error) {
	return p.await(ctx, keyFailedKey)
}

func (p *PublicKeys) await(ctx context.Context, name string) (privacy.PublicKey, error) {
	for wait := pollFirst; ; wait = min(wait*2, pollLimit) {
		b, _, err := p.bucket.Load(ctx, name)
		if err == nil {
			return privacy.PublicKeyFromBytes(b)
		}
		select {
		case <-ctx.Done():
			if errors.Is(err, ErrAbsent) {
				err = ctx.Err()
			}
			return privacy.PublicKey{}, fmt.Errorf("wait for the public key; the normaliser publishes it: %w", err)
		case <-time.After(wait):
		}
	}
}

// WatchRaw calls each with the present key of RAW and with every later one,
// until ctx ends. A lost watch is made anew.
func (p *PublicKeys) WatchRaw(ctx context.Context, each func(privacy.PublicKey)) error {
	return rewatch(ctx, func() error {
		return p.bucket.watch(ctx, keyRawPublic, func(b []byte, _ uint64) {
			if k, err := privacy.PublicKeyFromBytes(b); err == nil {
				each(k)
			}
		})
	})
}

// rewatch keeps a watch going until ctx ends.
func rewatch(ctx context.Context, watch func() error) error {
	for wait := pollFirst; ctx.Err() == nil; wait = min(wait*2, pollLimit) {
		if watch() == nil {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// Published is the effective watch list as it stands in WATCHLIST. The list is
// sealed: it names channels.
type Published struct {
	Generation uint64
	Sealed     []byte
	revision   uint64
}

// Watchlist is the WATCHLIST bucket.
type Watchlist struct{ bucket *Bucket }

// Watchlist binds to WATCHLIST.
func (c *Conn) Watchlist(ctx context.Context) (*Watchlist, error) {
	b, err := c.Bucket(ctx, BucketWatchlist)
	if err != nil {
		return nil, err
	}
	return &Watchlist{b}, nil
}

// Load reads the list; ErrAbsent if none was published yet.
func (w *Watchlist) Load(ctx context.Context) (Published, error) {
	b, revision, err := w.bucket.Load(ctx, keyWatchlist)
	if err != nil {
		return Published{}, err
	}
	return readPublished(b, revision)
}

// Await reads the list, waiting until ctx ends for the provisioner to have
// published one.
func (w *Watchlist) Await(ctx context.Context) (Published, error) {
	for wait := pollFirst; ; wait = min(wait*2, pollLimit) {
		p, err := w.Load(ctx)
		if err == nil {
			return p, nil
		}
		select {
		case <-ctx.Done():
			return Published{}, fmt.Errorf("wait for the watch list; the provisioner publishes it: %w", ctx.Err())
		case <-time.After(wait):
		}
	}
}

// Store publishes a new list in place of the one that was loaded; the zero
// Published means that there was none. ErrConflict says that another list came
// in between, and a generation that does not grow is refused.
func (w *Watchlist) Store(ctx context.Context, loaded Published, generation uint64, sealed []byte) (Published, error) {
	if generation <= loaded.Generation {
		return Published{}, errors.New("publish watch list: the generation must grow")
	}
	value := binary.BigEndian.AppendUint64(make([]byte, 0, generationSize+len(sealed)), generation)
	value = append(value, sealed...)
	revision, err := w.bucket.Store(ctx, keyWatchlist, value, loaded.revision)
	if err != nil {
		return Published{}, err
	}
	return Published{Generation: generation, Sealed: sealed, revision: revision}, nil
}

// Watch calls each with the present list and with every later one, until ctx
// ends. A lost watch is made anew.
func (w *Watchlist) Watch(ctx context.Context, each func(Published)) error {
	return rewatch(ctx, func() error {
		return w.bucket.watch(ctx, keyWatchlist, func(b []byte, revision uint64) {
			if p, err := readPublished(b, revision); err == nil {
				each(p)
			}
		})
	})
}

func readPublished(b []byte, revision uint64) (Published, error) {
	if len(b) < generationSize {
		return Published{}, errors.New("read watch list: damaged")
	}
	return Published{
		Generation: binary.BigEndian.Uint64(b), Sealed: append([]byte(nil), b[generationSize:]...), revision: revision,
	}, nil
}
