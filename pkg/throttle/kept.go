package throttle

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

const (
	// storeWait is how long one write waits for its answer, and by how much a
	// turn that is written down is dated ahead: it is given within that time or
	// written again.
	storeWait = 5 * time.Second
	// firstPause and longestPause are between two tries while NATS is away.
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
	// openTries bounds how often Open begins anew because a write of the process
	// before it came late.
	openTries = 8
)

var (
	// ErrTaken says that another process has opened the same budget since. This
	// gate gives no more turns: two processes together would be too fast.
	ErrTaken = errors.New("keep budget: another process has opened it; only one may use an account")
	// ErrUnreadable says that what stands in BUDGETS is not a budget.
	ErrUnreadable = errors.New("read budget: what is kept in BUDGETS is not readable; " +
		"delete its key once no wait of the platform can be left")
)

// Bucket is where waits are kept. A *bus.Bucket is one.
type Bucket interface {
	Load(ctx context.Context, key string) (value []byte, revision uint64, err error)
	Store(ctx context.Context, key string, value []byte, revision uint64) (uint64, error)
}

// budget is what is kept of one account, by wall clock, in UTC.
type budget struct {
	// Writer is the gate that wrote it, by which it knows its own writes again.
	Writer  string                `json:"writer"`
	Methods map[string]keptMethod `json:"methods"`
}

type keptMethod struct {
	Next   time.Time     `json:"next,omitzero"`
	Until  time.Time     `json:"until,omitzero"`
	Held   time.Duration `json:"held_ns,omitempty"`
	PerDay int           `json:"per_day,omitempty"`
	Spent  []keptSpent   `json:"spent,omitempty"`
}

type keptSpent struct {
	Last  time.Time `json:"last"`
	Turns int       `json:"turns"`
}

func newWriter() string { return rand.Text() }

// loadBudget reads what is kept; an empty budget if there is nothing.
func loadBudget(ctx context.Context, bucket Bucket, key string) (b budget, revision uint64, err error) {
	value, revision, err := bucket.Load(ctx, key)
	if errors.Is(err, bus.ErrAbsent) {
		return budget{}, 0, nil
	}
	if err != nil {
		return budget{}, 0, fmt.Errorf("read budget: %w", err)
	}
	if json.Unmarshal(value, &b) != nil || b.Writer == "" {
		return budget{}, 0, ErrUnreadable
	}
	return b, revision, nil
}

// keep writes a method down as it may be at any time until storeWait from now.
func (m *method) keep(now time.Time) keptMethod {
	c := *m
	if m.pending {
		c.spent = slices.Clone(m.spent)
		c.take(now.Add(storeWait))
	}
	k := keptMethod{PerDay: c.rule.PerDay}
	if c.rule.kept() {
		k.Next = wall(now, c.next)
	}
	if c.until.After(now) {
		k.Until, k.Held = wall(now, c.until), c.held
	}
	for _, s := range c.spent {
		if s.last.Add(day).After(now) {
			k.Spent = append(k.Spent, keptSpent{wall(now, s.last), s.turns})
		}
	}
	return k
}

// wall tells a monotonic time by the wall clock as it is now.
func wall(now, t time.Time) time.Time { return now.Round(0).Add(t.Sub(now)).UTC() }

// restore is the way back. No time is taken to be further ahead than it can be,
// should the wall clock have been set back.
func (m *method) restore(now time.Time, k keptMethod) {
	if m.rule.kept() && !k.Next.IsZero() {
		// Whatever was saved up, one turn is left of it.
		ahead := min(max(k.Next.Sub(now), m.rule.saved()), m.rule.saved()+m.rule.Every)
		m.next, m.noted = now.Add(ahead), true
	}
	if ahead := min(k.Until.Sub(now), k.Held); ahead > 0 {
		m.until, m.held = now.Add(ahead), k.Held
	}
	if m.rule.PerDay == 0 {
		return
	}
	for _, s := range k.Spent {
		m.spent = append(m.spent, spent{now.Add(min(s.Last.Sub(now), 0)), s.Turns})
	}
	slices.SortFunc(m.spent, func(a, b spent) int { return a.last.Compare(b.last) })
}

// write brings everything that counts now into BUDGETS and tries until it is
// there or ctx ends. It returns from when on that was so.
func (g *Gate) write(ctx context.Context) (asOf time.Time, err error) {
	select {
	case g.writing <- struct{}{}:
		defer func() { <-g.writing }()
	case <-ctx.Done():
		return asOf, ctx.Err()
	}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		if asOf, err = g.writeOnce(ctx); err == nil || errors.Is(err, ErrTaken) {
			return asOf, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return asOf, fmt.Errorf("%w; last try: %w", ctx.Err(), err)
		case <-g.taken:
			return asOf, ErrTaken
		}
	}
}

func (g *Gate) writeOnce(ctx context.Context) (asOf time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	asOf, value, err := g.snapshot()
	if err != nil {
		return asOf, err
	}
	revision, err := g.bucket.Store(ctx, g.key, value, g.revision)
	if err == nil {
		g.revision = revision
		return asOf, nil
	}
	if !errors.Is(err, bus.ErrConflict) {
		return asOf, fmt.Errorf("keep budget: %w", err)
	}
	kept, revision, loadErr := loadBudget(ctx, g.bucket, g.key)
	if loadErr != nil {
		return asOf, loadErr
	}
	if revision != 0 && kept.Writer != g.writer {
		g.end()
		return asOf, ErrTaken
	}
	g.revision = revision // a write of our own whose answer was lost, or a bucket made anew
	return asOf, fmt.Errorf("keep budget: %w", err)
}

func (g *Gate) snapshot() (now time.Time, value []byte, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now = time.Now()
	b := budget{Writer: g.writer, Methods: make(map[string]keptMethod)}
	for name, m := range g.methods {
		if k := m.keep(now); m.rule.kept() || !k.Until.IsZero() {
			b.Methods[name] = k
		}
	}
	value, err = json.Marshal(b)
	if err != nil {
		return now, nil, fmt.Errorf("keep budget: %w", err)
	}
	return now, value, nil
}
