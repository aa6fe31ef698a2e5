package throttle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

// Config says whose calls are held back, and by which rules.
type Config struct {
	// Bucket keeps what must survive: BUDGETS.
	Bucket Bucket
	// Key in the bucket: the collector and a neutral label of the account, for
	// example "collector-telegram.account-1". It stands in clear.
	Key string
	// Rules by method; a method without one follows Default.
	Rules   map[string]Rule
	Default Rule
	// Jitter says what is added to a hold of d, so that many collectors do not
	// come back at once; nil adds up to a tenth, at least up to a second. What is
	// negative counts as nothing.
	Jitter func(d time.Duration) time.Duration
	// Log receives one line for each wait over 5 s; nil is silent.
	Log *slog.Logger
}

// logFrom is the shortest wait that is logged.
const logFrom = 5 * time.Second

func (c Config) validate() error {
	var faults []error
	if c.Bucket == nil || c.Key == "" {
		faults = append(faults, errors.New("bucket and key must be given"))
	}
	faults = append(faults, c.Default.validate("all other methods"))
	for method, rule := range c.Rules {
		faults = append(faults, rule.validate(method))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("open budget: %w", err)
	}
	return nil
}

// Gate lets calls of one account pass one by one. It is safe for concurrent use
// and needs no closing.
type Gate struct {
	bucket Bucket
	key    string
	rules  map[string]Rule
	other  Rule
	jitter func(time.Duration) time.Duration
	log    *slog.Logger
	writer string
	opened time.Time

	writing  chan struct{} // held by whoever writes
	revision uint64        // for whoever writes

	taken chan struct{} // closed when another process took the budget over
	once  sync.Once

	mu      sync.Mutex
	methods map[string]*method
}

// Open takes over the budget of an account, with the waits that an earlier
// process kept. It fails if BUDGETS cannot be read and written.
func Open(ctx context.Context, cfg Config) (*Gate, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	g := &Gate{
		bucket: cfg.Bucket, key: cfg.Key, rules: cfg.Rules, other: cfg.Default, jitter: cfg.Jitter, log: cfg.Log,
		writer: newWriter(), writing: make(chan struct{}, 1), taken: make(chan struct{}),
	}
	if g.jitter == nil {
		g.jitter = func(d time.Duration) time.Duration {
			return rand.N(max(d/10, time.Second)) //nolint:gosec // no secret
		}
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	for range openTries {
		err := g.takeOver(ctx)
		if !errors.Is(err, bus.ErrConflict) {
			if err != nil {
				return nil, err
			}
			return g, nil
		}
	}
	return nil, fmt.Errorf("open budget: %w", bus.ErrConflict)
}

// takeOver reads what is kept and writes it under this gate's name, after which
// no write of an earlier gate can be done any more.
func (g *Gate) takeOver(ctx context.Context) error {
	kept, revision, err := loadBudget(ctx, g.bucket, g.key)
	if err != nil {
		return err
	}
	g.opened, g.revision, g.methods = time.Now(), revision, make(map[string]*method)
	for name := range g.rules {
		g.method(name).noted = true
	}
	for name, k := range kept.Methods {
		m := g.method(name)
		m.restore(g.opened, k)
		m.noted = true
	}
	_, value, err := g.snapshot()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	if g.revision, err = g.bucket.Store(ctx, g.key, value, revision); err != nil {
		return fmt.Errorf("open budget: %w", err)
	}
	return nil
}

// method finds a method's account; the caller holds mu, or is Open.
func (g *Gate) method(name string) *method {
	m := g.methods[name]
	if m == nil {
		rule, ok := g.rules[name]
		if !ok {
			rule = g.other
		}
		m = newMethod(name, rule, g.opened)
		g.methods[name] = m
	}
	return m
}

func (g *Gate) end() { g.once.Do(func() { close(g.taken) }) }

// Wait blocks until the method may be called once, and takes that turn; first
// come, first served. Where the turn must be kept and NATS is away, it waits for
// NATS. Errors: that of ctx, ErrTaken.
func (g *Gate) Wait(ctx context.Context, name string) error {
	g.mu.Lock()
	m := g.method(name)
	m.waiting++
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		m.waiting--
		g.mu.Unlock()
	}()
	// Go serves those who wait on a channel in the order in which they came.
	select {
	case m.head <- struct{}{}:
		defer func() { <-m.head }()
	case <-ctx.Done():
		return ctx.Err()
	case <-g.taken:
		return ErrTaken
	}
	if m.rule.kept() && !m.noted {
		// Or a process that never lives as long as the first wait would begin it
		// anew each time.
		if _, err := g.write(ctx); err != nil {
			return err
		}
		m.noted = true
	}
	var told time.Time
	for {
		if err := g.await(ctx, m, &told); err != nil {
			return err
		}
		if given, err := g.turn(ctx, m); given || err != nil {
			return err
		}
	}
}

// await returns when the method is ready. It logs a wait over 5 s as it begins,
// and again if the platform lengthens it.
func (g *Gate) await(ctx context.Context, m *method, told *time.Time) error {
	for {
		g.mu.Lock()
		now := time.Now()
		at, why := m.ready(now)
		changed := m.changed
		g.mu.Unlock()
		left := at.Sub(now)
		if left <= 0 {
			return nil
		}
		if left > logFrom && at.After(*told) {
			*told = at
			g.log.Info("a method waits for its turn", "method", m.name, "wait", left.Round(time.Second), "reason", why)
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-changed:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-g.taken:
			timer.Stop()
			return ErrTaken
		}
	}
}

// turn takes a turn, written down first where the rule says so. It is false if
// meanwhile the method is held, or the writing took so long that more time has
// passed than is written down.
func (g *Gate) turn(ctx context.Context, m *method) (given bool, err error) {
	var asOf time.Time
	if m.rule.kept() {
		g.setPending(m, true)
		defer g.setPending(m, false)
		if asOf, err = g.write(ctx); err != nil {
			return false, err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-g.taken:
		return false, ErrTaken
	default:
	}
	now := time.Now()
	if at, _ := m.ready(now); at.After(now) {
		return false, nil
	}
	if m.rule.kept() && now.Sub(asOf) > storeWait {
		return false, nil
	}
	m.take(now)
	m.pending = false
	return true, nil
}

func (g *Gate) setPending(m *method, pending bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m.pending = pending
}

// Hold says that the platform allows no call of the method before d from now.
// It counts at once, also for those who wait already, and a shorter hold never
// ends a longer one. It is in BUDGETS when Hold returns nil, which it tries as
// long as ctx lasts; after an error the hold stands, and the next write keeps it.
// Errors: that of ctx, ErrTaken.
func (g *Gate) Hold(ctx context.Context, name string, d time.Duration) error {
	d = max(d, 0)
	d += max(g.jitter(d), 0)
	g.mu.Lock()
	g.method(name).hold(time.Now().Add(d), d)
	g.mu.Unlock()
	_, err := g.write(ctx)
	return err
}
