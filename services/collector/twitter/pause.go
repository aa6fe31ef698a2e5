package twitter

import (
	"errors"
	"time"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// pageTries is how often a page of one account is asked for that cannot be read. What is
// wrong then is that page, and others need not wait for it.
const pageTries = 8

// unreadablePage is what status says of an account with such a page.
const unreadablePage = "a page of its posts cannot be read; it is tried again, later and later"

// pause is a time in which an account is not asked for its posts.
type pause struct {
	// why is what status says of it; empty if there is none.
	why   string
	until time.Time
	wait  time.Duration
}

// refused begins a pause after an answer that costs nothing.
func (p *pause) refused(why string, wait time.Duration) {
	*p = pause{why: why, until: time.Now().Add(wait), wait: wait}
}

// unreadable begins a pause after an answer that cannot be read and costs all the same:
// each is twice as long as the last one, up to a day.
func (p *pause) unreadable(least time.Duration) {
	p.refused(unreadablePage, min(max(2*p.wait, least), accountEvery))
}

// pauseOf is the pause that follows an answer of a timeline; nil if none does.
func (a *app) pauseOf(got answer, err error) func(*pause) {
	poll := a.cfg.Timelines.Poll
	if isUnreadable(err) {
		return func(p *pause) { p.unreadable(poll) }
	}
	if why := refusedWhy(got, err); why != "" {
		return func(p *pause) { p.refused(why, poll) }
	}
	return nil
}

// paused edits the pause of a timeline, whichever of the watch list's accounts it is.
func (r *roster) paused(id uint64, edit func(*pause)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.accounts {
		if a.ID == id {
			edit(&a.pause)
		}
	}
}

// pageMayPass says of the errors of one page whether it is asked for again.
func pageMayPass() func(error) bool {
	tries := 0
	return func(err error) bool {
		if !isUnreadable(err) {
			return passes(err)
		}
		tries++
		return tries < pageTries
	}
}

// isUnreadable says whether an error is that a page cannot be read.
func isUnreadable(err error) bool {
	kind := api.KindOf(err)
	return kind == api.Broken || kind == api.TooLarge || errors.Is(err, errWrongPage)
}
