package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	requeueWait = 10 * time.Second
	sweepBatch  = 100
)

// enter notes that something may still be handed out; false once stopping.
func (k *Consumer) enter() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopping {
		return false
	}
	k.handing.Add(1)
	return true
}

// requeue publishes a message anew, under a new sequence, so that it has all
// its deliveries before it again. The caller acks the old one.
func (k *Consumer) requeue(ctx context.Context, h *held) error {
	k.mu.Lock()
	if k.requeuer == nil {
		p, err := k.conn.NewPublisher(h.subject.Stage, PublisherConfig{})
		if err != nil {
			k.mu.Unlock()
			return err
		}
		k.requeuer = p
	}
	p := k.requeuer
	k.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requeueWait)
	defer cancel()
	r, err := p.Publish(ctx, Message{
		subject: h.subject.String(), of: h.subject, payload: h.handle().Data(), keyID: h.keyID(), records: h.headerCount(),
	})
	if err != nil {
		return err
	}
	if _, err = r.Wait(ctx); err == nil {
		k.stats.Requeued.Add(1)
	}
	return err
}

// Sweep finds messages whose deliveries are used up, which no reader is shown
// any more, and puts them back under a new sequence. It is called at start and
// every ten minutes, by one process. It returns how many it put back.
func (c *Conn) Sweep(ctx context.Context) (int, error) {
	raw, err := c.sweepRaw(ctx)
	if err != nil {
		return raw, fmt.Errorf("sweep RAW: %w", err)
	}
	records, err := c.sweepRecords(ctx)
	if err != nil {
		return raw + records, fmt.Errorf("sweep RECORDS: %w", err)
	}
	return raw + records, nil
}

// sweepRaw looks for what is still stored although its reader has gone past it:
// a work queue keeps nothing else there.
func (c *Conn) sweepRaw(ctx context.Context) (int, error) {
	s, err := c.js.Stream(ctx, StreamRaw)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, lane := range []Lane{LaneLive, LaneArchive} {
		info, err := c.durableInfo(ctx, DurableOf(StreamRaw, lane))
		if err != nil {
			return n, err
		}
		passed := info.AckFloor.Stream
		if info.NumAckPending == 0 {
			passed = info.Delivered.Stream
		}
		for next := uint64(1); next <= passed; {
			m, err := s.GetMsg(ctx, next, jetstream.WithGetMsgSubject(laneFilter(StageRaw, lane)))
			if errors.Is(err, jetstream.ErrMsgNotFound) || (err == nil && m.Sequence > passed) {
				break
			}
			if err != nil {
				return n, err
			}
			next = m.Sequence + 1
			if err := c.putBack(ctx, m); err != nil {
				return n, err
			}
			n++
			if err := s.DeleteMsg(ctx, m.Sequence); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
				return n, err
			}
		}
	}
	return n, nil
}

// putBack publishes a stored message anew.
func (c *Conn) putBack(ctx context.Context, m *jetstream.RawStreamMsg) error {
	subject, err := ParseSubject(m.Subject)
	if err != nil {
		return err
	}
	p, err := c.NewPublisher(subject.Stage, PublisherConfig{})
	if err != nil {
		return err
	}
	defer p.Close(ctx) //nolint:errcheck // the receipt is what counts
	r, err := p.Publish(ctx, Message{
		subject: m.Subject, of: subject, payload: m.Data, keyID: m.Header.Get(headerKey), records: countHeader(m.Header),
	})
	if err != nil {
		return err
	}
	if _, err := r.Wait(ctx); err != nil {
		return err
	}
	c.stats.Requeued.Add(1)
	return nil
}

// usedUp is the part of the server's advisory that is needed here.
type usedUp struct {
	Stream   string `json:"stream"`
	Consumer string `json:"consumer"`
	Sequence uint64 `json:"stream_seq"`
}

// sweepRecords reads the advisories: on RECORDS what is used up looks like what
// is done. The old message stays until it is trimmed; the keys absorb it.
func (c *Conn) sweepRecords(ctx context.Context) (int, error) {
	k, err := c.bind(ctx, sweeperAdvisories)
	if err != nil {
		return 0, err
	}
	s, err := c.js.Stream(ctx, StreamRecords)
	if err != nil {
		return 0, err
	}
	n := 0
	for {
		batch, err := k.FetchNoWait(sweepBatch) // mostly there is none
		if err != nil {
			return n, err
		}
		got := 0
		for a := range batch.Messages() {
			got++
			var u usedUp
			if json.Unmarshal(a.Data(), &u) == nil && strings.HasPrefix(u.Consumer, "recorder-") && u.Stream == StreamRecords {
				m, err := s.GetMsg(ctx, u.Sequence)
				if err == nil {
					err = c.putBack(ctx, m)
				}
				if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
					return n, err // not acked: it comes again
				}
				n++
			}
			if err := a.Ack(); err != nil {
				return n, err
			}
		}
		if got == 0 {
			return n, nil
		}
	}
}
