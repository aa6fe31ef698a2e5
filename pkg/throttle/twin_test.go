package throttle_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/throttle"
)

// call is a call that was made, or one that is due if done is zero.
type call struct {
	method     string
	process    int
	asked, got int // places in the order of all that happened
	askedAt    time.Time
	at         time.Time
}

type hold struct {
	method  string
	process int
	order   int
	at      time.Time
	length  time.Duration
	kept    bool // Hold returned nil
}

// platform watches an account from outside, over all its processes.
type platform struct {
	t      *testing.T
	cfg    throttle.Config
	shelf  *shelf
	opened time.Time

	mu      sync.Mutex
	order   int
	process int
	made    []call
	owed    map[string]int // calls that a killed process still wanted to make
	holds   []*hold

	gate  *throttle.Gate
	alive context.Context
	kill  context.CancelFunc
	tasks sync.WaitGroup
}

func (p *platform) start() {
	p.alive, p.kill = context.WithCancel(p.t.Context())
	for {
		gate, err := throttle.Open(p.alive, p.cfg)
		if err == nil {
			p.gate = gate
			break
		}
		time.Sleep(time.Second) // NATS is away, and a supervisor tries again
		p.shelf.set(func() { p.shelf.away, p.shelf.slow, p.shelf.lost = false, 0, 0 })
	}
	p.opened = time.Now()
	p.process++
	owed := p.owed
	p.owed = make(map[string]int)
	for method, n := range owed {
		for range n {
			p.ask(method)
		}
	}
}

func (p *platform) restart() {
	p.kill()
	p.tasks.Wait()
	p.start()
}

func (p *platform) tick() int {
	p.order++
	return p.order
}

func (p *platform) ask(method string) {
	p.mu.Lock()
	c := call{method: method, process: p.process, asked: p.tick(), askedAt: time.Now()}
	p.mu.Unlock()
	gate, alive := p.gate, p.alive
	p.tasks.Go(func() {
		err := gate.Wait(alive, method)
		p.mu.Lock()
		defer p.mu.Unlock()
		if err != nil {
			p.owed[method]++
			return
		}
		c.at, c.got = time.Now(), p.tick()
		p.made = append(p.made, c)
	})
	synctest.Wait()
}

func (p *platform) hold(method string, length time.Duration) {
	p.mu.Lock()
	h := &hold{method: method, process: p.process, order: p.tick(), at: time.Now(), length: length}
	p.holds = append(p.holds, h)
	p.mu.Unlock()
	gate, alive := p.gate, p.alive
	p.tasks.Go(func() {
		err := gate.Hold(alive, method, length)
		p.mu.Lock()
		defer p.mu.Unlock()
		h.kept = err == nil
	})
	synctest.Wait()
}

func (p *platform) rule(method string) throttle.Rule {
	if rule, ok := p.cfg.Rules[method]; ok {
		return rule
	}
	return p.cfg.Default
}

// tooFast says what is wrong with a call at this time after those before it.
func tooFast(rule throttle.Rule, at time.Time, before []time.Time) string {
	for i, b := range before {
		if n := len(before) - i + 1; n > rule.Burst+int(at.Sub(b)/rule.Every) {
			return fmt.Sprintf("%d calls within %v", n, at.Sub(b))
		}
	}
	return ""
}

func tooMany(rule throttle.Rule, day time.Duration, at time.Time, before []time.Time) string {
	today := 1
	for _, b := range before {
		if at.Sub(b) < day {
			today++
		}
	}
	if rule.PerDay > 0 && today > rule.PerDay {
		return fmt.Sprintf("%d calls within a day", today)
	}
	return ""
}

func (p *platform) held(c call) string {
	for _, h := range p.holds {
		if h.method == c.method && h.order < c.got && (h.kept || h.process == c.process) && c.at.Before(h.at.Add(h.length)) {
			return fmt.Sprintf("called %v after a hold of %v", c.at.Sub(h.at), h.length)
		}
	}
	return ""
}

// faults judges all calls that were made, by brute force.
func (p *platform) faults() string {
	before := make(map[string][]time.Time)
	for _, c := range p.made {
		rule, earlier := p.rule(c.method), before[c.method]
		if fault := tooFast(rule, c.at, earlier) + tooMany(rule, 24*time.Hour, c.at, earlier) + p.held(c); fault != "" {
			return c.method + ": " + fault
		}
		before[c.method] = append(before[c.method], c.at)
	}
	return ""
}

// TestNoCallIsEarlyWhateverIsRestarted kills processes, also while they write, and
// takes the server away. What was due is made in the end, and soon.
func TestNoCallIsEarlyWhateverIsRestarted(t *testing.T) {
	rules := map[string]throttle.Rule{
		"fast":  {Every: time.Second, Burst: 5},
		"slow":  {Every: 7 * time.Second, Burst: 3},
		"daily": {Every: 30 * time.Second, Burst: 1, PerDay: 4},
	}
	methods := rapid.SampledFrom([]string{"fast", "slow", "daily", "other"})
	pause := rapid.OneOf(rapid.IntRange(0, 50), rapid.IntRange(0, 10_000), rapid.IntRange(0, 1_000_000))
	type step struct {
		Pause  int // milliseconds
		What   int
		Method string
		Length int // seconds
	}
	steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{pause.Draw(t, "pause"), rapid.IntRange(0, 9).Draw(t, "what"), methods.Draw(t, "method"), rapid.IntRange(0, 900).Draw(t, "length")}
	}), 1, 80)
	rapid.Check(t, func(rt *rapid.T) {
		plan := steps.Draw(rt, "plan")
		var fault string
		synctest.Test(t, func(t *testing.T) {
			b := &shelf{}
			p := &platform{t: t, cfg: config(b, rules), shelf: b, owed: make(map[string]int)}
			p.cfg.Default = throttle.Rule{Every: 20 * time.Second, Burst: 2}
			p.start()
			for _, s := range plan {
				time.Sleep(time.Duration(s.Pause) * time.Millisecond)
				switch s.What {
				case 0:
					p.hold(s.Method, time.Duration(s.Length)*time.Second)
				case 1, 2:
					p.restart()
				case 3:
					b.set(func() { b.away = !b.away })
				case 4:
					b.set(func() { b.slow = time.Duration(s.Length) * 10 * time.Millisecond })
				case 5:
					b.set(func() { b.lost, b.late = s.Length%3, time.Duration(s.Length)*time.Millisecond })
				default:
					p.ask(s.Method)
				}
			}
			b.set(func() { b.away, b.slow, b.lost = false, 0, 0 })
			p.restart()
			fault = p.finish()
			if f := p.faults(); f != "" {
				fault = f
			}
		})
		if fault != "" {
			rt.Fatal(fault)
		}
	})
}

// finish waits for all that is due and says what took too long.
func (p *platform) finish() string {
	p.mu.Lock()
	n, start := len(p.made), time.Now()
	p.mu.Unlock()
	p.tasks.Wait()
	due := make(map[string]int)
	for _, c := range p.made[n:] {
		due[c.method]++
		bound := 900*time.Second + time.Duration(due[c.method]+1)*30*time.Second + 5*time.Second
		if days := due[c.method]/4 + 1; c.method == "daily" {
			bound += time.Duration(days) * (24*time.Hour + 15*time.Minute)
		}
		if took := c.at.Sub(start); took > bound {
			return fmt.Sprintf("%s: call %d that was due came after %v", c.method, due[c.method], took)
		}
	}
	p.kill()
	if len(p.owed) > 0 {
		return "calls that were due were not made"
	}
	return ""
}

func TestFiftyKillsInARowGiveNoFreshBurst(t *testing.T) {
	for name, rule := range map[string]throttle.Rule{
		"fast": {Every: time.Second, Burst: 5}, "slow": {Every: 6 * time.Second, Burst: 5},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := &shelf{}
			p := &platform{t: t, cfg: config(b, map[string]throttle.Rule{name: rule}), shelf: b, owed: make(map[string]int)}
			p.start()
			time.Sleep(time.Minute) // a whole burst is saved up
			for range 100 {
				p.ask(name)
			}
			for range 50 {
				time.Sleep(1500 * time.Millisecond)
				p.restart()
			}
			if fault := p.faults(); fault != "" {
				t.Errorf("%s: %s", name, fault)
			}
			if made, least := len(p.made), 5+int(50*1500*time.Millisecond/(rule.Every+5*time.Second)); made < least {
				t.Errorf("%s: %d calls, want %d or more", name, made, least)
			}
			p.kill()
			p.tasks.Wait()
		})
	}
}

// TestEveryCallIsMadeAsSoonAsTheTwinAllowsIt has one process and no faults. The
// twin goes from minute to minute.
func TestEveryCallIsMadeAsSoonAsTheTwinAllowsIt(t *testing.T) {
	type step struct {
		Pause  int // minutes
		Hold   bool
		Length int // minutes
	}
	rules := rapid.Custom(func(t *rapid.T) throttle.Rule {
		return throttle.Rule{
			Every: time.Duration(rapid.IntRange(1, 90).Draw(t, "every")) * time.Minute,
			Burst: rapid.IntRange(1, 4).Draw(t, "burst"), PerDay: rapid.SampledFrom([]int{0, 0, 1, 3, 20}).Draw(t, "per day"),
		}
	})
	steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{rapid.SampledFrom([]int{0, 0, 1, 7, 60, 600}).Draw(t, "pause"), rapid.IntRange(0, 5).Draw(t, "hold") == 0, rapid.IntRange(1, 300).Draw(t, "length")}
	}), 1, 30)
	rapid.Check(t, func(rt *rapid.T) {
		rule, plan := rules.Draw(rt, "rule"), steps.Draw(rt, "plan")
		var fault string
		synctest.Test(t, func(t *testing.T) {
			b := &shelf{}
			p := &platform{t: t, cfg: config(b, map[string]throttle.Rule{"a": rule}), shelf: b, owed: make(map[string]int)}
			p.start()
			for _, s := range plan {
				time.Sleep(time.Duration(s.Pause) * time.Minute)
				synctest.Wait() // what is due now comes first
				if s.Hold {
					p.hold("a", time.Duration(s.Length)*time.Minute)
				} else {
					p.ask("a")
				}
			}
			p.tasks.Wait()
			p.kill()
			fault = p.late(rule)
		})
		if fault != "" {
			rt.Fatal(fault)
		}
	})
}

// late compares each call with the earliest minute that those before it allow.
func (p *platform) late(rule throttle.Rule) string {
	var calls []time.Time
	for range rule.Burst {
		calls = append(calls, p.opened) // as if a whole burst had just been used up
	}
	earliest := func(c call, day time.Duration) time.Time {
		at := c.askedAt
		if last := calls[len(calls)-1]; last.After(at) {
			at = last
		}
		for tooFast(rule, at, calls)+tooMany(rule, day, at, calls[rule.Burst:]) != "" || p.heldAt(c, at) {
			at = at.Add(time.Minute)
		}
		return at
	}
	slices.SortFunc(p.made, func(a, b call) int { return a.asked - b.asked })
	for i, c := range p.made {
		if i > 0 && c.at.Before(p.made[i-1].at) {
			return fmt.Sprintf("call %d overtook another", i)
		}
		first, last := earliest(c, 24*time.Hour), earliest(c, 24*time.Hour+15*time.Minute)
		if c.at.Before(first) || c.at.After(last) {
			return fmt.Sprintf("call %d: made at %v, the twin's is at %v to %v", i, c.at, first, last)
		}
		calls = append(calls, c.at)
	}
	return ""
}

// heldAt says whether a hold is in the way at a time; one that begins at that very
// time is, if the call was asked for later.
func (p *platform) heldAt(c call, at time.Time) bool {
	for _, h := range p.holds {
		begun := h.at.Before(at) || h.at.Equal(at) && h.order < c.asked
		if begun && at.Before(h.at.Add(h.length)) {
			return true
		}
	}
	return false
}
