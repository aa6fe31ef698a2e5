package telegram

import (
	"context"
	"fmt"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/patience"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
)

// wholeEvery is how often a channel as a whole is looked at. It is one of the calls
// that are to be rare.
const wholeEvery = 6 * time.Hour

// wholeState is what the last look at a channel as a whole showed.
type wholeState struct {
	// At is when that was, in milliseconds.
	At       int64 `json:"at"`
	Audience int   `json:"audience"`
	// Pts is the channel's position, Newest its newest message, both at the first
	// look: there the legs began.
	Pts    int `json:"pts"`
	Newest int `json:"newest"`
}

// beginWhole reads the last look. Only a channel that was never looked at, or could
// not be read, is looked at before its legs begin: with many channels the turns for
// it take long.
func (ch *channel) beginWhole(ctx context.Context) error {
	ch.last = wholeState{}
	if _, err := ch.load(ctx, "whole", &ch.last); err != nil {
		return err
	}
	var down downState
	if _, err := ch.load(ctx, "down", &down); err != nil {
		return err
	}
	if ch.last.At > 0 && down.At == 0 {
		ch.hasAudience(ch.last.Audience)
		return nil
	}
	return ch.lookWhole(ctx)
}

// lookOften looks at the channel from time to time, and when a reply told that it
// has another handle, until ctx ends.
func (ch *channel) lookOften(ctx context.Context) error {
	for {
		timer := time.NewTimer(time.Until(time.UnixMilli(ch.last.At).Add(wholeEvery)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		case <-ch.lookNow:
			timer.Stop()
		}
		if err := ch.lookWhole(ctx); err != nil {
			return err
		}
	}
}

// hasAudience sets the last known audience.
func (ch *channel) hasAudience(n int) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.audience = n
}

// downState is since when a channel cannot be read.
type downState struct {
	// At is when that was first seen, in milliseconds; 0 while it can be read.
	At int64 `json:"at"`
	// Reported says that RAW has the observation.
	Reported bool `json:"reported"`
}

// lookWhole looks at the channel as a whole: its position, its audience, its
// handle, whether it is restricted, and whether it is back.
func (ch *channel) lookWhole(ctx context.Context) error {
	var reply *tg.MessagesChatFull
	err := ch.retry(ctx, func() (err error) {
		reply, err = ch.account.api.ChannelsGetFullChannel(ctx, ch.at().input())
		return err
	})
	if err != nil {
		return fmt.Errorf("look at a channel: %w", err)
	}
	full, ok := reply.FullChat.(*tg.ChannelFull)
	if !ok {
		return errNoChannel
	}
	ch.account.learn(reply.Chats)
	now := time.Now()
	state, reasons := stateUp, []doxtrailv1.RestrictionKind(nil)
	if channel := channelIn(reply.Chats, ch.at().ID); channel != nil {
		ch.renamed(channel)
		if reasons = message.Restrictions(channel.RestrictionReason); len(reasons) > 0 {
			state = stateRestricted
		}
	}
	ch.hasAudience(full.ParticipantsCount)
	if linked, ok := full.GetLinkedChatID(); ok {
		ch.account.proposals.linked(ch.watched.Label, linked, now)
	}
	var down downState
	if _, err := ch.load(ctx, "down", &down); err != nil {
		return err
	}
	if down.At > 0 && state == stateUp {
		state = stateBack
	}
	o := ch.observation(0, state, now)
	o.SetRestrictions(reasons)
	audience := int64(full.ParticipantsCount)
	o.SetCounters(doxtrailv1.Counters_builder{Audience: &audience}.Build())
	if err := ch.report(ctx, o, now); err != nil {
		return err
	}
	if ch.last.At == 0 {
		ch.last.Pts = full.Pts
		if _, ch.last.Newest, err = ch.newest(ctx); err != nil {
			return err
		}
	}
	ch.last.At, ch.last.Audience = now.UnixMilli(), full.ParticipantsCount
	return ch.keepWhole(ctx)
}

// keepWhole keeps what a look showed. It is called when RAW has it: a process that
// is killed in between looks again, and tells the same.
func (ch *channel) keepWhole(ctx context.Context) error {
	if err := ch.keep(ctx, "down", downState{}); err != nil {
		return err
	}
	if err := ch.keepPeer(ctx, ch.at()); err != nil {
		return err
	}
	return ch.keep(ctx, "whole", ch.last)
}

// keepPeer keeps how the channel is reached.
func (ch *channel) keepPeer(ctx context.Context, p peer) error {
	return ch.retry(ctx, func() error {
		bounded, cancel := patience.Lingering(ctx)
		defer cancel()
		return ch.account.shelf.Save(bounded, peerName(ch.watched), p)
	})
}

// renamed takes a channel's new handle. The id stays, and with it everything that
// is known of the channel; whoever takes the old handle is another channel.
func (ch *channel) renamed(channel *tg.Channel) {
	now, before := peerOf(channel), ch.at()
	now.Void = before.Void
	if now.Hash == 0 {
		now.Hash = before.Hash
	}
	ch.reached(now)
}

// forget lets go of an access hash that does not fit. The id is kept: if the
// handle leads to another channel now, it is not followed.
func (ch *channel) forget(ctx context.Context) error {
	kept := ch.at()
	if kept.ID == 0 {
		return nil
	}
	kept.Hash, kept.Void = 0, kept.Hash
	return ch.keepPeer(ctx, kept)
}

// down puts on RAW that the channel cannot be read, once for each time. Its time
// is kept before: a process that is killed in between says the same again.
func (ch *channel) down(ctx context.Context) error {
	var state downState
	if _, err := ch.load(ctx, "down", &state); err != nil || state.Reported {
		return err
	}
	if state.At == 0 {
		state.At = time.Now().UnixMilli()
		ch.account.vantage.ask(ch.place(), 0)
		if err := ch.keep(ctx, "down", state); err != nil {
			return err
		}
	}
	at := time.UnixMilli(state.At)
	if err := ch.report(ctx, ch.observation(0, statePrivate, at), at); err != nil {
		return err
	}
	state.Reported = true
	return ch.keep(ctx, "down", state)
}
