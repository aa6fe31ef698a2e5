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

const (
	// provisionWait is how long a start waits for the provisioner.
	provisionWait = time.Minute
	// retryFirst and retryLimit are the waits between tries to take a watch
	// list over.
	retryFirst = 100 * time.Millisecond
	retryLimit = 10 * time.Second
)

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
		if p.Generation > n.list.Load().Generation {
			n.takeSurely(ctx, bucket, publisher, p)
		}
	})
}

// takeSurely takes a watch list over and tries until it succeeds: what is put
// into use half keeps commands waiting. Each further try takes the newest list,
// so that one that cannot be read does not keep out the next.
func (n *Normaliser) takeSurely(ctx context.Context, bucket *bus.Watchlist, publisher *bus.Publisher, published bus.Published) {
	for wait := retryFirst; ; wait = min(wait*2, retryLimit) {
		err := n.take(ctx, publisher, published)
		if err == nil || ctx.Err() != nil {
			return
		}
		n.log.Error("watch list not taken over; it is tried again", slog.Uint64(service.KeyGeneration, published.Generation), service.Error(err))
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if newest, err := bucket.Load(ctx); err == nil {
			published = newest
		}
	}
}

// take puts a watch list into use: its sites and labels are stored first, so
// that rows of its generation never meet older sites.
func (n *Normaliser) take(ctx context.Context, publisher *bus.Publisher, published bus.Published) error {
	effective, err := watchlist.Unseal(n.deps.Ring.StateKey(), published.Sealed)
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

// noteApplied notes a generation, unless a newer one is noted already.
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

// Applied is the newest generation of the watch list whose sites a normaliser
// has published; 0 if there is none.
func Applied(ctx context.Context, conn *bus.Conn) (uint64, error) {
	bucket, err := conn.Bucket(ctx, bus.BucketWatchlist)
	if err != nil {
		return 0, err
	}
	value, _, err := bucket.Load(ctx, keyApplied)
	switch {
	case errors.Is(err, bus.ErrAbsent):
		return 0, nil
	case err != nil:
		return 0, err
	case len(value) != 8:
		return 0, errors.New("read the generation that is applied: it is no number")
	}
	return binary.BigEndian.Uint64(value), nil
}
