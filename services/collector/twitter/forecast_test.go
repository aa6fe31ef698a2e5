package twitter

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestForecast(t *testing.T) {
	b, c := &shelfOfMoney{}, &calendar{}
	c.set("2026-11-01 00:00")
	m := openMeter(t, b, tenDollars(), c)
	c.set("2026-11-04 00:30")
	settle(t, reserve(t, m, ForLive, Cost{Posts: 100}), Cost{Posts: 100})
	c.set("2026-11-11 00:00") // a third of the month
	settle(t, reserve(t, m, ForLive, Cost{Posts: 500}), Cost{Posts: 500})
	want := Spending{
		Month: "2026-11", Money: 3 * dollar, MoneyLimit: 10 * dollar, Reads: 600, ReadsLimit: 10_000,
		ByMonth: 9 * dollar, ByDay: 53 * dollar, SpentAt: time.Date(2026, 11, 13, 19, 12, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, m.Spending()); diff != "" {
		t.Error(diff)
	}
	c.set("2026-12-15 00:00")
	want = Spending{Month: "2026-12", MoneyLimit: 10 * dollar, ReadsLimit: 10_000}
	if diff := cmp.Diff(want, m.Spending()); diff != "" {
		t.Error(diff)
	}
}
