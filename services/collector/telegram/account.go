package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/tg"
	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

// account is one logged-in account and the channels that it follows.
type account struct {
	cfg       Config
	log       *slog.Logger
	metrics   *metrics
	shelf     shelf
	outbox    sink
	proposals *proposals
	// web and vantage are nil where the web preview is not asked.
	web     *web
	vantage *vantage
	// pictures is nil where none are downloaded.
	pictures *pictures
	// shortLinks is nil where none are expanded.
	shortLinks *shortlink.Queue
	// lists gives the watch list in force, and each later one.
	lists func(ctx context.Context, each func(*watchlist.Effective)) error
	// connected is called when the account is connected and logged in.
	connected func()

	client *telegram.Client
	api    *tg.Client

	// news is the line of the tails that want to ask for news.
	news line

	mu       sync.Mutex
	followed map[int64]*channel // by id, those with legs
	watched  map[string]follower
	claimed  map[int64]chan struct{} // by id; closed when it is free again
}

// follower follows one channel of the watch list: with the account, or in the web.
type follower interface {
	run(ctx context.Context) error
	now() ChannelReport
}

// errNotLoggedIn says that the session leads to no account.
var errNotLoggedIn = errors.New("nobody is logged in with this session")

// run connects and follows channels until ctx ends or the account is done for.
func (a *account) run(ctx context.Context, options func(edit func(*telegram.Options)) (*telegram.Client, error)) (err error) {
	a.client, err = options(func(o *telegram.Options) {
		o.UpdateHandler = telegram.UpdateHandlerFunc(a.handle)
		o.ReconnectionBackoff = newReconnection
		o.OnSelfSuccess = func(*tg.User) { a.reconnected() }
		// Without it a session that was revoked goes on for ever, and every call
		// fails.
		o.OnSelfError = func(_ context.Context, err error) error {
			if faultOf(err).ofAccount() {
				return err
			}
			return nil
		}
	})
	if err != nil {
		return err
	}
	a.api = a.client.API()
	if err := a.proposals.load(ctx, a.shelf); err != nil {
		return err
	}
	// The connection outlasts the legs: gotd 0.150 races where a call begins while a
	// connection is closed.
	connection, disconnect := context.WithCancel(context.WithoutCancel(ctx))
	defer disconnect()
	var begun atomic.Bool
	defer context.AfterFunc(ctx, func() {
		if !begun.Load() {
			disconnect() // there are no legs that could end first
		}
	})()
	return a.client.Run(connection, func(connected context.Context) error {
		begun.Store(true)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(connected, cancel)()
		in, err := loggedIn(ctx, a.client)
		if err != nil {
			return err
		}
		if !in {
			return errNotLoggedIn
		}
		a.connected()
		a.metrics.session.Set(1)
		defer a.metrics.session.Set(0)
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() error { return a.follow(ctx, group) })
		group.Go(func() error { return a.keepProposals(ctx) })
		if a.vantage != nil {
			group.Go(func() error { return ended(ctx, a.vantage.run(ctx)) })
		}
		if a.pictures != nil {
			group.Go(func() error { return ended(ctx, a.pictures.run(ctx)) })
		}
		group.Go(func() error { return ended(ctx, a.shortLinks.Run(ctx)) })
		return group.Wait()
	})
}

// follow begins to follow the channels of every watch list, and ends with those
// that are taken off. It returns when ctx ends.
func (a *account) follow(ctx context.Context, group *errgroup.Group) error {
	running := map[string]context.CancelFunc{}
	err := a.lists(ctx, func(list *watchlist.Effective) {
		wanted := map[string]watchlist.Channel{}
		for _, w := range list.Channels {
			if w.Platform == "telegram" && w.Listed {
				wanted[w.Label+" "+peerName(w.Channel)] = w.Channel
			}
		}
		for name, cancel := range running {
			if _, still := wanted[name]; !still {
				cancel()
				delete(running, name)
				a.watch(name, nil)
			}
		}
		for name, w := range wanted {
			if running[name] != nil {
				continue
			}
			ctx, cancel := context.WithCancel(ctx)
			running[name] = cancel
			ch := a.follower(w)
			a.watch(name, ch)
			group.Go(func() error { return ended(ctx, ch.run(ctx)) })
		}
	})
	for _, cancel := range running {
		defer cancel()
	}
	return ended(ctx, err)
}

// ended is nil for what ended because it was told to.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// watch notes a channel of the watch list, or that it is none any more.
func (a *account) watch(name string, ch follower) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if ch == nil {
		delete(a.watched, name)
		return
	}
	a.watched[name] = ch
}

// channels lists the channels of the watch list.
func (a *account) channels() (list []follower) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, ch := range a.watched {
		list = append(list, ch)
	}
	return list
}

// claim keeps a channel for one follower until release is called: two would
// overwrite what the other knows. One that was just taken off the list, or has a
// new label, needs a moment to end.
func (a *account) claim(ctx context.Context, id int64) (release func(), err error) {
	timer := time.NewTimer(2 * patience.LingerLimit)
	defer timer.Stop()
	for {
		a.mu.Lock()
		taken := a.claimed[id]
		if taken == nil {
			free := make(chan struct{})
			a.claimed[id] = free
			a.mu.Unlock()
			return func() {
				a.mu.Lock()
				defer a.mu.Unlock()
				delete(a.claimed, id)
				close(free)
			}, nil
		}
		a.mu.Unlock()
		select {
		case <-taken:
		case <-timer.C:
			return nil, errClaimed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

const (
	// proposalsLook is how soon proposals are kept when nothing was for long,
	// proposalsEvery how often at most: all of them are written each time.
	proposalsLook, proposalsEvery = 10 * time.Second, time.Minute
)

// keepProposals saves the proposals until ctx ends, and once more then.
func (a *account) keepProposals(ctx context.Context) error {
	var keptAt time.Time
	for {
		err := patience.Sleep(ctx, proposalsLook)
		if err == nil && time.Since(keptAt) < proposalsEvery {
			continue
		}
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience.LingerLimit)
		if wrote, err := a.proposals.save(bounded, a.shelf); err != nil {
			a.log.Warn("proposed channels are not kept; that is tried again", service.Error(err))
		} else if wrote {
			keptAt = time.Now()
		}
		cancel()
		if err != nil {
			return nil //nolint:nilerr // told to stop
		}
	}
}

// prefixed puts an account's name before the names of its cursors.
type prefixed struct {
	shelf
	account string
}

func (p prefixed) named(name string) string { return p.account + "/" + name }

func (p prefixed) Load(ctx context.Context, name string, into any) (bool, error) {
	found, err := p.shelf.Load(ctx, p.named(name), into)
	if err != nil {
		return found, fmt.Errorf("read where the collector stopped: %w", err)
	}
	return found, nil
}

func (p prefixed) Save(ctx context.Context, name string, value any) error {
	if err := p.shelf.Save(ctx, p.named(name), value); err != nil {
		return fmt.Errorf("keep where the collector stopped: %w", err)
	}
	return nil
}
