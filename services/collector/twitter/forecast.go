package twitter

import "time"

// soonAgain is when it is asked again where reservations, and not what was spent, leave
// no room.
const soonAgain = time.Minute

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// allows is nil where an amount may be spent, else a *Spent.
func (c BudgetConfig) allows(l *ledger, share Share, a amount, now time.Time) error {
	limit, end := c.limit(l), nextMonth(now)
	after := l.taken().plus(a)
	left := limit.minus(after)
	if left.Money < 0 || left.Reads < 0 {
		settled := limit.minus(l.Spent.plus(a))
		if settled.Money >= 0 && settled.Reads >= 0 { // what others reserved may come back
			end = earlier(end, now.Add(soonAgain))
		}
		return &Spent{Until: end, Share: share}
	}
	if share == ForLive {
		return nil
	}
	// What is kept for ForLive goes down evenly to nothing at the month's end.
	begin := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	whole, until := end.Sub(begin), end.Sub(now)
	part := min(leftOf(int64(left.Money), int64(limit.Money), c.LivePercent), leftOf(left.Reads, limit.Reads, c.LivePercent))
	if kept := float64(until) / float64(whole); part < kept {
		return &Spent{Until: end.Add(-time.Duration(part * float64(whole))), Share: share}
	}
	return nil
}

// leftOf says which part of what is kept for ForLive at the month's beginning is
// still there: 1 is all of it, or more.
func leftOf(left, limit int64, percent int) float64 {
	if limit == 0 || percent == 0 {
		return 1
	}
	return float64(left) / (float64(limit) * float64(percent) / 100)
}

// limit is what may be spent in the month: X's own cap may be lower than ours.
func (c BudgetConfig) limit(l *ledger) amount {
	limit := amount{c.MoneyPerMonth.amount(), c.ReadsPerMonth}
	if l.Counted.Cap > 0 {
		limit.Reads = min(limit.Reads, l.Counted.Cap)
	}
	return limit
}

// Spending is how the budget stands, for `status` and metrics.
type Spending struct {
	// Month is like 2026-11, in UTC.
	Month string `json:"month"`
	// Money and Reads are what was spent, with what is reserved now; MoneyLimit and
	// ReadsLimit what may be. Money is in millionths of a US dollar.
	Money      Money `json:"money"`
	MoneyLimit Money `json:"money_limit"`
	Reads      int64 `json:"reads"`
	ReadsLimit int64 `json:"reads_limit"`
	// ByMonth is what the month will have cost if it goes on as it went so far, ByDay
	// if it goes on as in the last 24 hours.
	ByMonth Money `json:"by_month"`
	ByDay   Money `json:"by_day"`
	// SpentAt is when the money or the reads end if it goes on as in the last 24
	// hours; zero if that is not within the month.
	SpentAt time.Time `json:"spent_at,omitzero"`
}

// Spending says how the budget stands. It asks nobody: it is as of the last
// reservation of this process.
func (m *Meter) Spending() Spending {
	m.mu.Lock()
	l, now := m.last, m.clock()
	m.mu.Unlock()
	l.turn(now)
	return m.cfg.spending(&l, now)
}

func (c BudgetConfig) spending(l *ledger, now time.Time) Spending {
	taken, limit, end := l.taken(), c.limit(l), nextMonth(now)
	s := Spending{
		Month: time.Date(l.Month/100, time.Month(l.Month%100), 1, 0, 0, 0, 0, time.UTC).Format("2006-01"),
		Money: taken.Money, MoneyLimit: limit.Money, Reads: taken.Reads, ReadsLimit: limit.Reads,
	}
	since := time.UnixMilli(l.Since)
	left, ago := end.Sub(now), max(now.Sub(since), time.Hour)
	s.ByMonth = taken.Money + atRate(taken.Money, ago, left)
	day := l.lastDay(now)
	over := min(ago, 24*time.Hour)
	s.ByDay = taken.Money + atRate(day.Money, over, left)
	ends := min(lasts(int64(limit.Money-taken.Money), int64(day.Money), over), lasts(limit.Reads-taken.Reads, day.Reads, over))
	if ends < left {
		s.SpentAt = now.Add(ends).UTC().Truncate(time.Second)
	}
	return s
}

// lastDay is what was settled in the last 24 hours; an hour that is only partly
// within them counts.
func (l *ledger) lastDay(now time.Time) (sum amount) {
	for _, h := range l.Hours {
		if h.No >= now.Unix()/3600-24 {
			sum = sum.plus(h.amount)
		}
	}
	return sum
}

// atRate is what is spent in a time at the rate of another.
func atRate(spent Money, in, over time.Duration) Money {
	return Money(float64(spent) * (float64(over) / float64(in)))
}

// forever is longer than any month.
const forever = 1000 * time.Hour

// lasts is how long something lasts at the rate of spent in a time.
func lasts(left, spent int64, in time.Duration) time.Duration {
	switch {
	case left <= 0:
		return 0
	case spent <= 0, float64(left)/float64(spent)*float64(in) > float64(forever):
		return forever
	}
	return time.Duration(float64(left) / float64(spent) * float64(in))
}
