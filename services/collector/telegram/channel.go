package telegram

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
)

// channel is one watched channel and its three legs.
type channel struct {
	account *account
	watched watchlist.Channel
	log     *slog.Logger

	last   wholeState
	known  *known
	tail   *tail
	sweep  *sweep
	repoll *repoll
	// lookNow wakes who looks at the channel as a whole.
	lookNow chan struct{}

	mu       sync.Mutex
	peer     peer
	audience int // -1 if unknown
	state    channelState
	why      string
	trouble  string // what a leg waits for to pass; empty when one gets on
	lookedAt time.Time
}

// channelState is a word for status and metrics.
type channelState string

const (
	channelFollowed channelState = "followed"
	channelPrivate  channelState = "private"
	// channelParked cannot be followed until somebody has seen to it.
	channelParked channelState = "parked"
	// channelWaiting is on its way to being followed.
	channelWaiting channelState = "waiting"
)

func newChannel(a *account, w watchlist.Channel) *channel {
	ch := &channel{account: a, watched: w, log: a.log.With("channel", w.Label), lookNow: make(chan struct{}, 1), audience: -1, state: channelWaiting}
	ch.tail, ch.sweep, ch.repoll = newTail(ch), newSweep(ch), newRepoll(ch)
	return ch
}

// at is how the channel is reached now: that changes when it is renamed.
func (ch *channel) at() peer {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.peer
}

// reached notes how the channel is reached.
func (ch *channel) reached(p peer) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.peer = p
}

// knows takes what is known of the channel's posts.
func (ch *channel) knows(known *known) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.known = known
}

// place is where the messages of the channel were read.
func (ch *channel) place() message.Channel {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return message.Channel{ID: ch.peer.ID, Username: ch.peer.Name, Kind: ch.peer.kind(), Audience: ch.audience}
}

// load reads a cursor of the channel.
func (ch *channel) load(ctx context.Context, what string, into any) (found bool, err error) {
	err = ch.retry(ctx, func() (err error) {
		found, err = ch.account.shelf.Load(ctx, ch.cursor(what), into)
		return err
	})
	return found, err
}

// keep keeps it also when ctx has just ended: what is on RAW need not be read
// again.
func (ch *channel) keep(ctx context.Context, what string, value any) error {
	return ch.retry(ctx, func() error {
		bounded, cancel := patience.Lingering(ctx)
		defer cancel()
		return ch.account.shelf.Save(bounded, ch.cursor(what), value)
	})
}

// keepKnown keeps what is known of posts, as keep does.
func (ch *channel) keepKnown(ctx context.Context) error {
	bounded, cancel := patience.Lingering(ctx)
	defer cancel()
	return ch.known.save(bounded)
}

func (ch *channel) cursor(what string) string {
	return "channel/" + strconv.FormatInt(ch.at().ID, 10) + "/" + what
}

// retry does something again for as long as what hinders it may pass by itself.
func (ch *channel) retry(ctx context.Context, do func() error) error {
	return retry(ctx, ch.log, ch.account.cfg.pauses.retryLimit, ch.troubled, do)
}

// run follows the channel until ctx ends or the account is done for. A channel
// that cannot be read is asked for again, more and more rarely.
func (ch *channel) run(ctx context.Context) error {
	pauses := ch.account.cfg.pauses
	for wait := time.Duration(0); ; {
		began := time.Now()
		err := ch.follow(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if faultOf(err).ofAccount() {
			return err
		}
		if time.Since(began) > pauses.parkLimit {
			wait = 0
		}
		first, limit := pauses.park, pauses.parkLimit
		if ofHandle(err) {
			first, limit = pauses.handle, pauses.handleLimit
		}
		wait = min(max(2*wait, first), limit)
		if err := ch.park(ctx, err); err != nil {
			return err
		}
		if err := patience.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// park notes why the channel is not followed now.
func (ch *channel) park(ctx context.Context, cause error) error {
	state := channelParked
	if f := faultOf(cause); f == faultPrivate && ch.at().ID != 0 {
		state = channelPrivate
		if err := ch.down(ctx); err != nil {
			return err
		}
	} else if f == faultPeer { // the right to ask for it is void: the next try asks for the handle
		if err := ch.forget(ctx); err != nil {
			return err
		}
	}
	ch.log.Warn("a channel cannot be followed now", slog.String("state", string(state)), slog.String(service.KeyClass, reasonOf(cause)), service.Error(cause))
	ch.is(state, reasonOf(cause))
	return nil
}

// reasonOf is why a channel is not followed, in words or as Telegram's class.
func reasonOf(err error) string {
	var ours refusal
	if errors.As(err, &ours) {
		return string(ours)
	}
	if wrong := ofCursor(err); wrong != nil {
		return wrong.Error()
	}
	var full *bus.FullError
	if errors.As(err, &full) {
		return full.Error()
	}
	return class(err)
}

// is sets the state that status shows.
func (ch *channel) is(state channelState, why string) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.state, ch.why, ch.trouble = state, why, ""
}

// What a channel waits for before it is followed. With many channels that takes
// long: the calls for it are the rarest.
const (
	waitsForHandle = "waits for a turn to ask for its handle: there are few a day"
	waitsForLook   = "waits for a turn to be looked at for the first time"
)

// waits says why a channel is not followed yet; why it is not any more matters more.
func (ch *channel) waits(why string) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if ch.state == channelWaiting {
		ch.why = why
	}
}

// progressed notes that a leg got on.
func (ch *channel) progressed(at time.Time) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.lookedAt = at
}

// troubled notes what does not pass; nothing when it did.
func (ch *channel) troubled(what string) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.trouble = what
}

// follow finds the channel and runs its legs until one of them cannot go on.
func (ch *channel) follow(ctx context.Context) error {
	release, err := ch.find(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := ch.begin(ctx); err != nil {
		return err
	}
	ch.account.route(ch)
	defer ch.account.unroute(ch)
	ch.is(channelFollowed, "")
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ch.tail.run(ctx) })
	group.Go(func() error { return ch.sweep.run(ctx) })
	group.Go(func() error { return ch.repoll.run(ctx) })
	group.Go(func() error { return ch.lookOften(ctx) })
	return group.Wait()
}

// find finds the channel, and keeps others of the same account from following it
// until release is called.
func (ch *channel) find(ctx context.Context) (release func(), err error) {
	var p peer
	var known bool
	err = ch.retry(ctx, func() (err error) {
		p, known, err = ch.account.find(ctx, ch.watched, func() { ch.waits(waitsForHandle) })
		return err
	})
	if err != nil {
		return nil, err
	}
	if !known { // kept apart: where it cannot be, the handle is not asked for again
		if err := ch.keepPeer(ctx, p); err != nil {
			return nil, err
		}
	}
	if err := ch.account.mayFollow(p); err != nil {
		return nil, err
	}
	ch.reached(p)
	ch.waits(waitsForLook)
	return ch.account.claim(ctx, p.ID)
}

// begin looks at the channel as a whole and reads where its legs were.
func (ch *channel) begin(ctx context.Context) (err error) {
	// Also after trouble in this process: what a leg noted and did not get to RAW is
	// not known.
	var known *known
	err = ch.retry(ctx, func() (err error) {
		known, err = loadKnown(ctx, ch.account.shelf, ch.cursor("known"))
		return err
	})
	if err != nil {
		return err
	}
	ch.knows(known)
	if err := ch.beginWhole(ctx); err != nil {
		return err
	}
	if err := ch.sweep.start(ctx); err != nil {
		return err
	}
	if err := ch.tail.start(ctx); err != nil {
		return err
	}
	return ch.repoll.start(ctx, max(ch.tail.state.Newest, ch.known.top()))
}

// coverage reports a range of ids.
func (ch *channel) coverage(state doxtrailv1.CoverageState, from, to int, at time.Time) *doxtrailv1.RawCoverage {
	channelID, fromNo, toNo, lookedAt := ch.at().id(), int64(from), int64(to), at.UnixMilli()
	return doxtrailv1.RawCoverage_builder{ChannelId: &channelID, State: &state, FromNo: &fromNo, ToNo: &toNo, LookedAt: &lookedAt}.Build()
}

// report puts the channel's own record and what a look at it showed on RAW.
func (ch *channel) report(ctx context.Context, o *doxtrailv1.RawObservation, at time.Time) error {
	h := haul.Haul{Leg: doxtrailv1.Leg_LEG_TAIL, Lane: bus.LaneLive, LookedAt: at, Observations: []*doxtrailv1.RawObservation{o}}
	h.Channels = append(h.Channels, ch.at().raw())
	return ch.retry(ctx, func() error { return ch.account.outbox.Send(ctx, h) })
}
