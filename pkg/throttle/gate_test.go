package throttle_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/throttle"
)

const account = "collector-telegram.account-1"

// shelf is a bucket in memory: a real one cannot be had in a bubble of time that
// does not pass. What a real one does is tested in kept_test.go.
type shelf struct {
	mu       sync.Mutex
	value    []byte
	revision uint64
	stores   int
	away     bool          // writes fail
	slow     time.Duration // how long a write takes
	lost     int           // how many writes are done and not answered
	late     time.Duration // what is given up while it is written is done that much later
}

var errAway = errors.New("nobody there")

func (s *shelf) Load(context.Context, string) ([]byte, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revision == 0 {
		return nil, 0, bus.ErrAbsent
	}
	return s.value, s.revision, nil
}

func (s *shelf) Store(ctx context.Context, _ string, value []byte, revision uint64) (uint64, error) {
	s.mu.Lock()
	slow, away, late := s.slow, s.away, s.late
	s.mu.Unlock()
	if away {
		return 0, errAway
	}
	select {
	case <-time.After(slow):
	case <-ctx.Done():
		if late > 0 {
			time.AfterFunc(late, func() { _, _ = s.write(value, revision) })
		}
		return 0, ctx.Err()
	}
	return s.write(value, revision)
}

func (s *shelf) write(value []byte, revision uint64) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if revision != s.revision {
		return 0, bus.ErrConflict
	}
	s.revision++
	s.stores++
	s.value = value
	if s.lost > 0 {
		s.lost--
		return 0, errAway
	}
	return s.revision, nil
}

func (s *shelf) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func noJitter(time.Duration) time.Duration { return 0 }

func config(b throttle.Bucket, rules map[string]throttle.Rule) throttle.Config {
	return throttle.Config{
		Bucket: b, Key: account, Rules: rules, Default: throttle.Rule{Every: time.Second, Burst: 1}, Jitter: noJitter,
	}
}

func open(t *testing.T, cfg throttle.Config) *throttle.Gate {
	t.Helper()
	g, err := throttle.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// calls makes n calls and says how long after now each could be made.
func calls(t *testing.T, g *throttle.Gate, method string, n int) []time.Duration {
	t.Helper()
	start := time.Now()
	at := make([]time.Duration, n)
	for i := range at {
		if err := g.Wait(t.Context(), method); err != nil {
			t.Fatal(err)
		}
		at[i] = time.Since(start)
	}
	return at
}

func seconds(s ...float64) []time.Duration {
	out := make([]time.Duration, len(s))
	for i, v := range s {
		out[i] = time.Duration(v * float64(time.Second))
	}
	return out
}

func TestAMethodStartsEmptyAndSavesUpABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, config(&shelf{}, map[string]throttle.Rule{"messages.getHistory": {Every: time.Second, Burst: 3}}))
		if diff := cmp.Diff(seconds(1, 2), calls(t, g, "messages.getHistory", 2)); diff != "" {
			t.Error(diff)
		}
		time.Sleep(time.Hour)
		if diff := cmp.Diff(seconds(0, 0, 0, 1, 2), calls(t, g, "messages.getHistory", 5)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAKeptMethodGoesOnWhereTheProcessBeforeItStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		cfg := config(b, map[string]throttle.Rule{"contacts.resolveUsername": {Every: 30 * time.Second, Burst: 2}})
		if diff := cmp.Diff(seconds(30, 60), calls(t, open(t, cfg), "contacts.resolveUsername", 2)); diff != "" {
			t.Error(diff)
		}
		time.Sleep(20 * time.Second)
		if diff := cmp.Diff(seconds(10, 40), calls(t, open(t, cfg), "contacts.resolveUsername", 2)); diff != "" {
			t.Error(diff)
		}
		time.Sleep(time.Hour)
		// Of what was saved up, one turn is left.
		if diff := cmp.Diff(seconds(0, 30), calls(t, open(t, cfg), "contacts.resolveUsername", 2)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestACrashLoopShorterThanTheRuleStarvesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(&shelf{}, nil)
		cfg.Default = throttle.Rule{Every: time.Minute, Burst: 2}
		given := 0
		for range 100 {
			g := open(t, cfg)
			ctx, kill := context.WithTimeout(t.Context(), 5999*time.Millisecond) // never just when a turn is due
			if g.Wait(ctx, "messages.getDialogs") == nil {
				given++
			}
			<-ctx.Done()
			kill()
		}
		if given < 7 || given > 10 { // each restart after a turn costs up to 5 s
			t.Errorf("%d calls in ten minutes of a crash loop, want 7 to 10", given)
		}
	})
}

func TestAHoldHoldsBackWhoeverWaitsAndNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, config(&shelf{}, nil))
		start := time.Now()
		var queue sync.WaitGroup
		at := make([]time.Duration, 2)
		for i := range at {
			queue.Go(func() {
				if err := g.Wait(t.Context(), "a"); err != nil {
					t.Error(err)
				}
				at[i] = time.Since(start)
			})
			synctest.Wait()
		}
		if err := g.Hold(t.Context(), "a", 812*time.Second); err != nil {
			t.Fatal(err)
		}
		if err := g.Hold(t.Context(), "a", 3*time.Second); err != nil {
			t.Fatal(err)
		}
		want := []throttle.Wait{{Method: "a", Until: start.Add(812 * time.Second), Reason: throttle.Flood, Waiting: 2}}
		if diff := cmp.Diff(want, g.Waits()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(seconds(1, 2), calls(t, g, "b", 2)); diff != "" {
			t.Error(diff)
		}
		queue.Wait()
		if diff := cmp.Diff(seconds(812, 812+1), at); diff != "" {
			t.Error(diff)
		}
		if waits := g.Waits(); waits != nil {
			t.Errorf("still waits: %v", waits)
		}
	})
}

func TestAHoldOutlivesItsProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		cfg := config(b, nil)
		if err := open(t, cfg).Hold(t.Context(), "a", time.Hour); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		waits, err := throttle.ReadWaits(t.Context(), b, account)
		if err != nil || len(waits) != 1 || waits[0].Reason != throttle.Flood || time.Until(waits[0].Until) != 50*time.Minute {
			t.Errorf("waits that status shows: %v, %v", waits, err)
		}
		if diff := cmp.Diff(seconds(50*60, 50*60+1), calls(t, open(t, cfg), "a", 2)); diff != "" {
			t.Error(diff)
		}
		if waits, err := throttle.ReadWaits(t.Context(), b, account); len(waits) != 0 || err != nil {
			t.Errorf("a hold that is over is shown: %v, %v", waits, err)
		}
	})
}

func TestTheDayRolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		cfg := config(b, map[string]throttle.Rule{"a": {Every: time.Hour, Burst: 3, PerDay: 3}})
		if diff := cmp.Diff(seconds(3600, 2*3600, 3*3600), calls(t, open(t, cfg), "a", 3)); diff != "" {
			t.Error(diff)
		}
		g := open(t, cfg)
		want := []throttle.Wait{{Method: "a", Until: time.Now().Add(22 * time.Hour), Reason: throttle.Day}}
		if diff := cmp.Diff(want, g.Waits()); diff != "" {
			t.Error(diff)
		}
		if kept, err := throttle.ReadWaits(t.Context(), b, account); err != nil || !cmp.Equal(want, kept) {
			t.Errorf("status shows %v, %v", kept, err)
		}
		got := calls(t, g, "a", 3)
		if diff := cmp.Diff(seconds(22*3600, 23*3600, 24*3600), got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAWallClockThatWasSetBackMakesNoWaitLonger(t *testing.T) {
	// The bubble's clock starts in the year 2000, and what is kept is of 2090.
	const kept = `{"writer":"X","methods":{
		"held":{"until":"2090-01-01T00:00:00Z","held_ns":60000000000},
		"slow":{"next":"2090-01-01T00:00:00Z"},
		"daily":{"next":"2090-01-01T00:00:00Z","per_day":1,"spent":[{"last":"2090-01-01T00:00:00Z","turns":1}]}}}`
	rules := map[string]throttle.Rule{
		"slow": {Every: 10 * time.Second, Burst: 1}, "daily": {Every: time.Second, Burst: 1, PerDay: 1},
	}
	for method, want := range map[string]float64{"held": 60, "slow": 10, "daily": 24 * 3600} {
		synctest.Test(t, func(t *testing.T) {
			g := open(t, config(&shelf{value: []byte(kept), revision: 1}, rules))
			if diff := cmp.Diff(seconds(want), calls(t, g, method, 1)); diff != "" {
				t.Errorf("%s: %s", method, diff)
			}
		})
	}
}

func TestWhoeverGivesUpLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, config(&shelf{}, nil))
		if err := g.Hold(t.Context(), "a", time.Hour); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var queue sync.WaitGroup
		for range 3 {
			queue.Go(func() {
				if err := g.Wait(ctx, "a"); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if waits := g.Waits(); len(waits) != 1 || waits[0].Waiting != 3 {
			t.Errorf("waits are %v, want 3 waiting", waits)
		}
		cancel()
		queue.Wait()
		if waits := g.Waits(); len(waits) != 1 || waits[0].Waiting != 0 {
			t.Errorf("waits are %v, want nobody waiting", waits)
		}
		time.Sleep(time.Hour)
		if err := g.Wait(ctx, "a"); !errors.Is(err, context.Canceled) {
			t.Errorf("a turn for one who is gone: %v", err)
		}
		if diff := cmp.Diff(seconds(0, 1), calls(t, g, "a", 2)); diff != "" {
			t.Errorf("those who gave up have used turns: %s", diff)
		}
	})
}

func TestALongWaitIsLoggedOnceAsItBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines lineBuffer
		cfg := config(&shelf{}, nil)
		cfg.Log = slog.New(privacy.NewLogHandler(slog.NewTextHandler(&lines, &slog.HandlerOptions{
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			},
		})))
		g := open(t, cfg)
		calls(t, g, "contacts.resolveUsername", 1)
		if err := g.Hold(t.Context(), "contacts.resolveUsername", 812*time.Second); err != nil {
			t.Fatal(err)
		}
		calls(t, g, "contacts.resolveUsername", 2)
		want := `level=INFO msg="a method waits for its turn" method=contacts.resolveUsername wait=13m32s reason=flood` + "\n"
		if diff := cmp.Diff(want, string(lines)); diff != "" {
			t.Error(diff)
		}
	})
}

type lineBuffer []byte

func (b *lineBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

func TestBadRulesAreRefusedTogether(t *testing.T) {
	_, err := throttle.Open(t.Context(), throttle.Config{
		Default: throttle.Rule{Every: time.Second}, Rules: map[string]throttle.Rule{"a": {Every: 25 * time.Hour, Burst: 1, PerDay: -1}},
	})
	const want = `open budget: bucket and key must be given
rule of all other methods: burst must be 1 to 1000
rule of a: every must be over 0 and at most 24h
rule of a: per day must not be negative`
	if err == nil || err.Error() != want {
		t.Errorf("error is\n%v\nwant\n%s", err, want)
	}
	synctest.Test(t, func(t *testing.T) {
		_, err := throttle.Open(t.Context(), config(&shelf{value: []byte("{}"), revision: 1}, nil))
		if !errors.Is(err, throttle.ErrUnreadable) {
			t.Errorf("error is %v, want ErrUnreadable", err)
		}
	})
}
