//go:build torture

package main

import (
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// scenario is a way to torture a study. It makes a run, does its worst while
// the archives are imported, and returns when every import has said that it is
// done, or cannot.
type scenario struct {
	name   string
	weight int
	run    func(t *testing.T, w *world, seed uint64) (*tortured, error)
}

func scenarios() []scenario {
	return []scenario{
		{"kill-import", 3, killImport},
		{"kill-up", 3, killUp},
		{"kill-services", 4, killServices},
		{"servers-away", 4, serversAway},
		{"cut-connections", 4, cutConnections},
		{"disk-full", 2, diskFull},
		{"redeliver", 2, redeliver},
		{"many-importers", 3, manyImporters},
		{"kill-points", 5, killPoints},
		{"inbox", 5, inbox},
	}
}

// within picks a moment of an import that takes so long undisturbed.
func (r *tortured) within(factor float64) time.Duration {
	return time.Duration(r.rnd.Float64() * factor * float64(r.world.took))
}

// moment picks when a fault comes: early in an import, its start included, or
// soon after rows arrive, which most of what can be lost is near to.
func (r *tortured) moment() func() {
	early, soon, byRows := r.within(0.5), time.Duration(r.rnd.IntN(400))*time.Millisecond, r.rnd.IntN(2) == 0
	return func() {
		if !byRows {
			r.pause(early)
			return
		}
		since, limit := time.Now(), time.Now().Add(2*r.world.took)
		r.await(func() bool { return r.recovering.rowsSince(since) || time.Now().After(limit) })
		r.pause(soon)
	}
}

// chaos does faults one after the other, at random moments, beside importing.
// When importing is over, what is left has nothing to hit and is left out.
func (r *tortured) chaos(faults []func(), importing func() error) error {
	var over atomic.Bool
	ended := make(chan struct{})
	moments := make([]func(), len(faults))
	for i := range moments {
		moments[i] = r.moment()
	}
	go func() {
		defer close(ended)
		for i, fault := range faults {
			moments[i]()
			if over.Load() || r.ctx.Err() != nil {
				return
			}
			fault()
		}
	}()
	err := importing()
	over.Store(true)
	<-ended
	return err
}

// nothing is to be done before an import.
func nothing() ([]string, error) { return nil, nil }

// killImport: one process that serves and imports is killed, or stopped with
// Ctrl-C, and started again. What a stop leaves is older than what a later kill
// leaves, which an audit must not take for damage.
func killImport(t *testing.T, w *world, seed uint64) (*tortured, error) {
	r := newTortured(t, w, seed)
	moments := make([]func(), 1+r.rnd.IntN(5))
	ways := make([]syscall.Signal, len(moments))
	for i := range moments {
		moments[i] = r.moment()
		ways[i] = []syscall.Signal{syscall.SIGINT, syscall.SIGKILL, syscall.SIGKILL}[r.rnd.IntN(3)]
	}
	return r, r.importCalls(func() ([]string, error) {
		if len(moments) > 0 {
			moment, how := moments[0], ways[0]
			moments, ways = moments[1:], ways[1:]
			go r.endLater(moment, how, "import-0", "import-1")
		}
		return nil, nil
	})
}

// endLater signals whichever of some processes runs at a moment to come.
func (r *tortured) endLater(moment func(), how syscall.Signal, names ...string) {
	moment()
	for _, name := range names {
		if p := r.current(name); p != nil {
			r.did("%s to %s after %d ms", how, name, time.Since(p.started).Milliseconds())
			p.signal(how)
			return
		}
	}
}

// keepUp starts `up` where it does not run.
func (r *tortured) keepUp(env ...string) error {
	if r.current("up") != nil {
		return nil
	}
	p, err := r.serve(env...)
	if err == nil {
		r.recovering.from("up", p.started)
	}
	return err
}

// lastLife replaces an `up` that may still kill itself at an edge by one that
// does not: what comes after the faults is to find it there.
func (r *tortured) lastLife() error {
	if p := r.current("up"); p != nil {
		p.signal(syscall.SIGKILL)
		p.wait(r.ctx)
	}
	return r.keepUp()
}

// killUp: `up` and an import that is attached to it are killed, one or both.
func killUp(t *testing.T, w *world, seed uint64) (*tortured, error) {
	r := newTortured(t, w, seed)
	r.served = true
	var faults []func()
	for range 1 + r.rnd.IntN(4) {
		who := [][]string{{"up"}, {"import-0", "import-1"}, {"up", "import-0", "import-1"}}[r.rnd.IntN(3)]
		faults = append(faults, func() {
			for _, name := range who {
				if p := r.current(name); p != nil {
					r.did("kill %s", name)
					p.signal(syscall.SIGKILL)
				}
			}
		})
	}
	return r, r.chaos(faults, func() error {
		return r.importCalls(func() ([]string, error) { return nil, r.keepUp() })
	})
}

// killServices: services, and the servers too, run apart and are killed or
// stopped for a while, one at a time.
func killServices(t *testing.T, w *world, seed uint64) (*tortured, error) {
	r, err := newApart(t, w, seed)
	if err != nil {
		return r, err
	}
	names := []string{"provisioner", "normaliser", "recorder", "collector-archive", "normaliser", "recorder", "import-0", "import-1"}
	var faults []func()
	for range 2 + r.rnd.IntN(4) {
		name, freeze := names[r.rnd.IntN(len(names))], r.rnd.IntN(4) == 0
		nap, away := time.Duration(200+r.rnd.IntN(2500))*time.Millisecond, time.Duration(r.rnd.IntN(800))*time.Millisecond
		faults = append(faults, func() {
			if freeze {
				r.freeze(name, nap)
				return
			}
			r.killService(name, away)
		})
	}
	return r, r.chaos(faults, func() error { return r.importCalls(nothing) })
}

// killService kills a service and starts it again after a while. An import is
// started again by whoever runs it.
func (r *tortured) killService(name string, away time.Duration) {
	p := r.current(name)
	if p == nil {
		return
	}
	r.did("kill %s", name)
	if name == "import-0" || name == "import-1" {
		p.kill(r.ctx)
		return
	}
	r.setAway(name, true)
	p.kill(r.ctx)
	r.pause(away)
	r.recovering.from(name, r.runService(name).started)
	r.setAway(name, false)
}

// freeze stops a process as a debugger or a laptop's lid does.
func (r *tortured) freeze(name string, nap time.Duration) {
	p := r.current(name)
	if p == nil {
		return
	}
	r.did("freeze %s for %d ms", name, nap.Milliseconds())
	p.signal(syscall.SIGSTOP)
	r.pause(nap)
	p.signal(syscall.SIGCONT)
	r.recovering.from(name, time.Now())
}

// serversAway: NATS or ClickHouse end, in order or not, and come back on the
// same port with the same store.
func serversAway(t *testing.T, w *world, seed uint64) (*tortured, error) {
	r, err := newApart(t, w, seed)
	if err != nil {
		return r, err
	}
	var faults []func()
	for range 1 + r.rnd.IntN(4) {
		name := []string{"nats", "clickhouse"}[r.rnd.IntN(2)]
		how := []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}[r.rnd.IntN(2)]
		away := time.Duration(r.rnd.IntN(2500)) * time.Millisecond
		faults = append(faults, func() { r.awayFor(name, how, away) })
	}
	return r, r.chaos(faults, func() error { return r.importCalls(nothing) })
}

// awayFor ends a server and starts it again after a while.
func (r *tortured) awayFor(name string, how syscall.Signal, away time.Duration) {
	p := r.current(name)
	r.did("%v to %s, away %d ms", how, name, away.Milliseconds())
	p.signal(how)
	if p != nil {
		p.wait(r.ctx)
	}
	r.pause(away)
	at := time.Now()
	if err := r.serveApart(name); err != nil && r.ctx.Err() == nil {
		r.did("%v", err)
		return
	}
	r.recovering.from(name, at)
}

// redeliver: two recorders share the stream, and one of them sleeps for longer
// than the stream waits for its acks: the other is given what it has in hand,
// and then it wakes up.
func redeliver(t *testing.T, w *world, seed uint64) (*tortured, error) {
	r, err := newApart(t, w, seed)
	if err != nil {
		return r, err
	}
	if r.rnd.IntN(3) > 0 {
		r.spawn("recorder-2", nil, "run", "recorder")
	}
	who := []string{"recorder", "normaliser", "recorder"}[r.rnd.IntN(3)]
	nap := time.Duration(4500+r.rnd.IntN(2000)) * time.Millisecond // the stream waits 4 s
	return r, r.chaos([]func(){func() { r.freeze(who, nap) }}, func() error { return r.importCalls(nothing) })
}
