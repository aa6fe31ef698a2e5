package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// errUnopenable says that a batch can never be read.
var errUnopenable = errors.New("open batch: its key is gone or it is damaged")

// buffer is the memory a decoded batch lies in, used again after settling.
type buffer struct {
	plain   []byte
	records [][]byte
}

// held is one message in hand: fetched, and neither acked nor put off.
type held struct {
	k         *Consumer
	subject   Subject
	sequence  uint64
	delivered uint64
	pending   uint64
	storedAt  time.Time
	size      int
	origin    *doxtrailv1.BatchOrigin
	records   [][]byte
	buf       *buffer

	// lost says that the stream has another message of the same number by now,
	// which the server would take an ack of this one for.
	lost atomic.Bool

	mu  sync.Mutex
	msg jetstream.Msg // by handle: a newer one may come in between
}

func (k *Consumer) newHeld(msg jetstream.Msg) (*held, error) {
	meta, err := msg.Metadata()
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	h := &held{
		k: k, msg: msg, sequence: meta.Sequence.Stream, delivered: meta.NumDelivered, pending: meta.NumPending,
		storedAt: meta.Timestamp.UTC(), size: len(msg.Data()),
	}
	h.subject, err = ParseSubject(msg.Subject())
	if err != nil {
		// Perhaps a kind of a later version. It stays in the stream.
		k.stats.Foreign.Add(1)
		_ = msg.NakWithDelay(laterLimit)
		return nil, err
	}
	return h, nil
}

// open decodes the message into records.
func (h *held) open(keys KeyFinder) error {
	msg := h.handle()
	payload := msg.Data()
	if h.subject.Stage == StageRaw {
		key, err := keys.RawKey(h.keyID())
		if errors.Is(err, ErrUnknownKey) {
			return errUnopenable
		}
		if err != nil {
			return fmt.Errorf("look up the key of a batch: %w", err)
		}
		if payload, err = key.Open([]byte(msg.Subject()), payload); err != nil {
			return errUnopenable
		}
	}
	h.buf = h.k.buffers.Get().(*buffer)
	frame, err := decode(h.buf.plain, payload)
	if err != nil {
		return errUnopenable
	}
	if cap(frame) > cap(h.buf.plain) && payload[0] == encodingS2 {
		h.buf.plain = frame[:0]
	}
	var origin []byte
	h.buf.records, origin, err = split(h.buf.records[:0], frame, h.subject.Stage)
	if err != nil {
		return errUnopenable
	}
	h.records = h.buf.records
	if origin != nil {
		h.origin = new(doxtrailv1.BatchOrigin)
		if proto.Unmarshal(origin, h.origin) != nil {
			return errUnopenable
		}
	}
	return nil
}

// reopen decodes a message again whose memory was given back meanwhile.
func (h *held) reopen() error {
	if h.records != nil {
		return nil
	}
	return h.open(h.k.cfg.Keys)
}

func (h *held) keyID() string { return h.handle().Headers().Get(headerKey) }

func (h *held) headerCount() int { return countHeader(h.handle().Headers()) }

// countHeader reads the record count; 0 if there is none.
func countHeader(header nats.Header) int {
	n, err := strconv.Atoi(header.Get(headerRecords))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// replace takes a newer handle of the same message.
func (h *held) replace(msg jetstream.Msg) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.msg = msg
}

func (h *held) handle() jetstream.Msg {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.msg
}

// ack tells the server that the message is done. An ack that is lost makes the
// message come again, which the keys absorb.
func (h *held) ack() {
	KillPoint("ack", string(h.subject.Stage))
	if !h.lost.Load() && h.handle().Ack() == nil {
		KillPoint("acked", string(h.subject.Stage))
		h.k.stats.Acked.Add(1)
		touch(&h.k.stats.lastAck)
	}
}

// nak asks for the message again after a delay. Never without one: an instant
// redelivery burns the deliveries that are left.
func (h *held) nak(delay time.Duration) {
	if !h.lost.Load() && h.handle().NakWithDelay(delay) == nil {
		h.k.stats.Naked.Add(1)
	}
}

func (h *held) inProgress() {
	if !h.lost.Load() {
		_ = h.handle().InProgress()
	}
}

// putOff makes the message come again after a delay, as a new message if its
// deliveries are nearly used up.
func (h *held) putOff(ctx context.Context, delay time.Duration) {
	if h.delivered >= requeueFrom && h.k.requeue(ctx, h) == nil {
		h.ack()
		return
	}
	h.nak(delay)
}

// finish takes the message out of hand and gives its memory back. It is the
// last call on it.
func (h *held) finish() {
	h.k.drop(h)
	h.release()
}

// release gives the memory of the records back.
func (h *held) release() {
	if b := h.buf; b != nil {
		h.buf, h.records = nil, nil
		clear(b.records)
		b.records = b.records[:0]
		h.k.buffers.Put(b)
	}
}

// whole is the message as one delivery.
func (h *held) whole() *Delivery {
	d := h.piece(0, len(h.records))
	d.done = nil
	return d
}

// piece is a part of the message as a delivery.
func (h *held) piece(from, to int) *Delivery {
	return &Delivery{
		Subject: h.subject, Records: h.records[from:to], Origin: h.origin, Sequence: h.sequence,
		Delivered: h.delivered, StoredAt: h.storedAt, held: h, done: make(chan outcome, 1),
	}
}
