package bus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	fetchWait      = 2 * time.Second
	fetchHeartbeat = 500 * time.Millisecond
	fetchMessages  = 256
	fetchBytes     = 4 << 20
	// stopGrace is longer than the server needs to send what a read asked for.
	stopGrace = 100 * time.Millisecond
	// fetchLeast is the least that is asked for: the largest message and its
	// headers must fit, or it is never delivered.
	fetchLeast = 2 << 20

	bindWait     = time.Second
	restartFirst = 100 * time.Millisecond
	restartLimit = 2 * time.Second
	// missedLimit is how many reads in a row may end without a sign of life
	// before the loop is made anew.
	missedLimit = 5
)

// read is the supervisor of the reading loop: whatever ends the loop, a new one
// is made, until ctx ends.
func (k *Consumer) read(ctx context.Context) {
	for pause := restartFirst; ctx.Err() == nil; pause = min(pause*2, restartLimit) {
		source, err := k.rebind(ctx)
		if err == nil {
			var got int
			if got, err = k.loop(ctx, source); got > 0 {
				pause = restartFirst
			}
		}
		if ctx.Err() != nil {
			return
		}
		k.stats.LoopRestarts.Add(1)
		k.log.Warn("reading loop ended and is made anew", "durable", string(k.cfg.Durable), "class", readClass(err))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// rebind asks for the durable anew. The question may get lost while a server
// restarts, so it is asked again soon.
func (k *Consumer) rebind(ctx context.Context) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, bindWait)
	defer cancel()
	return k.conn.bind(ctx, k.cfg.Durable)
}

// readClass names why a loop ended: the library's texts are not logged.
func readClass(err error) string {
	switch {
	case errors.Is(err, ErrNotProvisioned):
		return "not_provisioned"
	case errors.Is(err, jetstream.ErrNoHeartbeat):
		return "no_heartbeat"
	case errors.Is(err, jetstream.ErrConsumerDeleted):
		return "consumer_deleted"
	case errors.Is(err, nats.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, nats.ErrConnectionClosed):
		return "connection_closed"
	default:
		return "other"
	}
}

// loop fetches and hands out, and returns how many messages it fetched when it
// cannot go on.
func (k *Consumer) loop(ctx context.Context, source jetstream.Consumer) (got int, err error) {
	missed := 0
	for ctx.Err() == nil {
		k.yield(ctx)
		messages, bytes := k.space()
		if messages <= 0 || bytes <= 0 {
			select {
			case <-k.room:
			case <-ctx.Done():
			}
			continue
		}
		n, err := k.fetch(ctx, source, messages, bytes)
		got += n
		switch {
		case err == nil, ctx.Err() != nil:
			missed = 0
		case errors.Is(err, jetstream.ErrNoHeartbeat):
			k.stats.HeartbeatsMissed.Add(1)
			if missed++; missed >= missedLimit {
				return got, err
			}
		default:
			return got, err
		}
	}
	return got, ctx.Err()
}

// fetch asks once and takes in what comes. The messages come as they are
// stored, not at the end, so a live post does not wait.
func (k *Consumer) fetch(ctx context.Context, source jetstream.Consumer, messages, bytes int) (int, error) {
	// A read that is cut off loses what the server has sent and the library not
	// yet handed on, and such a message comes again only after ackWait. So a
	// stop lets the read go on for a moment; what comes then is given back.
	ask, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchWait*10/9) // the library takes off a tenth
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(stopGrace, cancel) })()
	batch, err := source.Fetch(min(messages, fetchMessages),
		jetstream.FetchContext(ask), jetstream.FetchHeartbeat(fetchHeartbeat),
		jetstream.FetchMaxBytes(max(min(bytes, fetchBytes), fetchLeast)))
	if err != nil {
		return 0, err
	}
	n := 0
	for msg := range batch.Messages() {
		n++
		k.receive(ctx, msg)
	}
	err = batch.Error()
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		err = nil // nothing came: the usual end
	}
	if n == 0 && err == nil { // another reader has taken what was before this one
		k.mu.Lock()
		k.pending = 0
		k.mu.Unlock()
	}
	return n, err
}

// receive takes one message in hand and puts it in line.
func (k *Consumer) receive(ctx context.Context, msg jetstream.Msg) {
	h, err := k.newHeld(msg)
	if err != nil {
		return // without its metadata it is not a message of a stream
	}
	if ctx.Err() != nil { // stopping: another process may have it at once
		h.nak(time.Second)
		return
	}
	k.seen(h)
	if !k.hold(h) {
		return
	}
	k.count(h)
	k.ready <- h // has room for all that may be held
}

func (k *Consumer) count(h *held) {
	k.stats.Fetched.add(h.subject.Platform, 1)
	if h.delivered > 1 {
		k.stats.Redelivered.Add(1)
	}
	k.mu.Lock()
	k.pending = h.pending
	k.mu.Unlock()
}
