package telegram

import (
	"context"
	"slices"
	"sync"
)

// hastyTurns is how many in a row may go to those who are in a hurry while others
// wait: with three of four, nobody who waits quietly waits over four times as long
// as if nobody were in a hurry.
const hastyTurns = 3

// line has those who want to make a call come one by one. Who is in a hurry comes
// before who only looks whether there is news, else first come, first served.
type line struct {
	mu           sync.Mutex
	busy         bool
	hasty, quiet []*place
	inRow        int // turns that went to the hasty
}

// place is a place in a line. Turn is closed when its turn has come.
type place struct {
	turn  chan struct{}
	hasty bool
	away  bool
}

// join takes a place; it must be given up with leave, before the turn or after it.
func (l *line) join(hasty bool) *place {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &place{turn: make(chan struct{}), hasty: hasty}
	if hasty {
		l.hasty = append(l.hasty, p)
	} else {
		l.quiet = append(l.quiet, p)
	}
	l.next()
	return p
}

// hurry puts who has waited quietly among the hasty.
func (l *line) hurry(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.quiet, p); i >= 0 {
		p.hasty = true
		l.quiet = slices.Delete(l.quiet, i, i+1)
		l.hasty = append(l.hasty, p)
	}
}

// away keeps a place while whose it is does something else, which may take long:
// others come before. A turn that had come is given back.
func (l *line) away(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.away = true
	select {
	case <-p.turn:
	default:
		return
	}
	p.turn, l.busy = make(chan struct{}), false
	if p.hasty {
		l.hasty = slices.Insert(l.hasty, 0, p)
	} else {
		l.quiet = slices.Insert(l.quiet, 0, p)
	}
	l.next()
}

// back ends away.
func (l *line) back(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.away = false
	l.next()
}

// leave gives up a place, and the turn if it had come.
func (l *line) leave(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-p.turn:
		l.busy = false
	default:
		is := func(other *place) bool { return other == p }
		l.hasty, l.quiet = slices.DeleteFunc(l.hasty, is), slices.DeleteFunc(l.quiet, is)
	}
	l.next()
}

// next gives the turn to whose it is. l.mu is held.
func (l *line) next() {
	if l.busy {
		return
	}
	here := func(p *place) bool { return !p.away }
	hasty, quiet := slices.IndexFunc(l.hasty, here), slices.IndexFunc(l.quiet, here)
	switch {
	case hasty >= 0 && (quiet < 0 || l.inRow < hastyTurns):
		l.busy = true
		l.inRow++
		close(l.hasty[hasty].turn)
		l.hasty = slices.Delete(l.hasty, hasty, hasty+1)
	case quiet >= 0:
		l.busy = true
		l.inRow = 0
		close(l.quiet[quiet].turn)
		l.quiet = slices.Delete(l.quiet, quiet, quiet+1)
	}
}

// inHurry is the key of a context whose calls are.
type inHurry struct{}

// hastily has calls come before those of legs that can wait: without them what is
// new stands still.
func hastily(ctx context.Context) context.Context { return context.WithValue(ctx, inHurry{}, true) }
