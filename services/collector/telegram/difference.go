package telegram

import (
	"context"
	"fmt"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/service"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	// differenceLimit is how many updates one answer may hold: what Telegram gives
	// to users at most.
	differenceLimit = 100
	// coverEvery is how often a tail without a gap is reported.
	coverEvery = time.Hour
)

// start reads where an earlier process was, or begins at the channel's newest
// update: what was before is the sweep's.
func (t *tail) start(ctx context.Context) error {
	t.state, t.early, t.refused, t.hasty = tailState{}, nil, false, false
	t.next, t.holeAt, t.notBefore = time.Time{}, time.Time{}, time.Time{}
	t.tries = patience.NewTries(patient(t.ch.log, t.ch.account.cfg.pauses.retryLimit, t.ch.troubled))
	found, err := t.ch.load(ctx, "tail", &t.state)
	t.jumps.Store(t.state.Jumps)
	if err != nil {
		return err
	}
	if found {
		// next is zero: what was missed is asked for at once.
		return t.ch.tellAgain(ctx, doxtrailv1.Leg_LEG_TAIL, t.state.Telling)
	}
	now := time.Now()
	t.state = tailState{Pts: t.ch.last.Pts, Newest: t.ch.last.Newest, Covered: now.UnixMilli()}
	return t.ch.keep(ctx, "tail", t.state)
}

// errPosition says that the server knows none of a channel's positions, not even
// the one that it named.
const errPosition = refusal("Telegram does not say where the news of this channel begin")

// errNoEnd says that the answers lead nowhere.
const errNoEnd = refusal("there is said to be more news, and none comes")

// ask asks once for what comes behind the tail's position; it is its turn. Where
// there is more it is in a hurry for the next one.
func (t *tail) ask(ctx context.Context) error {
	before := t.state.Pts
	reply, err := t.ch.account.api.UpdatesGetChannelDifference(ctx, &tg.UpdatesGetChannelDifferenceRequest{
		Channel: t.ch.at().input(), Filter: &tg.ChannelMessagesFilterEmpty{}, Pts: before, Limit: differenceLimit,
	})
	t.leave()
	if err != nil {
		return t.failed(ctx, err)
	}
	t.tries.Passed()
	final, wait, err := t.read(ctx, reply)
	if err != nil {
		return err
	}
	if !final && t.state.Pts <= before {
		return errNoEnd
	}
	t.refused, t.hasty, t.next = false, !final, time.Time{}
	t.ch.progressed(time.Now())
	if !final {
		return nil
	}
	t.early, t.holeAt = nil, time.Time{} // whatever was pushed before, the answer had it
	t.next = time.Now().Add(max(wait, t.ch.account.cfg.Poll))
	return t.cover(ctx)
}

// failed has it tried again later, if there is any sense in that. What is pushed is
// taken meanwhile.
func (t *tail) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if faultOf(err) == faultPosition && !t.refused {
		t.refused, t.next = true, time.Now().Add(t.ch.account.cfg.Poll)
		return t.startAnew(ctx)
	}
	wait, again := t.tries.Failed(err)
	if !again {
		return fmt.Errorf("ask for news: %w", err)
	}
	t.notBefore = time.Now().Add(wait)
	return nil
}

// read takes one answer.
func (t *tail) read(ctx context.Context, reply tg.UpdatesChannelDifferenceClass) (final bool, wait time.Duration, err error) {
	if seconds, said := reply.GetTimeout(); said {
		wait = time.Duration(seconds) * time.Second
	}
	switch d := reply.(type) {
	case *tg.UpdatesChannelDifferenceEmpty:
		if d.Pts != t.state.Pts {
			err = t.take(ctx, &changes{}, d.Pts)
		}
		return true, wait, err
	case *tg.UpdatesChannelDifference:
		t.ch.account.learn(d.Chats)
		var c changes
		c.addMessages(d.NewMessages)
		for _, u := range d.OtherUpdates {
			c.addUpdate(u)
		}
		return d.Final, wait, t.take(ctx, &c, d.Pts)
	case *tg.UpdatesChannelDifferenceTooLong:
		t.ch.account.learn(d.Chats)
		return d.Final, wait, t.jump(ctx, d)
	default:
		return true, wait, nil
	}
}

// jump follows Telegram over updates that it does not give: the posts among them
// are swept, edits and deletions are found by the re-poll. What is missing is a
// gap until the sweep has read it.
func (t *tail) jump(ctx context.Context, d *tg.UpdatesChannelDifferenceTooLong) error {
	dialog, ok := d.Dialog.(*tg.Dialog)
	if !ok || dialog.Pts == 0 {
		return t.startAnew(ctx)
	}
	var c changes
	c.addMessages(d.Messages)
	return t.over(ctx, max(c.newest(), dialog.TopMessage), dialog.Pts, &c)
}

// startAnew takes the channel's newest position where the server does not know
// ours.
func (t *tail) startAnew(ctx context.Context) error {
	pts, newest, err := t.ch.newest(hastily(ctx))
	if err != nil {
		return err
	}
	if pts <= 0 {
		return errPosition
	}
	return t.over(ctx, newest, pts, &changes{})
}

// over leaves out what lies between the newest post that was seen and one beyond
// it.
func (t *tail) over(ctx context.Context, newest, pts int, c *changes) error {
	t.ch.account.metrics.gaps.Inc()
	t.ch.log.Warn("news of a channel were skipped by Telegram; the sweep reads what can be read", service.KeyCount, max(newest-t.state.Newest, 0))
	now := time.Now()
	if newest > t.state.Newest {
		from, to := t.state.Newest+1, newest
		h := haul.Haul{Leg: doxtrailv1.Leg_LEG_TAIL, Lane: bus.LaneLive, LookedAt: now}
		h.Coverage = append(h.Coverage, t.ch.coverage(doxtrailv1.CoverageState_COVERAGE_STATE_GAP, from, to, now))
		if err := t.ch.retry(ctx, func() error { return t.ch.account.outbox.Send(ctx, h) }); err != nil {
			return err
		}
		if err := t.ch.sweep.add(ctx, span{Top: to, Floor: from}); err != nil {
			return err
		}
	}
	t.state.Newest = max(t.state.Newest, newest)
	t.state.Covered = now.UnixMilli()
	t.early = nil
	t.state.Jumps++
	if err := t.take(ctx, c, pts); err != nil {
		return err
	}
	t.jumps.Store(t.state.Jumps)
	t.ch.repoll.changed()
	return nil
}

// cover reports that nothing was missed since the last report.
func (t *tail) cover(ctx context.Context) error {
	now := time.Now()
	if now.Sub(time.UnixMilli(t.state.Covered)) < coverEvery {
		return nil
	}
	state := doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE
	report := doxtrailv1.RawCoverage_builder{State: &state}.Build()
	report.SetChannelId(t.ch.at().id())
	report.SetFromAt(t.state.Covered)
	report.SetToAt(now.UnixMilli())
	report.SetLookedAt(now.UnixMilli())
	h := haul.Haul{Leg: doxtrailv1.Leg_LEG_TAIL, Lane: bus.LaneLive, LookedAt: now, Coverage: []*doxtrailv1.RawCoverage{report}}
	if err := t.ch.retry(ctx, func() error { return t.ch.account.outbox.Send(ctx, h) }); err != nil {
		return err
	}
	t.state.Covered = now.UnixMilli()
	return t.ch.keep(ctx, "tail", t.state)
}
