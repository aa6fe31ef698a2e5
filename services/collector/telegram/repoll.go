package telegram

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	// askLimit is how many posts one call may ask for.
	askLimit = 100
	// againLimit bounds the posts that wait for their second look. What does not
	// fit comes on the list as others go.
	againLimit = 10_000
)

// stage is one round of the schedule: every post is asked for once, when it is so
// old. The last stage begins anew when it is through.
type stage struct {
	// Upto is the highest id that was asked for, DueAt when the next post is due,
	// in milliseconds.
	Upto  int   `json:"upto"`
	DueAt int64 `json:"due_at"`
}

// second is a post that was found gone and is looked for again.
type second struct {
	ID int   `json:"id"`
	At int64 `json:"at"`
}

// repollState is where the schedule of a channel is.
type repollState struct {
	Stages []stage  `json:"stages"`
	Again  []second `json:"again,omitempty"`
	// Rounds is how many of the tail's jumps a round over all posts has followed,
	// RoundUpto the highest id that the present round asked for.
	Rounds    int64 `json:"rounds,omitempty"`
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

// postedLimit bounds the new posts whose time is remembered.
const postedLimit = 1000

// new remembers when posts were posted, so that nobody has to ask in order to
// learn that they are not due.
func (r *repoll) new(posts []*tg.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range posts {
		if len(r.posted) >= postedLimit {
			clear(r.posted)
		}
		r.posted[m.ID] = m.Date
	}
}

// dueAt is when a post is so old; zero if it is not known.
func (r *repoll) dueAt(id int, age time.Duration) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.posted[id]; ok {
		return time.Unix(int64(at), 0).Add(age)
	}
	return time.Time{}
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
		for i := 0; err == nil && !did && i < len(r.state.Stages); i++ {
			did, err = r.ask(ctx, i, now)
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
	for _, s := range r.state.Stages {
		earlier(s.DueAt)
	}
	for _, s := range r.state.Again {
		earlier(s.At)
	}
	return next
}

// ask asks for the next posts of a stage, if any is due.
func (r *repoll) ask(ctx context.Context, i int, now time.Time) (did bool, err error) {
	s, delay := &r.state.Stages[i], r.ch.account.cfg.Repoll[i]
	if s.DueAt > now.UnixMilli() {
		return false, nil
	}
	last := i == len(r.state.Stages)-1
	ids := r.ch.known.after(s.Upto, askLimit, last)
	if len(ids) == 0 {
		if last && s.Upto > 0 { // through: once more
			*s = stage{DueAt: now.Add(delay).UnixMilli()}
			return false, r.ch.keep(ctx, "repoll", r.state)
		}
		return false, nil
	}
	if due := r.dueAt(ids[0], delay); due.After(now) {
		s.DueAt = due.UnixMilli()
		return false, nil
	}
	return true, r.look(ctx, ids, false, func(id int, m *tg.Message) bool {
		if m != nil {
			if due := time.Unix(int64(m.Date), 0).Add(delay); due.After(now) {
				s.DueAt = due.UnixMilli()
				return false
			}
		}
		s.Upto, s.DueAt = id, 0
		return true
	})
}

// round asks for the next of all posts, after the tail has jumped: edits and
// deletions that Telegram skipped are not told by anybody else.
func (r *repoll) round(ctx context.Context) (did bool, err error) {
	jumps := r.ch.tail.jumps.Load()
	if r.state.Rounds >= jumps {
		return false, nil
	}
	ids := r.ch.known.after(r.state.RoundUpto, askLimit, false)
	if len(ids) == 0 {
		r.state.Rounds, r.state.RoundUpto = jumps, 0
		return false, r.ch.keep(ctx, "repoll", r.state)
	}
	return true, r.look(ctx, ids, false, func(id int, _ *tg.Message) bool {
		r.state.RoundUpto = id
		return true
	})
}

// look asks for posts in order of their ids and puts on RAW what became of them,
// as far as due says that their time has come. It gets nil for what is gone.
func (r *repoll) look(ctx context.Context, ids []int, again bool, due func(id int, m *tg.Message) bool) error {
	list, err := r.ch.messages(ctx, ids)
	if err != nil {
		return err
	}
	byID := map[int]*tg.Message{}
	for _, m := range list {
		if post, ok := m.(*tg.Message); ok {
			byID[post.ID] = post
		}
	}
	now, before := time.Now(), r.state.clone()
	var seen, absent []int
	for _, id := range ids {
		if !due(id, byID[id]) {
			break
		}
		if seen = append(seen, id); byID[id] == nil {
			absent = append(absent, id)
		}
	}
	if len(seen) > 0 {
		if err := r.tell(ctx, before, seen, byID, r.ch.missed(absent, now, again), now); err != nil {
			return err
		}
		r.ch.progressed(now)
	}
	return r.ch.keep(ctx, "repoll", r.state)
}

// tell puts one look on RAW and notes what became of the posts. Until RAW has it
// all, the schedule that is kept is the one before the look.
func (r *repoll) tell(ctx context.Context, before repollState, ids []int, byID map[int]*tg.Message, gone missing, now time.Time) error {
	if !gone.empty() {
		before.Telling = gone
		if err := r.ch.keep(ctx, "repoll", before); err != nil {
			return err
		}
	}
	if err := r.ch.retry(ctx, func() error { return r.publish(ctx, ids, byID, gone, now) }); err != nil {
		return err
	}
	gone.note(r.ch)
	for _, id := range ids {
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
func (r *repoll) publish(ctx context.Context, ids []int, byID map[int]*tg.Message, gone missing, now time.Time) error {
	h := haul{leg: doxtrailv1.Leg_LEG_REPOLL, lane: bus.LaneLive, lookedAt: now, observations: gone.observations(r.ch)}
	var edited []*tg.Message
	for _, id := range ids {
		m := byID[id]
		if m == nil {
			continue
		}
		if m.EditDate > 0 {
			edited = append(edited, m)
		}
		if r.ch.known.get(id) != markItem { // else the post has another id
			h.observations = append(h.observations, r.ch.lookOf(m, now))
		}
	}
	albums, err := r.ch.whole(ctx, edited)
	if err != nil {
		return err
	}
	for _, items := range albums {
		h.add(r.ch.read(items, now))
	}
	h.coverage = append(h.coverage, r.ch.coverage(doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE, ids[0], ids[len(ids)-1], now))
	return r.ch.account.outbox.send(ctx, h)
}
