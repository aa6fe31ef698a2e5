package twitter

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/config"
	"github.com/doxtrail/doxtrail/pkg/lease"
	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

// Name is the service's word in subjects, metrics and log lines.
const Name = "collector-twitter"

// Deps is what a Collector needs from outside.
type Deps struct {
	Log      *slog.Logger
	Registry prometheus.Registerer
	// Conn is its own connection to NATS.
	Conn *bus.Conn
	// Key seals everything that the collector keeps, names its rules, and opens the
	// watch list.
	Key *privacy.StateKey
	// LegalBasis is on what ground is collected.
	LegalBasis config.LegalBasis
	// Lease says that other machines may collect with the same app.
	Lease bool
}

// Collector is the service.
type Collector struct {
	cfg     Config
	deps    Deps
	log     *slog.Logger
	metrics *metrics
	turned  chan struct{} // the state is another
	holder  string        // names this process among those that want the lease
	lease   *lease.Lease  // for Run alone
	// brokeOff is why collecting broke off, for Run alone.
	brokeOff saying
	// legs makes what collects; tests have legs of their own.
	legs func(*app) []leg

	mu    sync.Mutex
	state State
	why   string
	inUse *app
}

// State is a word for how the collector is.
type State string

// The states of a Collector.
const (
	// StateStarting is before the first answer of X.
	StateStarting State = "starting"
	// StateCollecting has a token that X accepts, and legs that go.
	StateCollecting State = "collecting"
	// StateRefused may not collect: a basis or the budget is missing, or a basis has
	// expired.
	StateRefused State = "refused"
	// StateToken waits for a token that X accepts.
	StateToken State = "token"
	// StateHeld waits for another process that collects with the same app.
	StateHeld State = "held"
	// StateSpent has nothing left to spend in this month.
	StateSpent State = "spent"
	// StateTrouble cannot go on for another reason, and tries again.
	StateTrouble State = "trouble"
)

// New returns a Collector that has done nothing yet.
func New(cfg Config, deps Deps) *Collector {
	return &Collector{
		cfg: cfg, deps: deps, log: service.For(deps.Log, Name).With("account", cfg.Account), metrics: newMetrics(deps.Registry),
		turned: make(chan struct{}, 1), holder: rand.Text(), legs: legsOf, state: StateStarting,
	}
}

// Name implements service.Service.
func (*Collector) Name() string { return Name }

// Ready is nil while the collector collects, else why it does not.
func (c *Collector) Ready() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == StateCollecting {
		return nil
	}
	return fmt.Errorf("%s: %s", c.state, c.why)
}

// Run collects until ctx ends. What keeps it from collecting is no error: the other
// services of the process go on, and so does it, once somebody has seen to it.
func (c *Collector) Run(ctx context.Context) error {
	var reporting sync.WaitGroup
	defer reporting.Wait()
	reporting.Go(func() { c.report(ctx) })
	for wait := patience.First; ctx.Err() == nil; wait = min(2*wait, c.cfg.pauses.retryLimit) {
		if !c.mayBegin() {
			if patience.Sleep(ctx, c.cfg.pauses.look) != nil {
				return nil
			}
			wait = patience.First
			continue
		}
		began, token := time.Now(), c.token().which()
		err := c.collect(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // told to stop; what was in hand is read again
		}
		if c.Allowed(c.cfg.clock()) != nil {
			continue // mayBegin says why
		}
		if time.Since(began) > c.cfg.pauses.retryLimit {
			wait = patience.First
		}
		state, why, pause := c.judge(err)
		c.turn(state, why)
		if c.rest(ctx, token, max(pause, wait)) != nil {
			return nil
		}
	}
	return nil
}

// rest waits, but no longer than until the token is another.
func (c *Collector) rest(ctx context.Context, token [sha256.Size]byte, pause time.Duration) error {
	for until := time.Now().Add(pause); time.Now().Before(until) && c.token().which() == token; {
		if err := patience.Sleep(ctx, min(time.Until(until), c.cfg.pauses.look)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Collector) token() tokenFile { return tokenFile(c.cfg.BearerTokenFile) }

// mayBegin says whether everything is there that collecting needs.
func (c *Collector) mayBegin() bool {
	if err := c.Allowed(c.cfg.clock()); err != nil {
		c.turn(StateRefused, err.Error())
		return false
	}
	if _, err := c.token().read(); err != nil {
		c.turn(StateToken, "collector_twitter."+err.Error())
		return false
	}
	return true
}

// Allowed says why nothing may be collected at a time; nil if it may.
func (c *Collector) Allowed(now time.Time) error {
	if err := c.cfg.Refusal(); err != nil {
		return err
	}
	return c.deps.LegalBasis.Check(now)
}

// whileAllowed is a context that ends with ctx, or when nothing may be collected any
// more: a basis expires while the collector runs.
func (c *Collector) whileAllowed(ctx context.Context) (context.Context, context.CancelFunc) {
	return patience.While(ctx, c.cfg.pauses.look, func() bool { return c.Allowed(c.cfg.clock()) == nil })
}

// turn notes the state and logs it when it changed.
func (c *Collector) turn(state State, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == state && c.why == why {
		return
	}
	c.state, c.why = state, why
	select {
	case c.turned <- struct{}{}:
	default:
	}
	if state == StateCollecting {
		c.log.Info("collecting", "state", string(state))
		return
	}
	c.log.Warn("not collecting", "state", string(state), "why", why)
}

// collect holds the app and runs its legs until something ends it.
func (c *Collector) collect(ctx context.Context) error {
	held, release, err := c.leased(ctx)
	if err != nil {
		return err
	}
	defer release()
	err = c.collectHeld(held)
	if held.Err() != nil && ctx.Err() == nil {
		return lease.ErrHeld
	}
	return err
}

func (c *Collector) collectHeld(ctx context.Context) error {
	ctx, cancel := c.whileAllowed(ctx)
	defer cancel()
	a, done, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer done()
	c.use(a)
	defer c.use(nil)
	return a.run(ctx, c.legs(a))
}

// leased is a context that ends with ctx or when the lease is lost. Where all share
// one machine there is none to take.
func (c *Collector) leased(ctx context.Context) (held context.Context, release func(), err error) {
	if !c.deps.Lease {
		return ctx, func() {}, nil
	}
	if c.lease == nil {
		bucket, err := c.deps.Conn.Bucket(ctx, bus.BucketLeases)
		if err != nil {
			return nil, nil, err
		}
		c.lease = lease.New(lease.Config{
			Bucket: bucket, Key: Name + "." + c.cfg.Account, Holder: c.holder, Term: c.cfg.pauses.lease,
			Trouble: func(err error) { c.log.Warn("the lease of the app is in trouble", service.Error(err)) },
		})
	}
	return c.lease.Hold(ctx)
}

// lists calls each with the watch list in force and every later one, until ctx ends.
func (c *Collector) lists(ctx context.Context, each func(*watchlist.Effective)) error {
	bucket, err := c.deps.Conn.Watchlist(ctx)
	if err != nil {
		return err
	}
	return bucket.Watch(ctx, func(p bus.Published) {
		list, err := watchlist.Unseal(c.deps.Key, p.Sealed)
		if err != nil {
			c.log.Error("watch list not taken over; the old one stays", service.Error(err))
			return
		}
		each(list)
	})
}
