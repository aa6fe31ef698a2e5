package throttle_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/throttle"
)

func TestWhileNATSIsAwayNoKeptTurnIsGivenAndNoFastOneIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		g := open(t, config(b, map[string]throttle.Rule{"slow": {Every: 10 * time.Second, Burst: 1}}))
		b.set(func() { b.away = true })
		time.Sleep(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var slow sync.WaitGroup
		slow.Go(func() {
			if err := g.Wait(ctx, "slow"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("slow turn while it cannot be kept: %v", err)
			}
		})
		if err := g.Hold(ctx, "held", time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("hold that cannot be kept: %v", err)
		}
		slow.Wait()
		if diff := cmp.Diff(seconds(0, 1, 2), calls(t, g, "fast", 3)); diff != "" {
			t.Error(diff)
		}
		if waits := g.Waits(); len(waits) != 1 || waits[0].Method != "held" {
			t.Errorf("a hold that is not kept does not count: %v", waits)
		}
		b.set(func() { b.away = false })
		calls(t, g, "slow", 1)
		if waits, err := throttle.ReadWaits(t.Context(), b, account); len(waits) != 1 || err != nil {
			t.Errorf("the next write does not keep the hold: %v, %v", waits, err)
		}
	})
}

func TestAHoldThatComesWhileATurnIsWrittenDownCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		g := open(t, config(b, map[string]throttle.Rule{"slow": {Every: 10 * time.Second, Burst: 1}}))
		b.set(func() { b.slow = 3 * time.Second })
		start := time.Now()
		go func() {
			time.Sleep(11 * time.Second)
			if err := g.Hold(t.Context(), "slow", 100*time.Second); err != nil {
				t.Error(err)
			}
		}()
		calls(t, g, "slow", 1)
		if got, want := time.Since(start), 114*time.Second; got != want {
			t.Errorf("called after %v, want %v", got, want)
		}
	})
}

func TestALostAnswerIsNoOtherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		g := open(t, config(b, nil))
		b.set(func() { b.lost = 2 })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := g.Hold(ctx, "a", time.Hour); err != nil {
			t.Fatal(err)
		}
		if waits, err := throttle.ReadWaits(t.Context(), b, account); len(waits) != 1 || err != nil {
			t.Errorf("waits are %v, %v", waits, err)
		}
	})
}

// stalled writes once long after the answer was due.
type stalled struct {
	*shelf
	once sync.Once
}

func (s *stalled) Store(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	s.once.Do(func() { time.Sleep(time.Minute) })
	return s.shelf.Store(context.WithoutCancel(ctx), key, value, revision)
}

func TestATurnThatWasLongInWritingIsWrittenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		cfg := config(b, map[string]throttle.Rule{"slow": {Every: 10 * time.Second, Burst: 1}})
		open(t, cfg) // so that the rule stands there already
		cfg.Bucket = &stalled{shelf: b}
		g := open(t, cfg)
		cfg.Bucket.(*stalled).once = sync.Once{}
		time.Sleep(10 * time.Second)
		before := b.stores
		if diff := cmp.Diff(seconds(60), calls(t, g, "slow", 1)); diff != "" {
			t.Error(diff)
		}
		if n := b.stores - before; n != 2 {
			t.Errorf("%d writes, want 2", n)
		}
	})
}

func TestTheGateThatWasOpenedBeforeGivesNoTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &shelf{}
		cfg := config(b, map[string]throttle.Rule{"slow": {Every: 10 * time.Second, Burst: 1}})
		zombie := open(t, cfg)
		open(t, cfg)
		var waits sync.WaitGroup
		waits.Go(func() {
			if err := zombie.Hold(t.Context(), "held", time.Second); !errors.Is(err, throttle.ErrTaken) {
				t.Errorf("hold: %v, want ErrTaken", err)
			}
		})
		waits.Go(func() {
			if err := zombie.Wait(t.Context(), "slow"); !errors.Is(err, throttle.ErrTaken) {
				t.Errorf("slow: %v, want ErrTaken", err)
			}
		})
		waits.Wait()
		if err := zombie.Wait(t.Context(), "fast"); !errors.Is(err, throttle.ErrTaken) {
			t.Errorf("fast: %v, want ErrTaken", err)
		}
	})
}
