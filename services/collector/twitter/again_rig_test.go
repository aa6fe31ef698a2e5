package twitter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

// againRig is a rig between the fake X and a reader of RAW, with the legs that ask
// again for what is known.
type againRig struct {
	*rig

	fake *fake.Server
	raw  *onRaw
	// knows are posts that the next collector takes for known.
	knows []knownPost
	// breaks wraps the shelf of the next collector; nil leaves it whole.
	breaks func(shelf) shelf

	list watchlist.List
}

// newAgainRig has no leg yet: a test says which.
func newAgainRig(t *testing.T, options fake.Options, legs ...func(*app) leg) *againRig {
	t.Helper()
	if options.Now == nil {
		options.Now = seconds(time.Now().Add(-time.Hour))
	}
	r := &againRig{rig: newRig(t), fake: fake.New(options)}
	t.Cleanup(r.fake.Close)
	r.cfg.APIURL = r.fake.URL()
	r.token(fake.DefaultToken, 0o600)
	r.cfg.Budget.MoneyPerMonth = "1000000"
	const soon = 50 * time.Millisecond
	r.cfg.pauses.usage = time.Hour
	r.cfg.Repoll, r.cfg.SecondLook = []time.Duration{soon}, soon
	r.cfg.Shares.Stages = []time.Duration{soon}
	r.cfg.Compliance = ComplianceConfig{Every: soon}
	r.cfg.Timelines.Poll = soon
	r.legs = func(a *app) []leg {
		r.before(a)
		if r.breaks != nil {
			a.shelf = r.breaks(a.shelf)
			a.known.shelf = a.shelf
		}
		made := []leg{&scripted{word: "idle", do: func(ctx context.Context, _ int) error { return untilTold(ctx) }}}
		for _, l := range legs {
			made = append(made, l(a))
		}
		return made
	}
	r.raw = readRaw(r.rig, 5*time.Second)
	return r
}

// before is what an earlier process has kept: the posts, and a schedule that has asked
// for none of them.
func (r *againRig) before(a *app) {
	if len(r.knows) == 0 {
		return
	}
	for _, p := range r.knows {
		a.known.set(p)
	}
	r.knows = nil
	state := repollState{Stages: stagesOf(r.cfg), Round: round{At: 1}}
	if err := a.shelf.Save(r.within(), repollName, state); err != nil {
		r.t.Error(err)
	}
	if err := a.known.save(r.within()); err != nil {
		r.t.Error(err)
	}
}

// seconds is a clock on which every look is a second later than the one before.
func seconds(begin time.Time) func() time.Time {
	var looks atomic.Int64
	return func() time.Time { return begin.Add(time.Duration(looks.Add(1)) * time.Second) }
}

// bothSpellings runs a test against a server of each spelling.
func bothSpellings(t *testing.T, test func(t *testing.T, options fake.Options)) {
	t.Helper()
	for name, spelling := range map[string]fake.Spelling{"tweet": fake.Tweet, "post": fake.Post} {
		t.Run(name, func(t *testing.T) { test(t, fake.Options{Spelling: spelling}) })
	}
}

// know makes the next collector know the posts that the fake has, as if RAW had them.
func (r *againRig) know() {
	r.t.Helper()
	for _, p := range r.fake.Truth().Posts {
		id, _ := numberOf(p.First)
		author, _ := numberOf(p.Account)
		r.knows = append(r.knows, knownPost{ID: id, Author: author, Mark: markUp})
	}
}

// watch puts accounts of X on the watch list.
func (r *againRig) watch(channels ...watchlist.Channel) {
	r.t.Helper()
	r.list.Channels = append(r.list.Channels, channels...)
	r.publish(r.list)
}

// kill ends the collector and lets a new one begin from what was kept.
func (r *againRig) kill() {
	r.t.Helper()
	r.stop()
	r.breaks = nil
	r.start()
}

// brokenShelf is one that a process was killed at: from a write on nothing is kept.
type brokenShelf struct {
	shelf

	mu     sync.Mutex
	left   int
	broken chan struct{} // closed at the first write that is not kept
	once   sync.Once
}

// breakAfter lets so many writes through.
func (r *againRig) breakAfter(writes int) *brokenShelf {
	b := &brokenShelf{left: writes, broken: make(chan struct{})}
	r.breaks = func(s shelf) shelf { b.shelf = s; return b }
	return b
}

func (b *brokenShelf) Save(ctx context.Context, name string, value any) error {
	b.mu.Lock()
	b.left--
	gone := b.left < 0
	b.mu.Unlock()
	if gone {
		b.once.Do(func() { close(b.broken) })
		return errors.New("killed")
	}
	return b.shelf.Save(ctx, name, value)
}

// is says whether the process was killed.
func (b *brokenShelf) is() bool {
	select {
	case <-b.broken:
		return true
	default:
		return false
	}
}

// became waits until RAW was told so often that a post is in a state.
func (r *againRig) became(post string, state look.State, times int) {
	r.t.Helper()
	r.eventually(fmt.Sprintf("%s %d times", strings.ToLower(state.String()), times), func() bool { return r.raw.seen(post, state) >= times })
}

// markOf is what the collector that ran last knows of a post.
func (r *againRig) markOf(post string) mark {
	r.t.Helper()
	k, err := loadKnown(r.within(), r.shelf(), "known")
	if err != nil {
		r.t.Fatal(err)
	}
	id, _ := numberOf(post)
	p, _ := k.get(id)
	return p.Mark
}

// app is what the legs of a collector that runs share; nil while none run.
func (c *Collector) app() *app {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inUse
}

// known is what a collector that runs knows of a post.
func (c *Collector) known(id uint64) (knownPost, bool) {
	if a := c.app(); a != nil {
		return a.known.get(id)
	}
	return knownPost{}, false
}

// knows is what it has marked a post with.
func (c *Collector) knows(post string) mark {
	id, _ := numberOf(post)
	p, _ := c.known(id)
	return p.Mark
}

// months gives the collector a day of its own, which the test moves on.
func (r *againRig) months(begin time.Time) (late *atomic.Int64) {
	late = &atomic.Int64{}
	r.cfg.clock = func() time.Time { return begin.Add(time.Duration(late.Load())) }
	r.deps.LegalBasis.Expires = "2099-01-01"
	return late
}
