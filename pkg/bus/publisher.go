package bus

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/semaphore"
)

// Headers of a message. Without encryption of the broker they lie in clear
// text, so there are no others.
const (
	headerID      = jetstream.MsgIDHeader
	headerKey     = "Doxtrail-Key"
	headerRecords = "Doxtrail-Records"
)

// PublisherConfig bounds a Publisher. The zero value of a field means its
// default.
type PublisherConfig struct {
	// WindowMessages and WindowBytes bound what is published and not yet
	// confirmed. Defaults 256 and 16 MiB.
	WindowMessages int
	WindowBytes    int
	// AckTimeout is how long an attempt waits for the server. Default 10 s.
	AckTimeout time.Duration
	// Pace holds back the archive lane while its reader has more than so many
	// messages before it, so that a stream never fills with an archive and a
	// live post finds room and a short way. 0 does not hold back; PaceRaw and
	// PaceRecords are what drains in some 300 ms.
	Pace int
	// GiveUp is how long a message waits for room in a full stream before its
	// receipt fails with ErrFull. 0 waits as long as it takes, which is right
	// for everything that has nowhere else to be.
	GiveUp time.Duration
}

// Paces that keep a reader busy and no more: RAW holds full batches, RECORDS
// smaller ones, of many kinds.
const (
	PaceRaw     = fewHold
	PaceRecords = manyHold
)

const (
	windowMessages = 256
	windowBytes    = 16 << 20
	ackTimeout     = 10 * time.Second
)

// ErrClosed says that a publisher was closed before the message was confirmed.
// Whether it is stored is not known.
var ErrClosed = errors.New("publish: the publisher is closed")

// ErrFull says that a stream had no room for a message within
// PublisherConfig.GiveUp. The message is not stored.
var ErrFull = errors.New("publish: the stream is full")

// Publisher puts messages on one stream, many at a time, and sees each of them
// through until the server has confirmed it. It is safe for concurrent use.
type Publisher struct {
	conn  *Conn
	stats *Stats
	stage Stage
	js    jetstream.JetStream
	box   *outbox
	pace  *pacer

	count *semaphore.Weighted
	bytes *semaphore.Weighted
	cfg   PublisherConfig

	sequence atomic.Uint64
	prefix   string
	closed   chan struct{}
	closing  atomic.Bool
}

// NewPublisher makes a publisher for the stream of a stage.
func (c *Conn) NewPublisher(stage Stage, cfg PublisherConfig) (*Publisher, error) {
	if cfg.WindowMessages <= 0 {
		cfg.WindowMessages = windowMessages
	}
	if cfg.WindowBytes <= 0 {
		cfg.WindowBytes = windowBytes
	}
	if cfg.AckTimeout <= 0 {
		cfg.AckTimeout = ackTimeout
	}
	p := &Publisher{
		conn: c, stats: c.stats, stage: stage, cfg: cfg, prefix: c.runID + "-" + newRunID()[:8] + "-",
		count:  semaphore.NewWeighted(int64(cfg.WindowMessages)),
		bytes:  semaphore.NewWeighted(int64(cfg.WindowBytes)),
		closed: make(chan struct{}),
	}
	p.box = newOutbox(p.send, p.nextID, p.finished, c.stats)
	p.box.giveUp = cfg.GiveUp
	if cfg.Pace > 0 && stage != StageFailed {
		p.pace = newPacer(c, streamOf(stage), cfg.Pace, p.box.inFlight)
	}
	var err error
	p.js, err = jetstream.New(c.writing,
		jetstream.WithPublishAsyncTimeout(cfg.AckTimeout),
		jetstream.WithPublishAsyncMaxPending(2*cfg.WindowMessages),
		jetstream.WithPublishAsyncErrHandler(func(_ jetstream.JetStream, m *nats.Msg, err error) { p.box.failed(m, err) }),
		jetstream.WithPublishAsyncAckHandler(func(_ jetstream.JetStream, m *nats.Msg, a *jetstream.PubAck) {
			p.box.acked(m, a.Sequence, a.Duplicate)
		}))
	if err != nil {
		return nil, fmt.Errorf("make publisher: %w", err)
	}
	return p, nil
}

func streamOf(stage Stage) string {
	switch stage {
	case StageRaw:
		return StreamRaw
	case StageRecords:
		return StreamRecords
	default:
		return StreamFailed
	}
}

// Publish takes a message and returns once it is on its way. It waits while the
// window is full, which it stays while the stream refuses messages for want of
// room: that is the back-pressure. The error is ctx's, or ErrClosed; after an
// error the message was not taken. A message that was taken is never dropped:
// it is tried, under the same id, until the server confirms it, refuses it for
// a reason that no waiting mends, or the publisher is closed.
func (p *Publisher) Publish(ctx context.Context, m Message) (*Receipt, error) {
	if p.closing.Load() {
		m.done()
		return nil, ErrClosed
	}
	if err := p.holdBack(ctx, m); err != nil {
		m.done()
		return nil, err
	}
	size := p.weight(m)
	if err := p.acquire(ctx, size); err != nil {
		m.done()
		return nil, err
	}
	r := &Receipt{done: make(chan struct{})}
	pc := &parcel{message: m, receipt: r, weight: size, id: p.nextID()}
	p.stats.InFlight.Add(int64(len(m.payload)))
	p.box.post(pc)
	return r, nil
}

// holdBack waits for room on the disk and for the reader, where they count.
func (p *Publisher) holdBack(ctx context.Context, m Message) error {
	if room := p.conn.room; room != nil && p.stage == StageRaw {
		p.stats.HeldForRoom.Add(1)
		err := room.Wait(ctx)
		p.stats.HeldForRoom.Add(-1)
		if err != nil {
			return err
		}
	}
	if p.pace != nil && m.of.Lane == LaneArchive {
		return p.pace.wait(ctx, p.closed)
	}
	return nil
}

func (p *Publisher) acquire(ctx context.Context, size int64) error {
	if err := p.count.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("publish: wait for room: %w", err)
	}
	if err := p.bytes.Acquire(ctx, size); err != nil {
		p.count.Release(1)
		return fmt.Errorf("publish: wait for room: %w", err)
	}
	return nil
}

func (p *Publisher) weight(m Message) int64 {
	return int64(min(len(m.payload), p.cfg.WindowBytes))
}

// nextID makes a message id from run and sequence: never from content, which
// the server's memory of ids would swallow when it comes again on purpose.
func (p *Publisher) nextID() string {
	return p.prefix + strconv.FormatUint(p.sequence.Add(1), 36)
}

// send starts one attempt. Its result comes through the handlers.
func (p *Publisher) send(pc *parcel) (*nats.Msg, error) {
	msg := &nats.Msg{Subject: pc.message.subject, Data: pc.message.payload, Header: nats.Header{
		headerID: []string{pc.id}, headerRecords: []string{strconv.Itoa(pc.message.records)},
	}}
	if pc.message.keyID != "" {
		msg.Header[headerKey] = []string{pc.message.keyID}
	}
	p.box.expect(msg, pc)
	KillPoint("publish", string(p.stage))
	_, err := p.js.PublishMsgAsync(msg, jetstream.WithRetryAttempts(0))
	return msg, err
}

// finished gives the room of a message back, whatever became of it.
func (p *Publisher) finished(pc *parcel, err error) {
	if err == nil {
		KillPoint("stored", string(p.stage))
		p.stats.Published.add(pc.message.of.Platform, 1)
		p.stats.PublishedRecords.add(pc.message.of.Platform, uint64(pc.message.records))
		touch(&p.stats.lastPublish)
	}
	p.stats.InFlight.Add(-int64(len(pc.message.payload)))
	pc.message.done()
	pc.receipt.settle(err)
	p.bytes.Release(pc.weight)
	p.count.Release(1)
}

// Flush waits until everything taken before it is confirmed or refused.
func (p *Publisher) Flush(ctx context.Context) error {
	if err := p.count.Acquire(ctx, int64(p.cfg.WindowMessages)); err != nil {
		return fmt.Errorf("flush publisher: %w", err)
	}
	p.count.Release(int64(p.cfg.WindowMessages))
	return nil
}

// Close waits as Flush does, then gives up what is left: its receipts fail with
// ErrClosed.
func (p *Publisher) Close(ctx context.Context) error {
	if p.closing.Swap(true) {
		return nil
	}
	close(p.closed)
	err := p.Flush(ctx)
	p.box.close()
	p.js.CleanupPublisher()
	return err
}

// Receipt is the promise that a message becomes stored.
type Receipt struct {
	done      chan struct{}
	sequence  uint64
	duplicate bool
	err       error
}

func (r *Receipt) settle(err error) {
	r.err = err
	close(r.done)
}

// Done is closed when the outcome is known.
func (r *Receipt) Done() <-chan struct{} { return r.done }

// Wait waits for the outcome and returns the message's sequence in its stream.
// The error is ctx's if that ended first; then the outcome is not known yet.
func (r *Receipt) Wait(ctx context.Context) (uint64, error) {
	select {
	case <-r.done:
		return r.sequence, r.err
	case <-ctx.Done():
		return 0, fmt.Errorf("wait for receipt: %w", ctx.Err())
	}
}

// Duplicate reports, once done, that an earlier attempt had been stored.
func (r *Receipt) Duplicate() bool { return r.duplicate }

func newRunID() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // it ends the process rather than fail
	return hex.EncodeToString(b[:])
}
