package twitter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cursor"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/throttle"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// app is one app at X and what its legs share.
type app struct {
	cfg     Config
	log     *slog.Logger
	metrics *metrics
	client  *api.Client
	turns   *throttle.Gate
	meter   *Meter
	shelf   shelf
	outbox  *haul.Outbox
	known   *known
	// wanted are posts whose reposts are to be asked for soon.
	wanted *shareQueue
	// shortLinks is nil where none are expanded.
	shortLinks *shortlink.Queue
	key        namer
	board      *board
	// lists gives the watch list in force, and each later one.
	lists func(ctx context.Context, each func(*watchlist.Effective)) error
	// turn tells the collector how it is.
	turn func(State, string)
}

// open makes what the legs share. Done lets go of it.
func (c *Collector) open(ctx context.Context) (a *app, done func(), err error) {
	cursors, cursorsErr := c.deps.Conn.Bucket(ctx, bus.BucketCursors)
	budgets, budgetsErr := c.deps.Conn.Bucket(ctx, bus.BucketBudgets)
	if err := errors.Join(cursorsErr, budgetsErr); err != nil {
		return nil, nil, err
	}
	a = &app{
		cfg: c.cfg, log: c.log, metrics: c.metrics, shelf: prefixed{cursor.NewShelf(cursors, c.deps.Key, Name), c.cfg.Account},
		key: c.deps.Key, board: newBoard(), lists: c.lists, turn: c.turn, wanted: newShareQueue(),
	}
	if a.turns, err = throttle.Open(ctx, throttle.Config{
		Bucket: budgets, Key: budgetKey(c.cfg), Rules: c.cfg.rules(), Default: otherRule(), Log: c.log,
	}); err != nil {
		return nil, nil, err
	}
	if a.meter, err = OpenMeter(ctx, budgets, budgetKey(c.cfg)+".spent", c.cfg.Budget, c.cfg.clock); err != nil {
		return nil, nil, err
	}
	if err = a.seeShortLinks(c.deps.Registry); err != nil {
		return nil, nil, err
	}
	if a.known, err = loadKnown(ctx, a.shelf, "known"); err != nil {
		return nil, nil, err
	}
	if a.client, err = api.New(api.Config{
		URL: c.cfg.APIURL, Token: c.token().read, Gate: a.turns, Seen: c.metrics.called,
		QueryLimit: c.cfg.Search.longest(), StreamIdle: c.cfg.pauses.stream.silence,
	}); err != nil {
		return nil, nil, err
	}
	publisher, err := c.deps.Conn.NewPublisher(bus.StageRaw, bus.PublisherConfig{Pace: bus.PaceRaw})
	if err != nil {
		return nil, nil, err
	}
	a.outbox = haul.NewOutbox(publisher, c.deps.Conn.NewSealKeys(), haul.Config{
		Platform: doxtrailv1.Platform_PLATFORM_TWITTER, Sent: c.metrics.sent, TooLarge: c.metrics.tooLarge,
	})
	return a, func() {
		a.client.Close()
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience.LingerLimit)
		defer cancel()
		_ = publisher.Close(bounded) // legs that wait for a receipt have been told
	}, nil
}

// budgetKey names the app's waits in BUDGETS; what was spent lies beside them.
func budgetKey(cfg Config) string { return Name + "." + cfg.Account }

// retry does something again for as long as what hinders it may pass by itself.
func (a *app) retry(ctx context.Context, leg string, do func() error) error {
	return a.retryWhile(ctx, leg, passes, do)
}

// retryWhile is retry for as long as an error may pass.
func (a *app) retryWhile(ctx context.Context, leg string, may func(error) bool, do func() error) error {
	return patience.Retry(ctx, patience.Config{
		Limit: a.cfg.pauses.retryLimit, Passes: may,
		Failing: func(err error, failures int) {
			a.log.Warn("a leg tries again", slog.String(keyLeg, leg), slog.String(service.KeyClass, class(err)), slog.Int(service.KeyCount, failures), service.Error(err))
		},
		Troubled: func(err error) { a.board.troubled(leg, reasonOf(err)) },
	}, do)
}

// keyLeg is the log attribute that names a leg.
const keyLeg = "leg"

// waitsForNATS is what status says of a leg while RAW, CURSORS or BUDGETS takes nothing.
const waitsForNATS = "NATS is slow or away: it waits"

// reasonOf is what status says of an error, nothing of none.
func reasonOf(err error) string {
	switch text := faultText(err); {
	case err == nil:
		return ""
	case text != "":
		return text
	case ofStore(err) != nil:
		return ofStore(err).Error()
	case class(err) == classBus:
		return waitsForNATS
	default:
		return class(err)
	}
}

// send puts a haul on RAW, tries until it is there, and has the short links of its
// posts expanded.
func (a *app) send(ctx context.Context, leg string, h haul.Haul) error {
	if h.Empty() {
		return nil
	}
	if err := a.retry(ctx, leg, func() error { return a.outbox.Send(ctx, h) }); err != nil {
		return err
	}
	a.shortLinks.Want(h, shortLinked{a})
	return nil
}

// load reads where a leg stopped.
func (a *app) load(ctx context.Context, leg, name string, into any) (found bool, err error) {
	err = a.retry(ctx, leg, func() (err error) {
		found, err = a.shelf.Load(ctx, name, into)
		return err
	})
	return found, err
}

// keep keeps where a leg stopped, also when ctx has just ended: what is on RAW need
// not be read again.
func (a *app) keep(ctx context.Context, leg, name string, value any) error {
	return a.retry(ctx, leg, func() error {
		bounded, cancel := patience.Lingering(ctx)
		defer cancel()
		return a.shelf.Save(bounded, name, value)
	})
}

// keepKnown keeps what is known of posts, as keep does.
func (a *app) keepKnown(ctx context.Context, leg string) error {
	return a.retry(ctx, leg, func() error {
		bounded, cancel := patience.Lingering(ctx)
		defer cancel()
		return a.known.save(bounded)
	})
}

// prefixed puts an app's name before the names of its cursors.
type prefixed struct {
	shelf
	account string
}

func (p prefixed) Load(ctx context.Context, name string, into any) (bool, error) {
	found, err := p.shelf.Load(ctx, p.account+"/"+name, into)
	if err != nil {
		return found, fmt.Errorf("read where the collector stopped: %w", err)
	}
	return found, nil
}

func (p prefixed) Save(ctx context.Context, name string, value any) error {
	if err := p.shelf.Save(ctx, p.account+"/"+name, value); err != nil {
		return fmt.Errorf("keep where the collector stopped: %w", err)
	}
	return nil
}

func (p prefixed) Delete(ctx context.Context, name string) error {
	if err := p.shelf.Delete(ctx, p.account+"/"+name); err != nil {
		return fmt.Errorf("forget where the collector stopped: %w", err)
	}
	return nil
}
