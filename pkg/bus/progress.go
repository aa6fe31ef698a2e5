package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	awaitFirst = 10 * time.Millisecond
	awaitLimit = 200 * time.Millisecond
)

// durableInfo asks for the state of a durable.
func (c *Conn) durableInfo(ctx context.Context, d Durable) (*jetstream.ConsumerInfo, error) {
	k, err := ask(ctx, func(ctx context.Context) (jetstream.Consumer, error) { // this asks for the info
		return c.js.Consumer(ctx, d.Stream(), string(d))
	})
	if errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrConsumerNotFound) {
		return nil, fmt.Errorf("%w: durable %s of stream %s is missing", ErrNotProvisioned, d, d.Stream())
	}
	if err != nil {
		return nil, fmt.Errorf("ask for durable %s: %w", d, err)
	}
	return k.CachedInfo(), nil
}

// streamInfo asks for the state of a stream.
func (c *Conn) streamInfo(ctx context.Context, name string) (*jetstream.StreamInfo, error) {
	s, err := ask(ctx, func(ctx context.Context) (jetstream.Stream, error) { return c.js.Stream(ctx, name) })
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("%w: stream %s is missing", ErrNotProvisioned, name)
	}
	if err != nil {
		return nil, fmt.Errorf("ask for stream %s: %w", name, err)
	}
	return s.CachedInfo(), nil
}

// Await waits until a durable has acked everything of its lane up to a sequence
// of its stream. Records that failed count as acked: they are on FAILED.
func (c *Conn) Await(ctx context.Context, d Durable, sequence uint64) error {
	for pause := awaitFirst; ; pause = min(pause*2, awaitLimit) {
		acked, err := c.ackedUpTo(ctx, d, sequence)
		switch {
		case err == nil && acked >= sequence:
			return nil
		case errors.Is(err, ErrNotProvisioned):
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("wait for durable %s: %w", d, ctx.Err())
		}
	}
}

// ackedUpTo is the sequence up to which a durable has acked everything of its
// lane, at most limit. That nothing is pending does not show it: the server
// confirms a message before its consumers know of it, and for that moment the
// count is 0. So the stream is asked what comes next.
func (c *Conn) ackedUpTo(ctx context.Context, d Durable, limit uint64) (uint64, error) {
	info, err := c.durableInfo(ctx, d)
	if err != nil {
		return 0, err
	}
	after := info.AckFloor.Stream
	if info.NumAckPending == 0 {
		after = info.Delivered.Stream // nothing before it is open
	}
	if after >= limit {
		return limit, nil
	}
	s, err := ask(ctx, func(ctx context.Context) (jetstream.Stream, error) { return c.js.Stream(ctx, d.Stream()) })
	if err != nil {
		return 0, fmt.Errorf("ask for stream %s: %w", d.Stream(), err)
	}
	next, err := ask(ctx, func(ctx context.Context) (*jetstream.RawStreamMsg, error) {
		return s.GetMsg(ctx, after+1, jetstream.WithGetMsgSubject(info.Config.FilterSubject))
	})
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return limit, nil
	case err != nil:
		return 0, fmt.Errorf("ask for what comes after durable %s: %w", d, err)
	default:
		return min(next.Sequence-1, limit), nil
	}
}

// AwaitRows waits until what was published on a lane of RAW up to a sequence is
// written: the normaliser has acked it, and the recorder has acked all that
// RECORDS held by then.
func (c *Conn) AwaitRows(ctx context.Context, lane Lane, rawSequence uint64) error {
	if err := c.Await(ctx, DurableOf(StreamRaw, lane), rawSequence); err != nil {
		return err
	}
	info, err := c.streamInfo(ctx, StreamRecords)
	if err != nil {
		return err
	}
	return c.Await(ctx, DurableOf(StreamRecords, lane), info.State.LastSeq)
}

// AwaitProvisioned waits until everything that the provisioner makes is there.
// Services start in any order; each waits here before it binds.
func (c *Conn) AwaitProvisioned(ctx context.Context) error {
	for pause := awaitFirst; ; pause = min(pause*2, awaitLimit) {
		err := c.provisioned(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("wait for the provisioner: %w", err)
		}
	}
}

func (c *Conn) provisioned(ctx context.Context) error {
	for _, d := range allDurables() {
		if _, err := c.durableInfo(ctx, d); err != nil {
			return err
		}
	}
	for _, name := range []string{BucketPubkeys, BucketWatchlist, BucketCursors} {
		if _, err := c.bucket(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// StreamLag is the state of a stream.
type StreamLag struct {
	Stream   string
	Messages uint64
	Bytes    uint64
	// MaxBytes is the limit that Bytes is under; 0 for none.
	MaxBytes int64
	// OldestAt is when the oldest message was stored; zero if there is none. On
	// RAW that is the oldest record not yet handled.
	OldestAt time.Time
	LastSeq  uint64
}

// DurableLag is how far a reader is behind.
type DurableLag struct {
	Durable Durable
	// Pending was not yet delivered, AckPending was and is not yet acked.
	Pending    uint64
	AckPending int
	// AckPendingLimit is the most that may be delivered and not acked.
	AckPendingLimit int
	Redelivered     int
	// AckedSeq is the sequence up to which all is acked.
	AckedSeq uint64
	// Waiting is the number of reads that are open: 0 means that nobody reads.
	Waiting int
}

// Lag is the state of the bus.
type Lag struct {
	Streams []StreamLag
	// Cursors is the bucket CURSORS, which grows with what is collected.
	Cursors  StreamLag
	Durables []DurableLag
	// Failed is the number of entries on FAILED.
	Failed uint64
}

// Lag asks for the state of all streams and durables.
func (c *Conn) Lag(ctx context.Context) (Lag, error) {
	var out Lag
	for _, name := range []string{StreamRaw, StreamRecords, StreamFailed, StreamAdvisories} {
		info, err := c.streamInfo(ctx, name)
		if err != nil {
			return Lag{}, err
		}
		l := StreamLag{
			Stream: name, Messages: info.State.Msgs, Bytes: info.State.Bytes,
			MaxBytes: max(info.Config.MaxBytes, 0), LastSeq: info.State.LastSeq,
		}
		if info.State.Msgs > 0 {
			l.OldestAt = c.oldestAt(ctx, name, info.State)
		}
		if name == StreamFailed {
			out.Failed = info.State.Msgs
		}
		out.Streams = append(out.Streams, l)
	}
	cursors, err := c.streamInfo(ctx, "KV_"+BucketCursors)
	if err != nil {
		return Lag{}, err
	}
	out.Cursors = StreamLag{
		Stream: BucketCursors, Messages: cursors.State.Msgs, Bytes: cursors.State.Bytes,
		MaxBytes: max(cursors.Config.MaxBytes, 0), LastSeq: cursors.State.LastSeq,
	}
	for _, d := range []Durable{NormaliserLive, NormaliserArchive, RecorderLive, RecorderArchive} {
		info, err := c.durableInfo(ctx, d)
		if err != nil {
			return Lag{}, err
		}
		out.Durables = append(out.Durables, DurableLag{
			Durable: d, Pending: info.NumPending, AckPending: info.NumAckPending,
			AckPendingLimit: info.Config.MaxAckPending, Redelivered: info.NumRedelivered,
			AckedSeq: info.AckFloor.Stream, Waiting: info.NumWaiting,
		})
	}
	return out, nil
}

// oldestAt is when the oldest message that can be read was stored. The server
// says 1970 where it cannot read its first.
func (c *Conn) oldestAt(ctx context.Context, stream string, state jetstream.StreamState) time.Time {
	if state.FirstTime.Unix() > 0 {
		return state.FirstTime.UTC()
	}
	s, err := c.js.Stream(ctx, stream)
	if err != nil {
		return time.Time{}
	}
	m, err := s.GetMsg(ctx, state.FirstSeq, jetstream.WithGetMsgSubject(">"))
	if err != nil {
		return time.Time{}
	}
	return m.Time.UTC()
}

// KeysInUse reports which of the keys, by their ids, RAW or FAILED hold anything
// sealed with. A key that is not in use may be destroyed, if no collector seals
// with it any more. It reads both streams through: ask once a day, not often.
func (c *Conn) KeysInUse(ctx context.Context, ids ...string) (map[string]bool, error) {
	used := make(map[string]bool, len(ids))
	for _, id := range ids {
		used[id] = false
	}
	for _, name := range []string{StreamRaw, StreamFailed} {
		if err := c.headersOf(ctx, name, func(key string) {
			if _, ok := used[key]; ok {
				used[key] = true
			}
		}); err != nil {
			return nil, fmt.Errorf("look for keys in use: %w", err)
		}
	}
	return used, nil
}

// headersOf calls each message's key id.
func (c *Conn) headersOf(ctx context.Context, stream string, each func(keyID string)) error {
	s, err := c.js.Stream(ctx, stream)
	if err != nil {
		return err
	}
	for next := uint64(1); ; {
		m, err := s.GetMsg(ctx, next, jetstream.WithGetMsgSubject(subjectRoot+".>"))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		each(m.Header.Get(headerKey))
		next = m.Sequence + 1
	}
}
