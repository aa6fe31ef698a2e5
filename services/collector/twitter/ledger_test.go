package twitter

import (
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"testing"
	"time"
)

func TestWhatXHasCountedIsTakenWhereItIsMore(t *testing.T) {
	b, c := &shelfOfMoney{}, &calendar{}
	c.set("2026-11-10 12:00")
	m := openMeter(t, b, tenDollars(), c)
	check := func(used, limit int64, resetDay int, want int64) {
		t.Helper()
		if err := m.Check(t.Context(), used, limit, resetDay); err != nil {
			t.Fatal(err)
		}
		if got := spentOf(t, m); got.Reads != want || got.Money != Money(want)*5000 {
			t.Errorf("%d reads, %s, want %d", got.Reads, got.Money, want)
		}
	}
	check(50, 0, 1, 50) // somebody else read with the same app
	settle(t, reserve(t, m, ForLive, Cost{Posts: 100}), Cost{Posts: 100})
	check(120, 0, 1, 150) // X is behind
	check(150, 0, 1, 150)
	check(160, 0, 1, 160)
	check(3, 0, 1, 163) // X's month began anew
	c.set("2026-12-02 12:00")
	check(10, 0, 1, 7)
	check(10, 8, 1, 7)
	refused(t, m, ForLive, Cost{Posts: 2})
	reserve(t, m, ForLive, Cost{Posts: 1})
	for _, used := range []int64{-1, math.MaxInt64} {
		if err := m.Check(t.Context(), used, 0, 0); err == nil {
			t.Errorf("took %d", used)
		}
	}
	if err := m.Check(t.Context(), mostReads, math.MaxInt64, 1); err != nil {
		t.Error(err)
	}
	refused(t, m, ForLive, Cost{Users: 1})
	openMeter(t, b, tenDollars(), c)
}

func TestXsMonthThatBeganBeforeOursSaysNothingAtFirst(t *testing.T) {
	c := &calendar{}
	c.set("2026-11-10 12:00")
	m := openMeter(t, &shelfOfMoney{}, tenDollars(), c)
	for used, want := range map[int64]int64{5000: 0} {
		if err := m.Check(t.Context(), used, 0, 20); err != nil || spentOf(t, m).Reads != want {
			t.Errorf("%+v, %v", spentOf(t, m), err)
		}
	}
	if err := m.Check(t.Context(), 5040, 0, 20); err != nil || spentOf(t, m).Reads != 40 {
		t.Errorf("%+v, %v", spentOf(t, m), err)
	}
}

func TestBudgetsHoldNumbersAloneAndNothingElseIsTaken(t *testing.T) {
	b, c := &shelfOfMoney{}, &calendar{}
	c.set("2026-11-10 12:00")
	m := openMeter(t, b, tenDollars(), c)
	settle(t, reserve(t, m, ForLive, Cost{Posts: 1}), Cost{Posts: 1})
	reserve(t, m, ForLive, Cost{Posts: 1})
	if text := regexp.MustCompile(`:\s*"`).FindString(string(b.value)); text != "" {
		t.Errorf("text in BUDGETS: %s", b.value)
	}
	for _, bad := range []string{"", "{}", "[]", `{"month":7}`, `{"month":202611,"spent":{"money":-1}}`, `{"month":202611,"open":[{"id":1,"reads":-5}]}`, `{"month":202611,"hours":[{"no":1,"money":9223372036854775807}]}`, `{"month":"x"}`} {
		if _, err := OpenMeter(t.Context(), &shelfOfMoney{value: []byte(bad)}, "spent", tenDollars(), c.Now); !errors.Is(err, errLedger) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Whatever stands in BUDGETS, it is refused, or it is a ledger that can be worked with
// and comes back as it was.
func FuzzLedger(f *testing.F) {
	f.Add([]byte(`{"month":202611,"since":1,"spent":{"money":5,"reads":1},"open":[{"id":7,"money":1}],"hours":[{"no":1,"reads":1}],"counted":{"used":1,"asked":true}}`))
	now := time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)
	cfg := tenDollars()
	f.Fuzz(func(t *testing.T, value []byte) {
		l, err := readLedger(value, now)
		if err != nil {
			return
		}
		before := l.taken()
		cfg.spending(&l, now)
		again, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		back, err := readLedger(again, now)
		if err != nil || back.taken() != before || before.Money < 0 || before.Reads < 0 {
			t.Errorf("%+v comes back as %+v: %v", before, back.taken(), err)
		}
		l.settleAll(now)
		if l.taken() != before || len(l.Open) != 0 {
			t.Errorf("%+v is settled as %+v", before, l.taken())
		}
	})
}
