package normaliser

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// provisionWait is how long a start waits for the provisioner.
const provisionWait = time.Minute

// firstList waits for the watch list and publishes its sites.
func (n *Normaliser) firstList(ctx context.Context, publisher *bus.Publisher) error {
	bucket, err := n.deps.Conn.Watchlist(ctx)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, provisionWait)
	defer cancel()
	published, err := bucket.Await(bounded)
	if err != nil {
		return err
	}
	return n.take(ctx, publisher, published)
}

// followList takes over every later watch list until ctx ends.
func (n *Normaliser) followList(ctx context.Context, publisher *bus.Publisher) error {
	bucket, err := n.deps.Conn.Watchlist(ctx)
	if err != nil {
		return err
	}
	return bucket.Watch(ctx, func(p bus.Published) {
		if p.Generation <= n.list.Load().Generation {
			return
		}
		if err := n.take(ctx, publisher, p); err != nil {
			n.log.Error("watch list not taken over", slog.Uint64(service.KeyGeneration, p.Generation), service.Error(err))
		}
	})
}

// take puts a watch list into use: its sites and labels are stored first, so
// that rows of its generation never meet older sites.
func (n *Normaliser) take(ctx context.Context, publisher *bus.Publisher, published bus.Published) error {
	effective, err := watchlist.Unseal(n.deps.Ring, published.Sealed)
	if err != nil {
		return err
	}
	if err := n.publishSites(ctx, publisher, effective); err != nil {
		return err
	}
	n.list.Store(effective)
	n.metrics.generation.Set(float64(effective.Generation))
	return n.noteApplied(ctx, effective.Generation)
}

// publishSites publishes the sites and channel labels of a list.
func (n *Normaliser) publishSites(ctx context.Context, publisher *bus.Publisher, effective *watchlist.Effective) error {
	keyer := n.deps.Ring.Keyer()
	out := newOutput(publisher)
	out.start(bus.LaneLive)
	add := func(kind bus.Kind, platform doxtrailv1.Platform, m proto.Message) error {
		record, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil {
			return fmt.Errorf("encode a record of kind %s: %w", kind, err)
		}
		out.add(kind, platform, record)
		return nil
	}
	for _, site := range effective.SiteRecords(keyer) {
		if err := add(bus.KindSites, doxtrailv1.Platform_PLATFORM_WEB, site); err != nil {
			return err
		}
	}
	for _, d := range effective.DecisionRecords(keyer) {
		if err := add(bus.KindDecisions, doxtrailv1.Platform_PLATFORM_WEB, d); err != nil {
			return err
		}
	}
	receipts, err := out.publish(ctx)
	if err != nil {
		return err
	}
	for _, r := range receipts {
		if _, err := r.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// keyApplied holds the newest generation whose sites are on RECORDS, so that a
// command can wait for a change that it made.
const keyApplied = "applied"

func (n *Normaliser) noteApplied(ctx context.Context, generation uint64) error {
	bucket, err := n.deps.Conn.Bucket(ctx, bus.BucketWatchlist)
	if err != nil {
		return err
	}
	for {
		value, revision, err := bucket.Load(ctx, keyApplied)
		switch {
		case errors.Is(err, bus.ErrAbsent):
			revision = 0
		case err != nil:
			return err
		case len(value) == 8 && binary.BigEndian.Uint64(value) >= generation:
			return nil
		}
		_, err = bucket.Store(ctx, keyApplied, binary.BigEndian.AppendUint64(nil, generation), revision)
		if !errors.Is(err, bus.ErrConflict) {
			return err
		}
	}
}

// AwaitApplied waits until a normaliser has published the sites of a
// generation of the watch list, or until ctx ends.
func AwaitApplied(ctx context.Context, conn *bus.Conn, generation uint64) error {
	bucket, err := conn.Bucket(ctx, bus.BucketWatchlist)
	if err != nil {
		return err
	}
	for wait := 10 * time.Millisecond; ; wait = min(wait*2, time.Second) {
		value, _, err := bucket.Load(ctx, keyApplied)
		if err == nil && len(value) == 8 && binary.BigEndian.Uint64(value) >= generation {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the watch list to be applied; is the normaliser running? %w", ctx.Err())
		case <-time.After(wait):
		}
	}
}
