package twitter

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// rulesName is the leg's word.
const rulesName = "rules"

// rules is the leg that makes the rules of the stream from the watch list: with each
// new list, when the stream says that something is wrong with them, and once a day.
type rules struct {
	app   *app
	times streamTimes
	wake  chan struct{}

	// told are our rules that coverage says are in the stream, by X's ids.
	told map[string]toldRule
	// refused says why rules of a watch were not taken, as was last logged.
	refused map[string]string

	mu      sync.Mutex
	foreign int // rules that are not ours; -1 before they were counted
	checked chan struct{}
}

func newRules(a *app) *rules {
	return &rules{app: a, times: a.streamTimes(), wake: make(chan struct{}, 1), foreign: -1, checked: make(chan struct{})}
}

func (*rules) name() string { return rulesName }

// check has the rules compared soon.
func (r *rules) check() { signal(r.wake) }

// await has the rules compared, and returns when they were or after some time.
func (r *rules) await(ctx context.Context, most time.Duration) error {
	r.mu.Lock()
	checked := r.checked
	r.mu.Unlock()
	r.check()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-checked:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// alone says whether nobody else is known to use the app: all its rules are ours.
func (r *rules) alone() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.foreign == 0
}

// run implements leg.
func (r *rules) run(ctx context.Context) error {
	r.told = map[string]toldRule{}
	if _, err := r.app.load(ctx, rulesName, toldName, &r.told); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	lists := r.app.follow(ctx, group, rulesName)
	group.Go(func() error { return r.loop(ctx, lists) })
	return group.Wait()
}

func (r *rules) loop(ctx context.Context, lists <-chan *watchlist.Effective) error {
	tick := time.NewTicker(r.times.rules)
	defer tick.Stop()
	var list *watchlist.Effective
	for {
		select {
		case list = <-lists:
		case <-r.wake:
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if list == nil {
			continue
		}
		if err := r.compare(ctx, list); err != nil {
			return err
		}
	}
}

// rounds is how often rules are read anew where they are not as they should be after
// a change: a change whose answer was lost shows so.
const rounds = 3

// compare makes X's rules those of a list, and notes what is left out.
func (r *rules) compare(ctx context.Context, list *watchlist.Effective) error {
	watches, out := watchesOf(list, r.app.key)
	for range rounds {
		settled, left, err := r.round(ctx, watches)
		if err != nil {
			return err
		}
		r.app.board.leftOut(rulesName, append(left, out...))
		if settled {
			break
		}
	}
	r.app.progressed(rulesName, time.Now())
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.checked)
	r.checked = make(chan struct{})
	return nil
}

// round reads the rules and changes what is to be changed. It is settled unless X had
// a rule that it did not show, or made room after it refused one.
func (r *rules) round(ctx context.Context, watches []watch) (settled bool, out []leftOut, err error) {
	var present []api.Rule
	if err := r.app.retry(ctx, rulesName, func() (err error) {
		present, err = r.app.client.Rules(ctx)
		return err
	}); err != nil {
		return false, nil, err
	}
	changes, out := ruleChanges(watches, present, r.app.cfg.Stream)
	r.count(changes.Foreign)
	if err := r.tellMissed(ctx, present); err != nil {
		return false, nil, err
	}
	work := changing{rules: r, labels: map[string]string{}, refused: map[string]string{}, settled: true}
	for _, w := range watches {
		work.labels[w.ID] = w.Label
	}
	for _, step := range changes.Steps {
		if err := work.do(ctx, step); err != nil {
			return false, nil, err
		}
	}
	r.say(work.refused)
	return work.settled, append(out, work.leftOut()...), nil
}

// say logs that X refuses rules, when that became so or it refuses those of others.
func (r *rules) say(refused map[string]string) {
	if maps.Equal(refused, r.refused) {
		return
	}
	if len(refused) > 0 {
		r.app.log.Warn("X refuses rules; status names the labels that the stream does not look for", slog.Int(service.KeyCount, len(refused)))
	}
	r.refused = refused
}

func (r *rules) count(foreign int) {
	r.app.board.foreignRules(foreign)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.foreign = foreign
}
