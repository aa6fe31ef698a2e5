package twitter

import (
	"context"
	"slices"
	"time"
)

// unsureWait is how soon a post is asked for again that X said nothing of.
const unsureWait = 15 * time.Minute

// again asks for the posts that are due out of turn: first those that were found
// missing, then those that X said nothing of. Only for the former is it a second look.
func (r *repoll) again(ctx context.Context, now time.Time) (did bool, err error) {
	for _, unsure := range []bool{false, true} {
		posts, drop := r.due(unsure, now)
		if len(posts) > 0 {
			return true, r.look(ctx, posts, !unsure, drop, false)
		}
		drop()
	}
	return false, nil
}

// due lists the posts that are due out of turn. Drop takes them off the list.
func (r *repoll) due(unsure bool, now time.Time) (posts []knownPost, drop func()) {
	due := map[uint64]bool{}
	for _, s := range r.state.Again {
		if s.Unsure != unsure || s.At > now.UnixMilli() || len(posts) >= askLimit || due[s.ID] {
			continue
		}
		due[s.ID] = true
		if p, found := r.app.known.get(s.ID); found {
			posts = append(posts, p)
		}
	}
	return posts, func() {
		r.state.Again = slices.DeleteFunc(r.state.Again, func(s second) bool { return s.Unsure == unsure && due[s.ID] })
	}
}

// expect puts what was found missing once down for a second look, whichever leg found
// it, and takes off what came back since: should it go again, that look is a first one.
func (r *repoll) expect(now time.Time) {
	waiting := map[uint64]bool{}
	r.state.Again = slices.DeleteFunc(r.state.Again, func(s second) bool {
		p, _ := r.app.known.get(s.ID)
		if !s.Unsure && p.Mark != markGone {
			return true
		}
		waiting[s.ID] = true
		return false
	})
	at := now.Add(r.app.cfg.SecondLook).UnixMilli()
	for _, p := range r.app.known.gone(againLimit) {
		if !waiting[p.ID] && len(r.state.Again) < againLimit {
			r.state.Again = append(r.state.Again, second{ID: p.ID, At: at})
		}
	}
}

// unsure puts posts down that X said nothing of. A second look that told nothing is
// still to come.
func (r *repoll) unsure(ids []uint64, now time.Time) {
	at := now.Add(min(unsureWait, r.app.cfg.SecondLook)).UnixMilli()
	for _, id := range ids {
		p, _ := r.app.known.get(id)
		if len(r.state.Again) < againLimit {
			r.state.Again = append(r.state.Again, second{ID: id, At: at, Unsure: p.Mark != markGone})
		}
	}
}
