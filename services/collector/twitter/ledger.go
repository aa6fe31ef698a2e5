package twitter

import (
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// amount is money and reads together.
type amount struct {
	Money Money `json:"money,omitempty"`
	Reads int64 `json:"reads,omitempty"`
}

func (a amount) plus(b amount) amount  { return amount{a.Money + b.Money, a.Reads + b.Reads} }
func (a amount) minus(b amount) amount { return amount{a.Money - b.Money, a.Reads - b.Reads} }

// mostMoney is the most that is counted: nobody has a budget beyond it.
const mostMoney = mostDollars * dollar

// within is an amount that can still be added up.
func (a amount) within() amount { return amount{min(a.Money, mostMoney), min(a.Reads, mostReads)} }

// ledger is what is kept in BUDGETS of what was spent: times and numbers alone. All
// of it is changed by compare-and-set, and nothing but it says what may be spent.
type ledger struct {
	// Month is the month that is counted, like 202611, in UTC, and Since the moment
	// from which it is, in milliseconds.
	Month int   `json:"month"`
	Since int64 `json:"since"`
	// Spent is what is settled.
	Spent amount `json:"spent"`
	// Open is what is reserved and not settled: it counts as spent.
	Open []reserved `json:"open,omitempty"`
	// Hours are the last ones in which something was settled, ascending.
	Hours []hour `json:"hours,omitempty"`
	// Counted is what X says.
	Counted counted `json:"counted,omitzero"`
}

// reserved is a reservation, with a number by which it is found again.
type reserved struct {
	ID uint64 `json:"id"`
	amount
}

// hour is what was settled in one hour, by its number since 1970.
type hour struct {
	No int64 `json:"no"`
	amount
}

// counted is what X has counted of reads.
type counted struct {
	// Used is X's last number, Asked whether there is one, Month what it grew by
	// within the month.
	Used  int64 `json:"used,omitempty"`
	Asked bool  `json:"asked,omitempty"`
	Month int64 `json:"month,omitempty"`
	// Cap is X's own, 0 if it names none.
	Cap int64 `json:"cap,omitempty"`
}

const (
	// openLimit bounds reservations that are not settled: there is one a call that is
	// under way. Beyond it the oldest counts as spent.
	openLimit = 64
	// hoursKept is how many hours the forecast looks back.
	hoursKept = 25
)

var errLedger = errors.New("read the budget: what is kept in BUDGETS of what was spent is not readable; " +
	"delete its key: the month is then counted from zero")

// readLedger decodes what is kept; nothing kept is a month that begins now.
func readLedger(value []byte, now time.Time) (ledger, error) {
	if value == nil {
		return ledger{Month: monthOf(now), Since: now.UnixMilli()}, nil
	}
	var l ledger
	if json.Unmarshal(value, &l) != nil || !l.sound() {
		return ledger{}, errLedger
	}
	l.turn(now)
	return l, nil
}

// sound says whether a ledger can be one: a month, and nothing below zero or beyond
// what can be added up.
func (l *ledger) sound() bool {
	amounts := []amount{l.Spent, {Reads: l.Counted.Used}, {Reads: l.Counted.Month}, {Reads: l.Counted.Cap}}
	for _, r := range l.Open {
		amounts = append(amounts, r.amount)
	}
	for _, h := range l.Hours {
		amounts = append(amounts, h.amount)
	}
	for _, a := range amounts {
		if a.Money < 0 || a.Reads < 0 || a != a.within() {
			return false
		}
	}
	return l.Month >= 200001 && l.Month <= 999912 && len(l.Open) <= openLimit && len(l.Hours) <= hoursKept
}

func monthOf(t time.Time) int { return t.UTC().Year()*100 + int(t.UTC().Month()) }

// nextMonth is when the month of a time ends.
func nextMonth(t time.Time) time.Time {
	return time.Date(t.UTC().Year(), t.UTC().Month()+1, 1, 0, 0, 0, 0, time.UTC)
}

// turn begins a new month when its time has come. A clock that was set back begins
// none: that would be a second budget. What is open goes along, for nobody knows in
// which month X counts it.
func (l *ledger) turn(now time.Time) {
	if monthOf(now) <= l.Month {
		return
	}
	l.Month, l.Since = monthOf(now), time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	l.Spent, l.Counted.Month = amount{}, 0
}

// taken is what may be spent already: settled and open.
func (l *ledger) taken() amount {
	sum := l.Spent
	for _, r := range l.Open {
		sum = sum.plus(r.amount)
	}
	return sum
}

// reserve notes that up to an amount may be spent. Under a number that is there
// already nothing is added: the answer to its write was lost.
func (l *ledger) reserve(id uint64, a amount, now time.Time) {
	if slices.ContainsFunc(l.Open, func(r reserved) bool { return r.ID == id }) {
		return
	}
	l.Open = append(l.Open, reserved{id, a})
	for len(l.Open) > openLimit {
		l.settle(l.Open[0].ID, l.Open[0].amount, now)
	}
}

// settle puts what was spent in the place of what was reserved. A second time it
// does nothing.
func (l *ledger) settle(id uint64, spent amount, now time.Time) {
	at := slices.IndexFunc(l.Open, func(r reserved) bool { return r.ID == id })
	if at < 0 {
		return
	}
	l.Open = slices.Delete(l.Open, at, at+1)
	spent = spent.within()
	l.Spent = l.Spent.plus(spent).within()
	no := now.Unix() / 3600
	if n := len(l.Hours); n > 0 && l.Hours[n-1].No >= no {
		l.Hours[n-1].amount = l.Hours[n-1].plus(spent).within()
	} else if spent != (amount{}) {
		l.Hours = append(l.Hours, hour{no, spent})
	}
	l.Hours = l.Hours[max(0, len(l.Hours)-hoursKept):]
}

// settleAll counts what a process that is gone had reserved as spent: it may have
// asked for it.
func (l *ledger) settleAll(now time.Time) {
	for len(l.Open) > 0 {
		l.settle(l.Open[0].ID, l.Open[0].amount, now)
	}
}

// checked takes over what X has counted, if it is more. X begins its own month on
// another day, so it is what X's number grew by that is compared; the first number
// counts where X's month began within ours.
func (l *ledger) checked(used, limit int64, resetDay int, post Money, now time.Time) {
	grew := used - l.Counted.Used
	switch {
	case !l.Counted.Asked && resetDay > now.UTC().Day():
		grew = 0
	case !l.Counted.Asked, grew < 0: // X's month began anew
		grew = used
	}
	l.Counted = counted{Used: used, Asked: true, Month: min(l.Counted.Month+grew, mostReads), Cap: limit}
	if more := l.Counted.Month - l.taken().Reads; more > 0 {
		l.Spent = l.Spent.plus(amount{Money(more) * min(post, mostMoney/Money(more)), more}).within()
	}
}
