package twitter

import (
	"errors"
	"testing"
)

func TestAPurseReservesAheadAndIsNeverWithoutWhatAMessageMayCost(t *testing.T) {
	b, c := &shelfOfMoney{}, &calendar{}
	c.set("2026-11-10 12:00")
	m := openMeter(t, b, tenDollars(), c)
	p := m.Purse(ForLive, Cost{Posts: 100, Users: 10}, Cost{Posts: 10, Users: 1}, Cost{Posts: 50})
	read := int64(0)
	for ; ; read += 9 {
		if err := p.Ready(t.Context()); errors.Is(err, ErrSpent) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if l := kept(t, b); l.taken().Reads < read+10+50 {
			t.Fatalf("%d reads are kept with %d read", l.taken().Reads, read)
		}
		p.Spend(Cost{Posts: 9})
	}
	p.Left(t.Context(), Cost{})
	p.Close(t.Context())
	if got := spentOf(t, m).Reads; got != read || read < 1700 {
		t.Errorf("%d reads, want %d, nearly 2000", got, read)
	}
}

func TestWhatIsKeptBackIsSpentUnlessSomebodySaysWhatWasNotRead(t *testing.T) {
	for name, tc := range map[string]struct {
		leave func(*Purse)
		want  int64
	}{
		"nobody says it":       {func(*Purse) {}, 57},
		"all was read":         {func(p *Purse) { p.Left(t.Context(), Cost{}) }, 7},
		"some was not":         {func(p *Purse) { p.Left(t.Context(), Cost{Posts: 3}) }, 10},
		"it is said twice":     {func(p *Purse) { p.Left(t.Context(), Cost{Posts: 3}); p.Left(t.Context(), Cost{Posts: 50}) }, 10},
		"it was opened again":  {func(p *Purse) { p.Left(t.Context(), Cost{Posts: 3}); ready(t, p) }, 60},
		"it was closed before": {func(p *Purse) { p.Close(t.Context()) }, 57},
	} {
		t.Run(name, func(t *testing.T) {
			b, c := &shelfOfMoney{}, &calendar{}
			c.set("2026-11-10 12:00")
			m := openMeter(t, b, tenDollars(), c)
			p := m.Purse(ForLive, Cost{Posts: 100}, Cost{Posts: 10}, Cost{Posts: 50})
			ready(t, p)
			p.Spend(Cost{Posts: 7})
			tc.leave(p)
			p.Close(t.Context())
			if got := spentOf(t, m).Reads; got != tc.want {
				t.Errorf("%d reads are spent, want %d", got, tc.want)
			}
		})
	}
}

func ready(t *testing.T, p *Purse) {
	t.Helper()
	if err := p.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}
