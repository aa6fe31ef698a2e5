//go:build torture

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

// tortured is one run: a study, its processes, and what was done to them.
type tortured struct {
	*testStudy
	world *world
	rnd   *rand.Rand
	ctx   context.Context //nolint:containedctx // one run, one limit
	// apart is how NATS, ClickHouse and services run as processes of their own;
	// nil where they are in one process.
	apart *separate

	mu    sync.Mutex
	procs map[string]*proc
	all   []*proc
	over  bool
	// away are the services that are not to be started again by themselves.
	away map[string]bool

	faults     []string // what was done, in order
	recovering recovering
	// planted is how many records were put on RECORDS that can never be rows.
	planted int
	// served says how a holder is kept: by `up`, or by whoever imports.
	served bool
}

// hardLimit ends a run that hangs: what is not known then is unknown.
var hardLimit = 150 * time.Second

// newTortured makes an empty study of a world.
func newTortured(t *testing.T, w *world, seed uint64) *tortured {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hardLimit)
	t.Cleanup(cancel)
	s := &testStudy{t: t, dir: t.TempDir()}
	s.temp = s.path("tmp")
	r := &tortured{testStudy: s, world: w, rnd: rand.New(rand.NewPCG(seed, 2)), ctx: ctx, procs: make(map[string]*proc), away: make(map[string]bool)}
	r.recovering.r = r
	if err := os.Mkdir(s.temp, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(copyKeys(filepath.Join(w.dir, "keys"), s.path("keys")), os.MkdirAll(s.path("data"), 0o700)); err != nil {
		t.Fatal(err)
	}
	s.write("doxtrail.yaml", "data: data\n"+r.settings())
	return r
}

// copyKeys copies a key ring, which others may not read. There may be none yet.
func copyKeys(from, to string) error {
	if err := os.CopyFS(to, os.DirFS(from)); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.Chmod(path, 0o700)
		default:
			return os.Chmod(path, 0o600)
		}
	})
}

// settings is the part of the configuration that all shapes share. Small
// batches make many edges.
func (r *tortured) settings() string {
	rows := []int{300, 1500, 50_000}[r.rnd.IntN(3)]
	return fmt.Sprintf("keys: keys\nwatchlist: %s\nrecorder: {batch_rows: %d, batch_wait: 20ms}\n", filepath.Join(r.world.dir, "watchlist.yaml"), rows)
}

// did notes a fault.
func (r *tortured) did(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

// pause waits, unless the run ends first.
func (r *tortured) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.ctx.Done():
	}
}

// await polls until ok or until the run ends.
func (r *tortured) await(ok func() bool) bool {
	for !ok() {
		if r.ctx.Err() != nil {
			return false
		}
		r.pause(25 * time.Millisecond)
	}
	return true
}

var errHung = errors.New("the run's time is over")

// serve starts `up` and waits until it serves.
func (r *tortured) serve(env ...string) (*proc, error) {
	for r.ctx.Err() == nil {
		p := r.spawn("up", env, "up")
		if p.stderr.await("doxtrail is up", p.ended) {
			return p, nil
		}
		env = nil
		if p.wait(r.ctx); r.current("import") == nil && p.cmd.ProcessState.ExitCode() > 0 {
			return nil, fmt.Errorf("up: exit %d: %.500s", p.cmd.ProcessState.ExitCode(), p.stderr.String())
		}
	}
	return nil, errHung
}

// connect connects to the NATS of the moment.
func (r *tortured) connect() (*bus.Conn, error) {
	e, err := r.endpoint()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.ctx, 5*time.Second)
	defer cancel()
	return bus.Connect(ctx, bus.Config{URL: e.nats, Token: e.token, Name: "torture"})
}

// drain waits until the streams hold nothing that is not handled.
func (r *tortured) drain() error {
	conn, err := r.connect()
	if err != nil {
		return err
	}
	defer conn.Close(r.ctx)
	var lag bus.Lag
	var asked error
	drained := r.await(func() bool {
		// Bounded: an answer that a dying server owes never comes.
		bounded, cancel := context.WithTimeout(r.ctx, 3*time.Second)
		defer cancel()
		var err error
		if lag, err = conn.Lag(bounded); err != nil {
			asked = err
			r.did("asked in vain how far the streams are: %v", err)
			return false
		}
		for _, d := range lag.Durables {
			if d.Pending > 0 || d.AckPending > 0 {
				return false
			}
		}
		return true
	})
	if !drained {
		return fmt.Errorf("the streams do not drain: %+v, %w", lag.Durables, asked)
	}
	// No fault here damages a disk, so an alarm that a stream lost something is
	// false.
	gaps, err := conn.OpenGaps(r.ctx)
	if err != nil {
		return err
	}
	if len(gaps) > 0 {
		return fmt.Errorf("streams are said to have lost messages: %v", gaps)
	}
	if int(lag.Failed) < r.planted {
		return fmt.Errorf("%d of %d records that can never be rows are on FAILED", lag.Failed, r.planted)
	}
	if r.planted > 0 || lag.Failed == 0 {
		return nil
	}
	return fmt.Errorf("%d records failed: %v", lag.Failed, r.failed(conn))
}

// failed lists what is on FAILED, by where it came from and why.
func (r *tortured) failed(conn *bus.Conn) []string {
	var list []string
	err := conn.FailedRecords(r.ctx, func(f bus.FailedRecord) bool {
		list = append(list, f.String())
		return len(list) < 10
	})
	if err != nil {
		list = append(list, err.Error())
	}
	return list
}

// importCalls imports every call until each has said once that it is done.
// before runs before each attempt and gives its environment.
func (r *tortured) importCalls(before func() ([]string, error)) error {
	for n, call := range r.world.calls {
		if err := r.importCall(fmt.Sprintf("import-%d", n), n, call, before); err != nil {
			return err
		}
	}
	return nil
}

func (r *tortured) importCall(name string, n int, paths []string, before func() ([]string, error)) error {
	var last string
	for r.ctx.Err() == nil {
		env, err := before()
		if err != nil {
			return err
		}
		p := r.spawn(name, env, append([]string{"import", "--json"}, paths...)...)
		if r.apart == nil && !r.served {
			r.recovering.from("import", p.started)
		}
		switch p.wait(r.ctx) {
		case exitDone:
			if n < 0 {
				return nil
			}
			return r.early(n)
		case exitUsage:
			return fmt.Errorf("import: %s", p.stderr.String())
		case exitFailed: // it says why; a user would run it again
			last = p.stderr.String()
			r.pause(100 * time.Millisecond)
		}
	}
	return fmt.Errorf("%w; the last import said: %.300s", errHung, last)
}

// stopUp ends `up` as a user does.
func (r *tortured) stopUp() error {
	p := r.current("up")
	if p == nil {
		return nil
	}
	p.signal(syscall.SIGINT)
	if code := p.wait(r.ctx); code != exitDone {
		return fmt.Errorf("up, stopped at the end: exit %d", code)
	}
	return nil
}
