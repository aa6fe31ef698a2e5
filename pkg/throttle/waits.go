package throttle

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Wait is one method that is held back.
type Wait struct {
	Method string
	// Until is when its next call may be.
	Until  time.Time
	Reason Reason
	// Waiting is how many calls of this process wait for it.
	Waiting int
}

// Waits lists the methods that are held back for more than a second, by name: by
// the platform or by their day also if nobody waits, by their rate only if
// somebody does.
func (g *Gate) Waits() []Wait {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	var waits []Wait
	for name, m := range g.methods {
		at, why := m.ready(now)
		if at.Sub(now) > time.Second && (why != Rate || m.waiting > 0) {
			waits = append(waits, Wait{Method: name, Until: at, Reason: why, Waiting: m.waiting})
		}
	}
	sortWaits(waits)
	return waits
}

// ReadWaits reads from BUDGETS what an account waits for, for a process that
// does not hold its gate: holds and caps by day that have more than a second
// left, by method. Who waits there, and for a rate, only the gate itself knows.
func ReadWaits(ctx context.Context, bucket Bucket, key string) ([]Wait, error) {
	kept, _, err := loadBudget(ctx, bucket, key)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	var waits []Wait
	for name, k := range kept.Methods {
		m := newMethod(name, Rule{PerDay: k.PerDay, Burst: 1}, now)
		m.restore(now, k)
		if at, why := m.ready(now); why != Rate && at.Sub(now) > time.Second {
			waits = append(waits, Wait{Method: name, Until: at, Reason: why})
		}
	}
	sortWaits(waits)
	return waits, nil
}

func sortWaits(waits []Wait) {
	slices.SortFunc(waits, func(a, b Wait) int { return strings.Compare(a.Method, b.Method) })
}
