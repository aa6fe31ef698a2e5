package twitter

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// legState is a word for how a leg is.
type legState string

const (
	legRuns   legState = "running"
	legParked legState = "parked" // cannot go on now, and tries again
	legSpent  legState = "spent"  // waits for the budget
	legDone   legState = "done"   // has nothing more to do
)

func legStates() []legState { return []legState{legRuns, legParked, legSpent, legDone} }

// LegReport is how one leg is.
type LegReport struct {
	Name  string `json:"name"`
	State string `json:"state"`
	Why   string `json:"why,omitempty"`
	// Until is how long it waits; zero if it does not.
	Until time.Time `json:"until,omitzero"`
	// LookedAt is when it last got on; zero for never.
	LookedAt time.Time `json:"looked_at,omitzero"`
}

// LeftOut is something of the watch list that is not looked for, by its neutral label.
type LeftOut struct {
	Label string `json:"label"`
	Why   string `json:"why"`
}

// board is where legs say how they are.
type board struct {
	mu      sync.Mutex
	legs    map[string]*LegReport
	live    map[string]bool      // legs whose part of the budget is that of what happens now
	refused map[string]refusal   // legs that X refuses, until they get on
	left    map[string][]LeftOut // by the leg that says it
	foreign int
}

// refusal is that X does not let a leg do what it is for: why, and since when.
type refusal struct {
	why   string
	since time.Time
}

func newBoard() *board {
	return &board{legs: map[string]*LegReport{}, live: map[string]bool{}, refused: map[string]refusal{}, left: map[string][]LeftOut{}}
}

func (b *board) leg(name string) *LegReport {
	if b.legs[name] == nil {
		b.legs[name] = &LegReport{Name: name, State: string(legRuns)}
	}
	return b.legs[name]
}

// is notes how a leg is; share is whose part of the budget is spent, if that is.
func (b *board) is(leg string, state legState, why string, until time.Time, share Share) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.leg(leg)
	l.State, l.Why, l.Until = string(state), why, until
	b.live[leg] = state == legSpent && share == ForLive
}

// refuses notes that X refuses a leg; an empty why says that what is wrong is something
// else.
func (b *board) refuses(leg, why string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	was, is := b.refused[leg]
	switch {
	case why == "":
		delete(b.refused, leg)
	case is:
		b.refused[leg] = refusal{why, was.since}
	default:
		b.refused[leg] = refusal{why, at}
	}
}

// weigh says what the legs together mean: collecting, unless what happens now can no
// longer be paid for, X lets nothing be collected, or no leg goes on.
func (b *board) weigh() (State, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	goes, parked := false, ""
	for name, l := range b.legs {
		if b.live[name] {
			return StateSpent, "budget.money_per_month or budget.reads_per_month is spent: nothing new is read until " +
				l.Until.UTC().Format(time.DateOnly) + "; to go on before, raise it and start the collector anew"
		}
		switch {
		case name == usageName:
		case l.State == string(legParked):
			parked = max(parked, l.Why)
		default:
			goes = true
		}
	}
	if why := b.barred(); why != "" {
		return StateTrouble, "nothing can be collected: " + why + "; it is tried again"
	}
	if !goes && parked != "" {
		return StateTrouble, parked + "; it is tried again"
	}
	return StateCollecting, ""
}

// barred says why X lets nothing be collected; empty where it does. What matters is the
// stream, or search where there is none: a leg that only waits shows nothing. One that
// has brought something in since does.
func (b *board) barred() string {
	matters := searchName
	if b.legs[streamName] != nil {
		matters = streamName
	}
	is, refused := b.refused[matters]
	if !refused {
		return ""
	}
	for _, name := range []string{searchName, backfillName, sharesName, timelinesName, historiesName} {
		_, refused := b.refused[name]
		if l := b.legs[name]; l != nil && !refused && l.LookedAt.After(is.since) {
			return ""
		}
	}
	return is.why
}

// troubled notes what does not pass; nothing when it did.
func (b *board) troubled(leg, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leg(leg).Why = why
}

// progressed notes that a leg got on. Counts says that this may mean something for the
// whole.
func (b *board) progressed(leg string, at time.Time) (counts bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leg(leg).LookedAt = at.UTC()
	counts = len(b.refused) > 0
	delete(b.refused, leg)
	return counts
}

// leftOut notes what a leg does not look for, in the place of what it said before.
func (b *board) leftOut(leg string, list []leftOut) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left[leg] = nil
	for _, l := range list {
		b.left[leg] = append(b.left[leg], LeftOut(l))
	}
}

// foreignRules notes how many rules of the app are not ours.
func (b *board) foreignRules(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.foreign = n
}

// report puts what is known into a report.
func (b *board) report(r *Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.legs {
		r.Legs = append(r.Legs, *l)
	}
	slices.SortFunc(r.Legs, func(a, b LegReport) int { return strings.Compare(a.Name, b.Name) })
	for _, list := range b.left {
		r.LeftOut = append(r.LeftOut, list...)
	}
	slices.SortFunc(r.LeftOut, func(a, b LeftOut) int { return strings.Compare(a.Label+"\x00"+a.Why, b.Label+"\x00"+b.Why) })
	r.LeftOut = slices.Compact(r.LeftOut)
	r.ForeignRules = b.foreign
}
