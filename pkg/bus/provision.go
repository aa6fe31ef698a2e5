package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// ProvisionConfig sizes the streams. The zero value of a size means its
// default, less on a store that has not the room for all defaults.
type ProvisionConfig struct {
	// RawBytes bounds RAW; a full RAW stops collectors. Default 2 GiB.
	RawBytes int64
	// RecordsBytes bounds RECORDS. Default 8 GiB.
	RecordsBytes int64
	// FailedBytes bounds FAILED. Default 512 MiB.
	FailedBytes int64
	// AdvisoriesBytes bounds ADVISORIES, which drops its oldest. Default 256 MiB.
	AdvisoriesBytes int64
	// BucketBytes bounds each key-value bucket. A full one refuses also a value
	// that replaces another, if it is a byte longer, so what lies in it should
	// stay well below. Default 128 MiB: cursors of 500 channels of 100 KB each
	// take two fifths of it.
	BucketBytes int64
	// MaxStore is the server's limit for all of them together, as it was
	// started with: a client cannot ask for it. 0 means that the sum is not
	// checked before, and that the server may refuse a stream half way.
	MaxStore int64
	// Replicas is 1 on one machine, 3 on a cluster. Default 1.
	Replicas int
	// StoreNotEmpty says that the store folder held something before the
	// server started. If then no stream is found, nothing is created: a wrong
	// encryption key looks exactly so.
	StoreNotEmpty bool
	// Recreate allows new streams in such a store. What it held is given up.
	Recreate bool
	// AckWait is how long the server waits for a sign of life of a reader before
	// it delivers a message again. Default 4 s; tests take less.
	AckWait time.Duration
	// Log receives what was created; nil is silent.
	Log *slog.Logger
}

// ErrStoreUnreadable says that a store that holds something shows no streams.
var ErrStoreUnreadable = errors.New("provision streams: the store is not empty but shows no streams; " +
	"a wrong encryption key or a damaged store looks so, and new streams would hide what it holds")

// ErrMaxStore says that the streams' limits together exceed the store's.
var ErrMaxStore = errors.New("provision streams: the limits of the streams and buckets together exceed the store's")

// ErrAsyncPersist says that a stream is set to lose acked messages.
var ErrAsyncPersist = errors.New("provision streams: a stream has persist mode async, which switches fsync off for it")

func (c ProvisionConfig) withDefaults() ProvisionConfig {
	if c.Replicas == 0 {
		c.Replicas = 1
	}
	if c.AckWait == 0 {
		c.AckWait = ackWait
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	share := 1.0
	if whole := c.sized(1).TotalBytes(); c.MaxStore > 0 && whole > c.MaxStore {
		fixed := c.TotalBytes()
		if left := whole - fixed; left > 0 {
			share = max(float64(c.MaxStore-fixed)/float64(left), leastShare)
		}
	}
	return c.sized(share)
}

// leastShare of the defaults is the least that the streams can work with.
const leastShare = 1.0 / 64

// sized fills the sizes that are not given with a share of their defaults.
func (c ProvisionConfig) sized(share float64) ProvisionConfig {
	set := func(v *int64, d int64) {
		if *v == 0 {
			*v = int64(float64(d) * share)
		}
	}
	set(&c.RawBytes, 2<<30)
	set(&c.RecordsBytes, 8<<30)
	set(&c.FailedBytes, 512<<20)
	set(&c.AdvisoriesBytes, 256<<20)
	set(&c.BucketBytes, 128<<20)
	return c
}

// TotalBytes is what the sizes that are given take together on disk.
func (c ProvisionConfig) TotalBytes() int64 {
	sum := c.RawBytes + c.RecordsBytes + c.FailedBytes + c.AdvisoriesBytes
	return sum + c.BucketBytes*int64(len(bucketConfigs(c)))
}

// Provision creates the streams, durables and buckets, or updates them; a
// second call changes nothing. Only the provisioner calls it. The names of what
// it had to create come back: a stream that was missing while others were there
// is also logged as an error, because what it held is gone.
func (c *Conn) Provision(ctx context.Context, cfg ProvisionConfig) (created []string, err error) {
	cfg = cfg.withDefaults()
	// The server reserves each limit when a stream is made: a sum that is too
	// large would fail half way.
	if need := cfg.TotalBytes(); cfg.MaxStore > 0 && need > cfg.MaxStore {
		return nil, fmt.Errorf("%w: need %d bytes of %d", ErrMaxStore, need, cfg.MaxStore)
	}
	existing, err := c.existingStreams(ctx, cfg)
	if err != nil {
		return nil, err
	}
	known := len(existing)
	if known == 0 && cfg.StoreNotEmpty && !cfg.Recreate {
		return nil, ErrStoreUnreadable
	}
	for _, s := range streamConfigs(cfg) {
		if _, err := ask(ctx, func(ctx context.Context) (jetstream.Stream, error) { return c.js.CreateOrUpdateStream(ctx, s) }); err != nil {
			return created, fmt.Errorf("provision stream %s: %w", s.Name, storeError(err))
		}
		if !existing[s.Name] {
			created = append(created, s.Name)
			c.reportCreated(cfg, s.Name, known > 0 || cfg.StoreNotEmpty)
		}
	}
	for _, b := range bucketConfigs(cfg) {
		if _, err := ask(ctx, func(ctx context.Context) (jetstream.KeyValue, error) { return c.js.CreateOrUpdateKeyValue(ctx, b) }); err != nil {
			return created, fmt.Errorf("provision bucket %s: %w", b.Bucket, storeError(err))
		}
		if !existing["KV_"+b.Bucket] {
			created = append(created, b.Bucket)
			c.reportCreated(cfg, b.Bucket, known > 0 || cfg.StoreNotEmpty)
		}
	}
	for _, d := range allDurables() {
		if _, err := ask(ctx, func(ctx context.Context) (jetstream.Consumer, error) {
			return c.js.CreateOrUpdateConsumer(ctx, d.Stream(), consumerConfig(d, cfg.AckWait))
		}); err != nil {
			return created, fmt.Errorf("provision durable %s: %w", d, err)
		}
	}
	return created, nil
}

// storeError words the server's refusal to reserve room.
func storeError(err error) error {
	var api *jetstream.APIError
	if errors.As(err, &api) && (api.ErrorCode == codeStorageExceeded || api.ErrorCode == codeInsufficientResource) {
		return ErrMaxStore
	}
	return err
}

func (c *Conn) reportCreated(cfg ProvisionConfig, name string, loud bool) {
	if loud {
		cfg.Log.Error("stream or bucket was missing from a store that is not empty and was created anew; what it held is gone", "stream", name)
		return
	}
	cfg.Log.Info("stream or bucket created", "stream", name)
}

// existingStreams lists which of ours are there, and refuses those that are set
// to lose acked messages.
func (c *Conn) existingStreams(ctx context.Context, cfg ProvisionConfig) (map[string]bool, error) {
	names := make([]string, 0, 9)
	for _, s := range streamConfigs(cfg) {
		names = append(names, s.Name)
	}
	for _, b := range bucketConfigs(cfg) {
		names = append(names, "KV_"+b.Bucket)
	}
	found := make(map[string]bool, len(names))
	for _, name := range names {
		s, err := ask(ctx, func(ctx context.Context) (jetstream.Stream, error) { return c.js.Stream(ctx, name) })
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look for stream %s: %w", name, err)
		}
		if s.CachedInfo().Config.PersistMode != jetstream.DefaultPersistMode {
			return nil, fmt.Errorf("%w: stream %s", ErrAsyncPersist, name)
		}
		found[name] = true
	}
	return found, nil
}

// CheckPersistence refuses streams that are set to lose acked messages.
func (c *Conn) CheckPersistence(ctx context.Context) error {
	_, err := c.existingStreams(ctx, ProvisionConfig{})
	return err
}
