package twitter

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// bill is what X charges, counted the plain way: every request that was made, in the
// month in which it was made.
type bill struct {
	reads map[int]int64
	// doubt is what the meter may count beyond that, in any month: what it reserved and
	// was not told the end of.
	doubt int64
}

// A process is killed anywhere around its requests, writes are refused or their
// answers lost, months end in between: the meter never counts less than X does, nor
// more than what it was not told, and X never charges more than the cap.
func TestMeterAgainstABill(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b, c := &shelfOfMoney{}, &calendar{}
		c.set("2026-11-29 00:00")
		cfg := tenDollars()
		cfg.ReadsPerMonth = 400
		x := bill{reads: map[int]int64{}}
		m := openMeter(t, b, cfg, c)
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			c.now = c.now.Add(time.Duration(rapid.IntRange(0, 6*3600).Draw(rt, "seconds")) * time.Second)
			most := rapid.Int64Range(1, 100).Draw(rt, "most")
			broken(rt, b)
			h, err := m.Reserve(t.Context(), ForLive, Cost{Posts: most})
			month := monthOf(c.now)
			switch {
			case errors.Is(err, ErrSpent):
				if x.reads[month]+x.doubt+most <= cfg.ReadsPerMonth {
					rt.Fatalf("refused %d reads with %d charged and %d in doubt", most, x.reads[month], x.doubt)
				}
			case err != nil:
				x.doubt += most
			default:
				x.request(rt, t, b, h, month, most)
			}
			b.breaks(false, false)
			if rapid.IntRange(0, 3).Draw(rt, "killed") == 0 {
				m = openMeter(t, b, cfg, c)
			}
			l, err := readLedger(b.value, c.now)
			if got := l.taken().Reads; err != nil || got < x.reads[month] || got > x.reads[month]+x.doubt {
				rt.Fatalf("the meter has %d reads, X %d, in doubt are %d: %v", got, x.reads[month], x.doubt, err)
			}
			if x.reads[month] > cfg.ReadsPerMonth {
				rt.Fatalf("X charges %d reads, the cap is %d", x.reads[month], cfg.ReadsPerMonth)
			}
		}
	})
}

func broken(rt *rapid.T, b *shelfOfMoney) {
	b.breaks(rapid.IntRange(0, 5).Draw(rt, "away") == 0, rapid.IntRange(0, 5).Draw(rt, "lost") == 0)
}

// request makes what was reserved, unless the process is killed before, and settles
// it, unless it is killed then.
func (x *bill) request(rt *rapid.T, t *testing.T, b *shelfOfMoney, h *Hold, month int, most int64) {
	actual := rapid.Int64Range(0, most).Draw(rt, "actual")
	switch rapid.SampledFrom([]string{"made", "made", "killed before", "killed after"}).Draw(rt, "end") {
	case "killed before":
		x.doubt += most
	case "killed after":
		x.reads[month] += actual
		x.doubt += most
	default:
		x.reads[month] += actual
		broken(rt, b)
		if h.Settle(t.Context(), Cost{Posts: actual}) != nil {
			x.doubt += most
		}
	}
}
