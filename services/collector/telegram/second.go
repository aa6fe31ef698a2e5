package telegram

import (
	"context"
	"slices"
	"time"

	"github.com/gotd/td/tg"
)

// again looks for the posts whose second look is due.
func (r *repoll) again(ctx context.Context, now time.Time) (did bool, err error) {
	var ids []int
	for _, s := range r.state.Again {
		if s.At <= now.UnixMilli() && len(ids) < askLimit {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		return false, nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return true, r.look(ctx, []part{{ids, func(id int, _ *tg.Message) bool {
		r.state.Again = slices.DeleteFunc(r.state.Again, func(s second) bool { return s.ID == id })
		return true
	}}}, true)
}

// expect puts what was found gone once down for a second look, whichever leg
// found it, and takes off what came back since: should it go again, that look is a
// first one.
func (r *repoll) expect(now time.Time) {
	r.state.Again = slices.DeleteFunc(r.state.Again, func(s second) bool { return r.ch.known.get(s.ID) != markGone })
	waiting := map[int]bool{}
	for _, s := range r.state.Again {
		waiting[s.ID] = true
	}
	at := now.Add(r.ch.account.cfg.SecondLook).UnixMilli()
	for _, id := range r.ch.known.gone(againLimit) {
		if !waiting[id] && len(r.state.Again) < againLimit {
			r.state.Again = append(r.state.Again, second{id, at})
		}
	}
}
