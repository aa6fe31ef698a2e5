package throttle

import (
	"errors"
	"fmt"
	"time"
)

// Rule says how often a method may be called: a token bucket and, beside it, a
// cap by day.
type Rule struct {
	// Every is the mean distance of two calls, up to 24 hours.
	Every time.Duration
	// Burst is how many calls may follow each other at once after a rest, 1 to 1000.
	Burst int
	// PerDay bounds the calls in any 24 hours; 0 is no bound. The hours roll: a
	// day of the calendar would allow twice as many around midnight, and nobody
	// knows at which hour a platform's day begins. Calls are counted by quarters
	// of an hour, so a call may become free up to 15 minutes late.
	PerDay int
}

const (
	day       = 24 * time.Hour
	daySlot   = 15 * time.Minute
	mostBurst = 1000
	keptFrom  = 5 * time.Second
)

// kept says whether each turn is written down before it is given.
func (r Rule) kept() bool { return r.Every >= keptFrom || r.PerDay > 0 }

// saved is how long a rest must be until a whole burst is saved up but for the
// one call that is due anyway.
func (r Rule) saved() time.Duration { return time.Duration(r.Burst-1) * r.Every }

func (r Rule) validate(method string) error {
	var faults []error
	if r.Every <= 0 || r.Every > day {
		faults = append(faults, fmt.Errorf("rule of %s: every must be over 0 and at most 24h", method))
	}
	if r.Burst < 1 || r.Burst > mostBurst {
		faults = append(faults, fmt.Errorf("rule of %s: burst must be 1 to %d", method, mostBurst))
	}
	if r.PerDay < 0 {
		faults = append(faults, fmt.Errorf("rule of %s: per day must not be negative", method))
	}
	return errors.Join(faults...)
}

// Reason is why a method waits.
type Reason string

// The reasons.
const (
	// Flood: the platform said so.
	Flood Reason = "flood"
	// Rate: the rule's mean distance.
	Rate Reason = "rate"
	// Day: the rule's cap by day.
	Day Reason = "day"
)

// method is the account of one method. Times have a monotonic reading.
type method struct {
	name string
	rule Rule
	// next is when a whole burst will be saved up again: each turn moves it by
	// Every (the generic cell rate algorithm).
	next  time.Time
	until time.Time     // the platform's hold
	held  time.Duration // how long that hold was when it began
	spent []spent       // of the last 24 hours, oldest first; only under a cap by day

	head    chan struct{} // held by the first in the queue
	changed chan struct{} // closed when the hold changes
	waiting int
	noted   bool // a kept method stands in BUDGETS
	pending bool // a turn is being written down
}

// spent is how many turns were taken in one quarter of an hour, and the last of
// them.
type spent struct {
	last  time.Time
	turns int
}

func newMethod(name string, rule Rule, opened time.Time) *method {
	return &method{
		name: name, rule: rule, next: opened.Add(rule.saved() + rule.Every),
		head: make(chan struct{}, 1), changed: make(chan struct{}),
	}
}

// ready is when the next turn may be taken, and what it waits for.
func (m *method) ready(now time.Time) (at time.Time, why Reason) {
	at, why = m.next.Add(-m.rule.saved()), Rate
	if free := m.dayFree(now); free.After(at) {
		at, why = free, Day
	}
	if m.until.After(at) {
		at, why = m.until, Flood
	}
	return at, why
}

// dayFree is when the cap by day lets a turn pass; zero if it does now.
func (m *method) dayFree(now time.Time) (free time.Time) {
	if m.rule.PerDay == 0 {
		return free
	}
	left := 0
	for _, s := range m.spent {
		if s.last.Add(day).After(now) {
			left += s.turns
		}
	}
	for _, s := range m.spent {
		if left < m.rule.PerDay {
			break
		}
		if end := s.last.Add(day); end.After(now) {
			free, left = end, left-s.turns
		}
	}
	return free
}

// take counts a turn.
func (m *method) take(now time.Time) {
	if now.After(m.next) {
		m.next = now
	}
	m.next = m.next.Add(m.rule.Every)
	if m.rule.PerDay == 0 {
		return
	}
	for len(m.spent) > 0 && !m.spent[0].last.Add(day).After(now) {
		m.spent = m.spent[1:]
	}
	if n := len(m.spent); n > 0 && m.spent[n-1].last.Truncate(daySlot).Equal(now.Truncate(daySlot)) {
		m.spent[n-1].last = now
		m.spent[n-1].turns++
		return
	}
	m.spent = append(m.spent, spent{now, 1})
}

// hold moves the platform's hold, never to an earlier time.
func (m *method) hold(until time.Time, length time.Duration) {
	if !until.After(m.until) {
		return
	}
	m.until, m.held = until, length
	close(m.changed)
	m.changed = make(chan struct{})
}
