package twitter

import (
	"errors"
	"testing"
)

func TestAPurseReservesAheadAndIsNeverWithoutWhatAMessageMayCost(t *testing.T) {
	b, c := &shelfOfMoney{}, &calendar{}
	c.set("2026-11-10 12:00")
	m := openMeter(t, b, tenDollars(), c)
	p := m.Purse(ForLive, Cost{Posts: 100, Users: 10}, Cost{Posts: 10, Users: 1})
	read := int64(0)
	for ; ; read += 9 {
		if err := p.Ready(t.Context()); errors.Is(err, ErrSpent) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if l := kept(t, b); l.taken().Reads < read+10 {
			t.Fatalf("%d reads are kept with %d read", l.taken().Reads, read)
		}
		p.Spend(Cost{Posts: 9})
	}
	p.Close(t.Context())
	if got := spentOf(t, m).Reads; got != read || read < 1700 {
		t.Errorf("%d reads, want %d, nearly 2000", got, read)
	}
}
