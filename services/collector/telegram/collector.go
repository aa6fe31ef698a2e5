package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/config"
	"github.com/doxtrail/doxtrail/pkg/cursor"
	"github.com/doxtrail/doxtrail/pkg/lease"
	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/throttle"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

// Name is the service's word in subjects, metrics and log lines.
const Name = "collector-telegram"

// Deps is what a Collector needs from outside.
type Deps struct {
	Log      *slog.Logger
	Registry prometheus.Registerer
	// Conn is its own connection to NATS.
	Conn *bus.Conn
	// Key seals the session and everything that the collector keeps, and opens
	// the watch list.
	Key *privacy.StateKey
	// LegalBasis is on what ground is collected.
	LegalBasis config.LegalBasis
	// Lease says that other machines may collect with the same account.
	Lease bool
}

// Collector is the service.
type Collector struct {
	cfg     Config
	deps    Deps
	log     *slog.Logger
	metrics *metrics
	turned  chan struct{} // the state is another
	lease   *lease.Lease  // for Run alone, as is holder
	holder  string

	mu    sync.Mutex
	state State
	why   string
	turns *throttle.Gate
	inUse *account
}

// State is a word for how the collector is.
type State string

// The states of a Collector.
const (
	// StateStarting is before the first connection.
	StateStarting State = "starting"
	// StateCollecting is connected and logged in.
	StateCollecting State = "collecting"
	// StateRefused may not collect: a basis is missing or has expired.
	StateRefused State = "refused"
	// StateLogin waits for `doxtrail login telegram`.
	StateLogin State = "login"
	// StateHeld waits for another process that uses the session.
	StateHeld State = "held"
	// StateFrozen has an account that Telegram froze.
	StateFrozen State = "frozen"
	// StateTrouble cannot go on for another reason, and tries again.
	StateTrouble State = "trouble"
)

// New returns a Collector that has done nothing yet.
func New(cfg Config, deps Deps) *Collector {
	return &Collector{
		cfg: cfg, deps: deps, log: service.For(deps.Log, Name).With("account", cfg.Account),
		metrics: newMetrics(deps.Registry), turned: make(chan struct{}, 1), state: StateStarting,
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

// Run collects until ctx ends. What keeps it from collecting is no error: the
// other services of the process go on, and so does it, once somebody has seen to
// it.
func (c *Collector) Run(ctx context.Context) error {
	var reporting sync.WaitGroup
	defer reporting.Wait()
	reporting.Go(func() { c.report(ctx) })
	var broken string // the login that Telegram ended
	for wait := patience.First; ctx.Err() == nil; wait = min(2*wait, c.cfg.pauses.retryLimit) {
		file := &sessionFile{path: c.cfg.SessionFile, key: c.deps.Key}
		if !c.mayBegin(file, broken) {
			if patience.Sleep(ctx, c.cfg.pauses.look) != nil {
				return nil
			}
			wait = patience.First
			continue
		}
		began, login := time.Now(), file.login()
		err := c.collect(ctx, file)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // told to stop; what was in hand is read again
		}
		if c.Allowed(c.cfg.clock()) != nil {
			continue // mayBegin says why
		}
		if time.Since(began) > c.cfg.pauses.retryLimit {
			wait = patience.First
		}
		pause := max(c.judge(err), wait)
		if errors.Is(err, errNotLoggedIn) || faultOf(err) == faultSession {
			broken = login
		}
		if c.rest(ctx, file, login, pause) != nil {
			return nil
		}
	}
	return nil
}

// judge notes why collecting ended, and says how long it is not begun anew: 0 where
// a short wait will do.
func (c *Collector) judge(err error) (pause time.Duration) {
	switch f := faultOf(err); {
	case errors.Is(err, errNotLoggedIn), f == faultSession:
		c.turn(StateLogin, "the session is no more; type: doxtrail login telegram")
	case errors.Is(err, errSessionHeld), errors.Is(err, lease.ErrHeld):
		c.turn(StateHeld, "another process uses the session")
		return c.cfg.pauses.look
	case f == faultTwice:
		c.turn(StateTrouble, "the session was used from two places at once; end the other one, or log in anew: doxtrail login telegram")
		return c.cfg.pauses.twice
	case f == faultFrozen:
		c.turn(StateFrozen, "Telegram has frozen the account; look into Telegram's own app, and ask there")
		return c.cfg.pauses.frozen
	case f == faultTaken:
		c.turn(StateHeld, "another process collects with this account; one must end")
		return c.cfg.pauses.twice
	default:
		c.log.Warn("collecting broke off; it is begun anew", slog.String(service.KeyClass, class(err)), service.Error(err))
		why := "no connection, or trouble at Telegram's servers; it is tried again"
		if wrong := ofCursor(err); wrong != nil {
			why = wrong.Error()
		}
		c.turn(StateTrouble, why)
	}
	return 0
}

// rest waits, but no longer than until somebody logged in anew.
func (c *Collector) rest(ctx context.Context, file *sessionFile, login string, pause time.Duration) error {
	for until := time.Now().Add(pause); time.Now().Before(until) && file.login() == login; {
		if err := patience.Sleep(ctx, min(time.Until(until), c.cfg.pauses.look)); err != nil {
			return err
		}
	}
	return nil
}

// mayBegin says whether everything is there that collecting needs.
func (c *Collector) mayBegin(file *sessionFile, broken string) bool {
	if err := c.Allowed(c.cfg.clock()); err != nil {
		c.turn(StateRefused, err.Error())
		return false
	}
	_, err := file.read()
	switch {
	case !c.cfg.HasAccount():
		return true
	case errors.Is(err, session.ErrNotFound):
		c.turn(StateLogin, "there is no session; type: doxtrail login telegram")
		return false
	case errors.Is(err, privacy.ErrSealed):
		c.turn(StateLogin, "the session was made with another key ring, or is damaged; type: doxtrail login telegram")
		return false
	case err != nil:
		c.turn(StateTrouble, "the session file cannot be read")
		return false
	}
	return file.login() != broken // else it was said when it broke
}

// Allowed says why nothing may be collected at a time; nil if it may.
func (c *Collector) Allowed(now time.Time) error {
	if c.cfg.TermsBasis == "" {
		return errors.New("collector_telegram.terms_basis is missing: why do Telegram's terms allow this? see README")
	}
	return c.deps.LegalBasis.Check(now)
}

// whileAllowed is a context that ends with ctx, or when nothing may be collected
// any more: a basis expires while the collector runs.
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

// collect holds the session and follows the channels until something ends it.
func (c *Collector) collect(ctx context.Context, file *sessionFile) error {
	holder, release, err := file.hold()
	if err != nil {
		return err
	}
	defer release()
	ctx, giveBack, err := c.leased(ctx, holder)
	if err != nil {
		return err
	}
	defer giveBack()
	ctx, cancel := c.whileAllowed(ctx)
	defer cancel()
	cursors, cursorsErr := c.deps.Conn.Bucket(ctx, bus.BucketCursors)
	budgets, budgetsErr := c.deps.Conn.Bucket(ctx, bus.BucketBudgets)
	if err := errors.Join(cursorsErr, budgetsErr); err != nil {
		return err
	}
	turns, err := throttle.Open(ctx, throttle.Config{
		Bucket: budgets, Key: budgetKey(c.cfg), Rules: c.cfg.rules(), Default: otherRule(), Log: c.log,
	})
	if err != nil {
		return err
	}
	publisher, err := c.deps.Conn.NewPublisher(bus.StageRaw, bus.PublisherConfig{Pace: bus.PaceRaw})
	if err != nil {
		return err
	}
	defer func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience.LingerLimit)
		defer cancel()
		_ = publisher.Close(bounded) // legs that wait for a receipt have been told
	}()
	a := &account{
		cfg: c.cfg, log: c.log, metrics: c.metrics, shelf: prefixed{cursor.NewShelf(cursors, c.deps.Key, Name), c.cfg.Account},
		outbox: newOutbox(publisher, c.deps.Conn.NewSealKeys(), c.metrics, c.log), proposals: &proposals{},
		lists: c.lists, followed: map[int64]*channel{}, watched: map[string]follower{}, claimed: map[int64]chan struct{}{},
		connected: func() { c.turn(StateCollecting, "") },
	}
	c.use(turns, a)
	defer c.use(nil, nil)
	a.seeWeb(turns)
	a.seePictures(turns)
	if err := a.seeShortLinks(turns, c.deps.Registry); err != nil {
		return err
	}
	if !c.cfg.HasAccount() {
		return a.runWeb(ctx)
	}
	return a.run(ctx, func(edit func(*telegram.Options)) (*telegram.Client, error) {
		return newClient(c.cfg, file, func(o *telegram.Options) {
			o.Middlewares = []telegram.Middleware{newGate(turns, c.metrics)}
			edit(o)
		})
	})
}

// budgetKey names the account's budget in BUDGETS.
func budgetKey(cfg Config) string { return Name + "." + cfg.Account }

// lists calls each with the watch list in force and every later one, until ctx
// ends.
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
