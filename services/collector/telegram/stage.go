package telegram

import (
	"context"
	"time"

	"github.com/gotd/td/tg"
)

// stage is one round of the schedule: every post is asked for once, when it is so
// old. The last stage begins anew when it is through.
type stage struct {
	// Upto is the highest id that was asked for, DueAt when the next post is due,
	// in milliseconds.
	Upto  int   `json:"upto"`
	DueAt int64 `json:"due_at"`
	// BegunAt is when the last stage began with the first post, in milliseconds.
	BegunAt int64 `json:"begun_at,omitempty"`
}

// slackLimit bounds how long a due post waits for others.
const slackLimit = 10 * time.Minute

// slack is how long a post that is so old may wait until others are due too: one
// call asks for a hundred, and costs as much for one.
func slack(age time.Duration) time.Duration { return min(age/8, slackLimit) }

// postedLimit bounds the posts whose time is remembered.
const postedLimit = 2000

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

// ask asks for the posts that are due, of all stages together, once one of them
// has waited for long enough or a call is full.
func (r *repoll) ask(ctx context.Context, now time.Time) (did bool, err error) {
	var pressing, waiting []part
	count := 0
	for i := range r.state.Stages {
		ids, urgent, err := r.due(ctx, i, now)
		if err != nil {
			return false, err
		}
		if len(ids) == 0 {
			continue
		}
		count += len(ids)
		if p := (part{ids, r.pass(i, now)}); urgent {
			pressing = append(pressing, p)
		} else {
			waiting = append(waiting, p)
		}
	}
	if len(pressing) == 0 && count < askLimit {
		return false, nil
	}
	return true, r.look(ctx, fitted(append(pressing, waiting...)), false)
}

// due lists the posts of a stage that are due, as far as is known, and says whether
// the first cannot wait for others any more.
func (r *repoll) due(ctx context.Context, i int, now time.Time) (ids []int, urgent bool, err error) {
	s, delay := &r.state.Stages[i], r.ch.account.cfg.Repoll[i]
	last := i == len(r.state.Stages)-1
	if last {
		s.anew(now, delay)
	}
	if s.DueAt > now.UnixMilli() {
		return nil, false, nil
	}
	ids = r.ch.known.after(s.Upto, askLimit, last)
	if len(ids) == 0 {
		if last && s.Upto > 0 { // through: once more
			next := now.Add(delay).UnixMilli()
			*s = stage{DueAt: next, BegunAt: next}
			return nil, false, r.ch.keep(ctx, "repoll", r.state)
		}
		return nil, false, nil
	}
	for n, id := range ids {
		at := r.dueAt(id, delay)
		if n == 0 && !at.IsZero() {
			s.DueAt = at.UnixMilli()
		}
		if at.After(now) {
			ids = ids[:n]
			break
		}
	}
	return ids, now.Sub(time.UnixMilli(s.DueAt)) >= slack(delay), nil
}

// anew begins again with the first post where the last time is so long ago, and
// nothing is due: in a channel that goes on, some post is always too young.
func (s *stage) anew(now time.Time, delay time.Duration) {
	if s.BegunAt == 0 {
		s.BegunAt = now.UnixMilli()
	}
	if s.DueAt > now.UnixMilli() && now.Sub(time.UnixMilli(s.BegunAt)) >= delay {
		*s = stage{BegunAt: now.UnixMilli()}
	}
}

// pass moves a stage over the posts that are due.
func (r *repoll) pass(i int, now time.Time) func(id int, m *tg.Message) bool {
	s, delay := &r.state.Stages[i], r.ch.account.cfg.Repoll[i]
	return func(id int, m *tg.Message) bool {
		if m != nil {
			if due := time.Unix(int64(m.Date), 0).Add(delay); due.After(now) {
				s.DueAt = due.UnixMilli()
				return false
			}
		}
		s.Upto, s.DueAt = id, 0
		return true
	}
}
