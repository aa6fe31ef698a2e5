package twitter

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

var errAway = errors.New("no answer")

// shelfOfMoney is a bucket whose server breaks around writes.
type shelfOfMoney struct {
	mu    sync.Mutex
	value []byte
	// away refuses writes, lost does them and says nothing.
	away, lost bool
}

func (s *shelfOfMoney) Change(_ context.Context, _ string, edit func([]byte) ([]byte, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, err := edit(s.value)
	if err != nil {
		return err
	}
	if s.away {
		return errAway
	}
	s.value = value
	if s.lost {
		return errAway
	}
	return nil
}

func (s *shelfOfMoney) breaks(away, lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away, s.lost = away, lost
}

// calendar is a clock that is set by hand.
type calendar struct {
	mu  sync.Mutex
	now time.Time
}

func (c *calendar) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *calendar) set(text string) {
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

func tenDollars() BudgetConfig {
	b := Defaults().Budget
	b.MoneyPerMonth, b.ReadsPerMonth, b.Prices.Compliance = "10", 10_000, "0.005"
	return b
}

func openMeter(t *testing.T, b ledgerBucket, cfg BudgetConfig, c *calendar) *Meter {
	t.Helper()
	m, err := OpenMeter(t.Context(), b, "spent", cfg, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func reserve(t *testing.T, m *Meter, share Share, cost Cost) *Hold {
	t.Helper()
	h, err := m.Reserve(t.Context(), share, cost)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func settle(t *testing.T, h *Hold, cost Cost) {
	t.Helper()
	if err := h.Settle(t.Context(), cost); err != nil {
		t.Fatal(err)
	}
}

func spentOf(t *testing.T, m *Meter) amount {
	t.Helper()
	s := m.Spending()
	return amount{s.Money, s.Reads}
}

// refused wants a *Spent.
func refused(t *testing.T, m *Meter, share Share, cost Cost) *Spent {
	t.Helper()
	_, err := m.Reserve(t.Context(), share, cost)
	var spent *Spent
	if !errors.As(err, &spent) || !errors.Is(err, ErrSpent) {
		t.Fatalf("error is %v, want ErrSpent", err)
	}
	return spent
}

func TestWhatIsReservedCountsUntilItIsSettled(t *testing.T) {
	b, c := &shelfOfMoney{}, &calendar{}
	c.set("2026-11-10 12:00")
	m := openMeter(t, b, tenDollars(), c)
	h := reserve(t, m, ForLive, Cost{Posts: 100, Users: 10})
	if got, want := spentOf(t, m), (amount{600_000, 100}); got != want {
		t.Errorf("reserved %+v, want %+v", got, want)
	}
	settle(t, h, Cost{Posts: 7, Jobs: 1})
	settle(t, h, Cost{Posts: 900})
	if got, want := spentOf(t, m), (amount{40_000, 7}); got != want {
		t.Errorf("settled %+v, want %+v", got, want)
	}
	if got := openMeter(t, b, tenDollars(), c); spentOf(t, got) != spentOf(t, m) {
		t.Errorf("another process sees %+v", spentOf(t, got))
	}
}

func TestNothingIsGivenBeyondTheCapUntilTheNextMonth(t *testing.T) {
	b, c := &shelfOfMoney{}, &calendar{}
	c.set("2026-11-30 23:59")
	m := openMeter(t, b, tenDollars(), c)
	h := reserve(t, m, ForLive, Cost{Posts: 2000})
	if got := refused(t, m, ForLive, Cost{Posts: 1}).Until.Format(time.RFC3339); got != "2026-12-01T00:00:00Z" {
		t.Errorf("until %s", got)
	}
	settle(t, h, Cost{Posts: 1999})
	settle(t, reserve(t, m, ForLive, Cost{Posts: 1}), Cost{Posts: 1})
	refused(t, m, ForLive, Cost{Jobs: 1})
	c.set("2026-12-01 00:00")
	reserve(t, m, ForLive, Cost{Posts: 2000})
	c.set("2026-11-29 00:00")
	refused(t, m, ForLive, Cost{Posts: 1})
}

func TestWhatOthersReservedIsWaitedForAMoment(t *testing.T) {
	b, c := &shelfOfMoney{}, &calendar{}
	c.set("2026-11-10 12:00")
	m := openMeter(t, b, tenDollars(), c)
	h := reserve(t, m, ForLive, Cost{Posts: 2000})
	if got := refused(t, m, ForLive, Cost{Posts: 1}).Until.UTC().Format(time.RFC3339); got != "2026-11-10T12:01:00Z" {
		t.Errorf("until %s", got)
	}
	settle(t, h, Cost{Posts: 2000})
	if got := refused(t, m, ForLive, Cost{Posts: 1}).Until.UTC().Format(time.RFC3339); got != "2026-12-01T00:00:00Z" {
		t.Errorf("once it is spent, until %s", got)
	}
}

func TestReadsHaveACapOfTheirOwn(t *testing.T) {
	b, c := &shelfOfMoney{}, &calendar{}
	c.set("2026-11-10 12:00")
	cfg := tenDollars()
	cfg.Prices.Post = "0"
	m := openMeter(t, b, cfg, c)
	reserve(t, m, ForLive, Cost{Posts: 10_000})
	refused(t, m, ForLive, Cost{Posts: 1})
	reserve(t, m, ForLive, Cost{Users: 1})
}

func TestWhatIsOpenAtTheMonthsEndCountsInTheNext(t *testing.T) {
	b, c := &shelfOfMoney{}, &calendar{}
	c.set("2026-11-30 23:59")
	m := openMeter(t, b, tenDollars(), c)
	h := reserve(t, m, ForLive, Cost{Posts: 1000})
	c.set("2026-12-01 00:00")
	refused(t, m, ForLive, Cost{Posts: 1001})
	settle(t, h, Cost{Posts: 3})
	if got := spentOf(t, m).Reads; got != 3 {
		t.Errorf("%d reads in the new month, want 3", got)
	}
}

func TestWhatIsForLaterLeavesALiveShareThatGoesDown(t *testing.T) {
	b, c := &shelfOfMoney{}, &calendar{}
	c.set("2026-11-01 00:00")
	m := openMeter(t, b, tenDollars(), c)
	settle(t, reserve(t, m, ForLater, Cost{Posts: 1000}), Cost{Posts: 1000})
	// Of 10 dollars 5 are kept at first, and a tenth of them is free after three days.
	if got := refused(t, m, ForLater, Cost{Posts: 100}); got.Until.Format(time.RFC3339) != "2026-11-04T00:00:00Z" || got.Share != ForLater {
		t.Errorf("got %+v", got)
	}
	c.set("2026-11-04 00:00")
	settle(t, reserve(t, m, ForLater, Cost{Posts: 100}), Cost{Posts: 100})
	refused(t, m, ForLater, Cost{Posts: 1})
	settle(t, reserve(t, m, ForLive, Cost{Posts: 900}), Cost{Posts: 900})
	refused(t, m, ForLive, Cost{Posts: 1})
}

func TestWhatDoesNotGetThroughCountsTooMuchAndIsMended(t *testing.T) {
	for name, lost := range map[string]bool{"away": false, "answers are lost": true} {
		t.Run(name, func(t *testing.T) {
			b, c := &shelfOfMoney{}, &calendar{}
			c.set("2026-11-10 12:00")
			m := openMeter(t, b, tenDollars(), c)
			h := reserve(t, m, ForLive, Cost{Posts: 100})
			b.breaks(!lost, lost)
			if err := h.Settle(t.Context(), Cost{Posts: 1}); !errors.Is(err, errAway) {
				t.Errorf("settled: %v", err)
			}
			if _, err := m.Reserve(t.Context(), ForLive, Cost{Posts: 100}); !errors.Is(err, errAway) || errors.Is(err, ErrSpent) {
				t.Errorf("reserved: %v", err)
			}
			b.breaks(false, false)
			settle(t, reserve(t, m, ForLive, Cost{Posts: 10}), Cost{Posts: 10})
			if got := spentOf(t, m).Reads; got != 11 {
				t.Errorf("%d reads, want 11", got)
			}
		})
	}
}

func kept(t *testing.T, b *shelfOfMoney) (l ledger) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := json.Unmarshal(b.value, &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// Several processes share one budget in a real bucket, and together stay within it.
func TestManyMetersOfOneBudget(t *testing.T) {
	server := bustest.New(t)
	b, err := server.Conn.Bucket(t.Context(), bus.BucketBudgets)
	if err != nil {
		t.Fatal(err)
	}
	c := &calendar{}
	c.set("2026-11-10 12:00")
	var mu sync.Mutex
	var read int64
	var group sync.WaitGroup
	meters := make([]*Meter, 4)
	for i := range meters {
		meters[i] = openMeter(t, b, tenDollars(), c)
	}
	for _, m := range meters {
		group.Go(func() {
			for range 10 {
				h, err := m.Reserve(t.Context(), ForLive, Cost{Posts: 90})
				if errors.Is(err, ErrSpent) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				read += 80
				mu.Unlock()
				if err := h.Settle(t.Context(), Cost{Posts: 80}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := spentOf(t, openMeter(t, b, tenDollars(), c)).Reads; got != read || read > 2000 || read < 1600 {
		t.Errorf("%d reads are counted, %d were made", got, read)
	}
}
