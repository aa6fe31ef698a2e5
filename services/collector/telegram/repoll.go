package telegram

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	// askLimit is how many posts one call may ask for.
	askLimit = 100
	// againLimit bounds the posts that wait for their second look. What does not
	// fit comes on the list as others go.
	againLimit = 10_000
)

// second is a post that was found gone and is looked for again.
type second struct {
	ID int   `json:"id"`
	At int64 `json:"at"`
}

// repollState is where the schedule of a channel is.
type repollState struct {
	Stages []stage  `json:"stages"`
	Again  []second `json:"again,omitempty"`
	// Rounds is how many of the tail's jumps a round over all posts has followed.
	// RoundOf is how many there were when the present round began: what a later one
	// skipped, it has passed by. RoundUpto is the highest id that it asked for.
	Rounds    int64 `json:"rounds,omitempty"`
	RoundOf   int64 `json:"round_of,omitempty"`
	RoundUpto int   `json:"round_upto,omitempty"`
	// Telling are posts that were found gone and may not be on RAW.
	Telling missing `json:"telling,omitzero"`
}

// clone gives a state that does not change with s.
func (s repollState) clone() repollState {
	s.Stages, s.Again = slices.Clone(s.Stages), slices.Clone(s.Again)
	return s
}

// repoll asks again for the posts of one channel that are known: it finds what
// became of them, whatever was missed while nobody looked.
type repoll struct {
	ch    *channel
	state repollState
	news  chan struct{}

	mu     sync.Mutex
	posted map[int]int // when new posts were posted, in seconds, by id
}

func newRepoll(ch *channel) *repoll {
	return &repoll{ch: ch, news: make(chan struct{}, 1), posted: map[int]int{}}
}

// changed tells the re-poll that posts came or went.
func (r *repoll) changed() {
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// start reads the schedule. Of a new channel only the last stage asks for what is
// older than the channel's first look: its other ages are past.
func (r *repoll) start(ctx context.Context, newest int) error {
	r.state = repollState{}
	if _, err := r.ch.load(ctx, "repoll", &r.state); err != nil {
		return err
	}
	if err := r.ch.tellAgain(ctx, doxtrailv1.Leg_LEG_REPOLL, r.state.Telling); err != nil {
		return err
	}
	r.state.Telling = missing{}
	delays := r.ch.account.cfg.Repoll
	if len(r.state.Stages) == len(delays) {
		return nil
	}
	r.state.Stages = make([]stage, len(delays))
	for i := range delays[:len(delays)-1] {
		r.state.Stages[i].Upto = newest
	}
	last := len(delays) - 1
	r.state.Stages[last].DueAt = time.Now().Add(delays[last]).UnixMilli()
	return r.ch.keep(ctx, "repoll", r.state)
}

// run asks for what is due until ctx ends or the channel cannot be read.
func (r *repoll) run(ctx context.Context) error {
	for {
		now := time.Now()
		r.expect(now)
		did, err := r.again(ctx, now)
		if err == nil && !did {
			did, err = r.round(ctx)
		}
		if err == nil && !did {
			did, err = r.ask(ctx, now)
		}
		if err != nil {
			return err
		}
		if did {
			continue
		}
		timer := time.NewTimer(time.Until(r.nextDue(now)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		case <-r.news:
		}
		timer.Stop()
	}
}

// restLimit bounds how long the re-poll sleeps: clocks jump.
const restLimit = time.Minute

// nextDue is when something may be due again.
func (r *repoll) nextDue(now time.Time) time.Time {
	next := now.Add(restLimit)
	earlier := func(at int64) {
		if t := time.UnixMilli(at); at > 0 && t.Before(next) {
			next = t
		}
	}
	for i, s := range r.state.Stages {
		if s.DueAt > 0 {
			earlier(s.DueAt + slack(r.ch.account.cfg.Repoll[i]).Milliseconds())
		}
	}
	for _, s := range r.state.Again {
		earlier(s.At)
	}
	return next
}

// round asks for the next of all posts, after the tail has jumped: edits and
// deletions that Telegram skipped are not told by anybody else.
func (r *repoll) round(ctx context.Context) (did bool, err error) {
	if r.state.Rounds >= r.ch.tail.jumps.Load() {
		return false, nil
	}
	if r.state.RoundUpto == 0 {
		r.state.RoundOf = r.ch.tail.jumps.Load()
	}
	ids := r.ch.known.after(r.state.RoundUpto, askLimit, false)
	if len(ids) == 0 {
		// Had there been another jump meanwhile, the next round is due at once.
		done := r.state.RoundUpto > 0
		r.state.Rounds, r.state.RoundUpto = r.state.RoundOf, 0
		return done, r.ch.keep(ctx, "repoll", r.state)
	}
	return true, r.look(ctx, []part{{ids, func(id int, _ *tg.Message) bool {
		r.state.RoundUpto = id
		return true
	}}}, false)
}

// tell puts one look on RAW and notes what became of the posts. Until RAW has it
// all, the schedule that is kept is the one before the look.
func (r *repoll) tell(ctx context.Context, before repollState, seen [][]int, byID map[int]*tg.Message, gone missing, now time.Time) error {
	if !gone.empty() {
		before.Telling = gone
		if err := r.ch.keep(ctx, "repoll", before); err != nil {
			return err
		}
	}
	if err := r.ch.retry(ctx, func() error { return r.publish(ctx, seen, byID, gone, now) }); err != nil {
		return err
	}
	gone.note(r.ch)
	for _, id := range union(seen) {
		switch m := byID[id]; {
		case m == nil, r.ch.known.get(id) == markItem:
		case len(m.RestrictionReason) > 0:
			r.ch.known.set(id, markWithheld)
		default:
			r.ch.known.set(id, markUp)
		}
	}
	return r.ch.retry(ctx, func() error { return r.ch.keepKnown(ctx) })
}

// publish puts one look at posts on RAW. A post that was edited is read anew.
func (r *repoll) publish(ctx context.Context, seen [][]int, byID map[int]*tg.Message, gone missing, now time.Time) error {
	h := haul.Haul{Leg: doxtrailv1.Leg_LEG_REPOLL, Lane: bus.LaneLive, LookedAt: now, Observations: gone.observations(r.ch)}
	var edited []*tg.Message
	for _, id := range union(seen) {
		m := byID[id]
		if m == nil {
			continue
		}
		if m.EditDate > 0 {
			edited = append(edited, m)
		}
		if r.ch.known.get(id) != markItem { // else the post has another id
			h.Observations = append(h.Observations, r.ch.lookOf(m, now))
		}
	}
	albums, err := r.ch.whole(ctx, edited, byID)
	if err != nil {
		return err
	}
	for _, items := range albums {
		h.Add(r.ch.read(items, now))
	}
	for _, ids := range seen {
		h.Coverage = append(h.Coverage, r.ch.coverage(doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE, ids[0], ids[len(ids)-1], now))
	}
	return r.ch.deliver(ctx, h, albums)
}
