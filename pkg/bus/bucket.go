package bus

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// bucket binds to a bucket that the provisioner made.
func (c *Conn) bucket(ctx context.Context, name string) (jetstream.KeyValue, error) {
	kv, err := ask(ctx, func(ctx context.Context) (jetstream.KeyValue, error) { return c.js.KeyValue(ctx, name) })
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return nil, fmt.Errorf("%w: bucket %s is missing", ErrNotProvisioned, name)
	}
	if err != nil {
		return nil, fmt.Errorf("bind to bucket %s: %w", name, err)
	}
	return kv, nil
}

// ErrConflict says that someone else wrote in between.
var ErrConflict = errors.New("write to bucket: someone else wrote in between")

// ErrAbsent says that a bucket holds nothing under the key.
var ErrAbsent = errors.New("read from bucket: nothing there")

// FullError says that a bucket has no room for a value, and what to do. MaxBytes is
// 0 where it could not be asked for.
type FullError struct {
	Bucket          string
	Bytes, MaxBytes int64
}

// Error implements error.
func (e *FullError) Error() string {
	return fmt.Sprintf("the %s bucket is full: %d of %d bytes; raise provisioner.bucket_max_bytes and start again; until then it is tried again, and nothing is lost",
		e.Bucket, e.Bytes, e.MaxBytes)
}

// Bucket is a key-value bucket. Writes are compare-and-set: two processes
// cannot overwrite each other unseen. Values that hold anything about channels
// must be sealed by the caller.
type Bucket struct {
	kv jetstream.KeyValue
}

// Bucket binds to one of the buckets, for example BucketCursors.
func (c *Conn) Bucket(ctx context.Context, name string) (*Bucket, error) {
	kv, err := c.bucket(ctx, name)
	if err != nil {
		return nil, err
	}
	return &Bucket{kv}, nil
}

// Load reads a value and its revision; ErrAbsent if there is none.
func (b *Bucket) Load(ctx context.Context, key string) (value []byte, revision uint64, err error) {
	e, err := ask(ctx, func(ctx context.Context) (jetstream.KeyValueEntry, error) { return b.kv.Get(ctx, key) })
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, 0, ErrAbsent
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read from bucket: %w", err)
	}
	return e.Value(), e.Revision(), nil
}

// Store writes a value if the key still has the revision that was read; 0 means
// that it has none yet. It returns the new revision. Errors: ErrConflict,
// *FullError, those of the server.
func (b *Bucket) Store(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	KillPoint("put", "bucket")
	var err error
	if revision == 0 {
		revision, err = b.kv.Create(ctx, key, value)
	} else {
		revision, err = b.kv.Update(ctx, key, value, revision)
	}
	if err == nil {
		KillPoint("kept", "bucket")
		return revision, nil
	}
	var api *jetstream.APIError
	if errors.Is(err, jetstream.ErrKeyExists) || (errors.As(err, &api) && isConflict(api.ErrorCode)) {
		return 0, ErrConflict
	}
	if isFull(err) {
		return 0, b.full(ctx)
	}
	return 0, fmt.Errorf("write to bucket: %w", err)
}

// full asks how full the bucket is.
func (b *Bucket) full(ctx context.Context) error {
	full := &FullError{Bucket: b.kv.Bucket()}
	status, err := ask(ctx, b.kv.Status)
	if s, ok := status.(*jetstream.KeyValueBucketStatus); ok && err == nil {
		full.Bytes, full.MaxBytes = int64(s.Bytes()), s.StreamInfo().Config.MaxBytes
	}
	return full
}

func isConflict(code jetstream.ErrorCode) bool {
	return code == jetstream.JSErrCodeStreamWrongLastSequence || code == jetstream.JSErrCodeStreamWrongLastSequenceConstant
}

// Delete removes a value and its history.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := b.kv.Purge(ctx, key); err != nil {
		return fmt.Errorf("delete from bucket: %w", err)
	}
	return nil
}

// Keys lists the keys that start with a prefix.
func (b *Bucket) Keys(ctx context.Context, prefix string) ([]string, error) {
	l, err := b.kv.ListKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list bucket: %w", err)
	}
	defer l.Stop() //nolint:errcheck // the list is read to its end
	var out []string
	for k := range l.Keys() {
		if len(k) >= len(prefix) && k[:len(prefix)] == prefix {
			out = append(out, k)
		}
	}
	return out, nil
}

// watch calls each value of a key, the present one first, until ctx ends.
func (b *Bucket) watch(ctx context.Context, key string, each func(value []byte, revision uint64)) error {
	w, err := b.kv.Watch(ctx, key)
	if err != nil {
		return fmt.Errorf("watch bucket: %w", err)
	}
	defer w.Stop() //nolint:errcheck // nothing is read after
	for {
		select {
		case e, ok := <-w.Updates():
			if !ok {
				return errors.New("watch bucket: ended by the server")
			}
			if e != nil && e.Operation() == jetstream.KeyValuePut {
				each(e.Value(), e.Revision())
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// changeTries bounds how often a change is begun anew because someone else
// wrote in between.
const changeTries = 20

// Change replaces a value by what edit makes of it; edit gets nil where there is
// none, and is called again when someone else wrote in between. What it leaves
// as it was is not written.
func (b *Bucket) Change(ctx context.Context, key string, edit func(old []byte) ([]byte, error)) error {
	for range changeTries {
		old, revision, err := b.Load(ctx, key)
		if err != nil && !errors.Is(err, ErrAbsent) {
			return err
		}
		value, err := edit(old)
		if err != nil {
			return err
		}
		if bytes.Equal(value, old) {
			return nil
		}
		if _, err := b.Store(ctx, key, value, revision); !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return ErrConflict
}
