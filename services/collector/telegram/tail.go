package telegram

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/patience"
)

// inboxLimit bounds the pushed updates of one channel that wait to be read. What
// does not fit is asked for instead.
const inboxLimit = 512

// holeWait is how long a push that another must come before waits for it, before
// the difference is asked for: pushes overtake each other.
const holeWait = 500 * time.Millisecond

// tailState is where the tail of a channel is.
type tailState struct {
	// Pts is the position in the channel's updates up to which everything is on
	// RAW.
	Pts int `json:"pts"`
	// Newest is the highest id seen, NewestAt its time in milliseconds.
	Newest   int   `json:"newest"`
	NewestAt int64 `json:"newest_at"`
	// Covered is up to when it was reported that nothing was missed, in
	// milliseconds.
	Covered int64 `json:"covered"`
	// Telling are deletions that were read and may not be on RAW.
	Telling missing `json:"telling,omitzero"`
	// Jumps counts how often Telegram skipped updates: after each the re-poll asks
	// for all posts, because edits and deletions among them are not told.
	Jumps int64 `json:"jumps,omitempty"`
}

// pushed is an update as it was pushed.
type pushed struct {
	update     tg.UpdateClass
	pts, count int
}

// tail follows what happens in one channel.
type tail struct {
	ch    *channel
	state tailState
	inbox chan pushed
	wake  chan struct{}
	// early are pushes that another must come before.
	early []pushed
	// refused says that the server did not know the position asked for last.
	refused bool
	// next is when the difference is asked for at the latest, holeAt when it is
	// because a push is missing, hasty says that something is known to be missing.
	next, holeAt time.Time
	hasty        bool
	// notBefore is when it is tried again after trouble.
	notBefore time.Time
	tries     *patience.Tries
	// at is the place among the channels that want to ask; nil if this does not.
	at *place
	// late says to who is woken that something is known to be missing.
	late atomic.Bool
	// jumps is state.Jumps, for the re-poll.
	jumps atomic.Int64
}

func newTail(ch *channel) *tail {
	return &tail{ch: ch, inbox: make(chan pushed, inboxLimit), wake: make(chan struct{}, 1)}
}

// push takes an update and never blocks: it is called where the connection is
// read.
func (t *tail) push(p pushed) {
	select {
	case t.inbox <- p:
	default:
		t.behind(true)
	}
}

// behind makes the tail ask what it missed, at once if that is known to be something.
func (t *tail) behind(hasty bool) {
	if hasty {
		t.late.Store(true)
	}
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// run follows the channel until ctx ends or the channel cannot be read. While it
// waits for its turn to ask, which with many channels takes long, it takes what is
// pushed.
func (t *tail) run(ctx context.Context) error {
	defer t.leave()
	for {
		timer := t.queue(time.Now())
		var turn chan struct{}
		if t.at != nil {
			turn = t.at.turn
		}
		var err error
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-timer:
		case <-turn:
			err = t.ask(ctx)
		case <-t.wake:
			t.next = time.Time{}
			t.hasty = t.late.Swap(false) || t.hasty
		case p := <-t.inbox:
			err = t.aside(func() error { return t.apply(ctx, p) })
		}
		if err != nil {
			return err
		}
	}
}

// queue takes a place among those who want to ask, if it is time, and says when it
// is to be called again.
func (t *tail) queue(now time.Time) <-chan time.Time {
	hasty := t.hasty || !t.holeAt.IsZero() && !now.Before(t.holeAt)
	switch {
	case t.at == nil:
		wait := t.next.Sub(now)
		if hasty {
			wait = 0
		} else if !t.holeAt.IsZero() {
			wait = min(wait, t.holeAt.Sub(now))
		}
		if wait = max(wait, t.notBefore.Sub(now)); wait > 0 {
			return time.After(wait)
		}
		t.at = t.ch.account.news.join(hasty)
	case hasty:
		t.ch.account.news.hurry(t.at)
	}
	if hasty || t.holeAt.IsZero() {
		return nil
	}
	return time.After(t.holeAt.Sub(now))
}

// aside does what may take long without holding up others who want to ask.
func (t *tail) aside(do func() error) error {
	if t.at == nil {
		return do()
	}
	t.ch.account.news.away(t.at)
	defer t.ch.account.news.back(t.at)
	return do()
}

// leave gives up the place among those who want to ask.
func (t *tail) leave() {
	if t.at != nil {
		t.ch.account.news.leave(t.at)
		t.at = nil
	}
}

// apply takes a push and those that wait behind it, as many as an answer would
// hold: what is told of them must fit into one cursor.
func (t *tail) apply(ctx context.Context, first pushed) error {
	t.early = append(t.early, first)
	for more := true; more && len(t.early) < differenceLimit; {
		select {
		case p := <-t.inbox:
			t.early = append(t.early, p)
		default:
			more = false
		}
	}
	slices.SortStableFunc(t.early, func(a, b pushed) int { return a.pts - b.pts })
	var c changes
	pts, rest := t.state.Pts, t.early[:0]
	for _, p := range t.early {
		switch {
		case p.pts <= pts: // read already
		case p.pts-p.count == pts:
			pts = p.pts
			c.addUpdate(p.update)
		default:
			rest = append(rest, p)
		}
	}
	t.early = rest
	if len(rest) == 0 {
		t.holeAt = time.Time{}
	} else if t.holeAt.IsZero() {
		t.holeAt = time.Now().Add(holeWait)
	}
	if pts == t.state.Pts {
		return nil
	}
	return t.take(ctx, &c, pts)
}

// take puts changes on RAW and moves the tail to a position behind them.
func (t *tail) take(ctx context.Context, c *changes, pts int) error {
	now := time.Now()
	if !c.empty() {
		gone, err := t.telling(ctx, c, now)
		if err != nil {
			return err
		}
		if err := t.ch.retry(ctx, func() error { return t.publish(ctx, c, gone, now) }); err != nil {
			return err
		}
		if err := t.ch.retry(ctx, func() error { return t.ch.keepKnown(ctx) }); err != nil {
			return err
		}
	}
	t.state.Pts = pts
	if newest := c.newest(); newest > t.state.Newest {
		t.state.Newest = newest
	}
	for _, m := range c.posted {
		t.state.NewestAt = max(t.state.NewestAt, millis(m.Date))
	}
	t.state.Telling = missing{}
	if err := t.ch.keep(ctx, "tail", t.state); err != nil {
		return err
	}
	t.ch.progressed(now)
	if !c.empty() {
		t.ch.repoll.new(c.posted)
		t.ch.repoll.changed()
	}
	return nil
}

// publish puts changes on RAW.
func (t *tail) publish(ctx context.Context, c *changes, gone missing, now time.Time) error {
	h, albums, err := t.ch.haulOf(ctx, c, gone, now)
	if err != nil {
		return err
	}
	return t.ch.deliver(ctx, h, albums)
}

// telling keeps which deletions are about to be told.
func (t *tail) telling(ctx context.Context, c *changes, now time.Time) (missing, error) {
	gone := t.ch.missed(c.deleted, now, false)
	if gone.empty() {
		return gone, nil
	}
	t.state.Telling = gone
	return gone, t.ch.keep(ctx, "tail", t.state)
}
