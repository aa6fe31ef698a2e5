//go:build torture

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

// inbox: nobody types import. Files are laid into the inbox once; the collector
// notes in CURSORS what it has put on RAW, and nothing of that is read again:
// what a fault loses from then on stays lost. Everything else is killed.
func inbox(t *testing.T, w *world, seed uint64) (*tortured, error) {
	if seed%2 == 0 {
		return inboxUp(t, w, seed)
	}
	r, err := newApart(t, w, seed)
	if err != nil {
		return r, err
	}
	var faults []func()
	for range 3 + r.rnd.IntN(4) {
		service := []string{"normaliser", "recorder", "collector-archive", "nats", "clickhouse"}[r.rnd.IntN(5)]
		how := []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL, syscall.SIGKILL}[r.rnd.IntN(3)]
		away := time.Duration(r.rnd.IntN(800)) * time.Millisecond
		faults = append(faults, func() {
			if service == "nats" || service == "clickhouse" {
				r.awayFor(service, how, away)
				return
			}
			r.killService(service, away)
		})
	}
	return r, r.chaos(faults, func() error {
		r.layOut()
		return r.allCovered()
	})
}

// inboxUp is the same with one process, which also kills itself at edges.
func inboxUp(t *testing.T, w *world, seed uint64) (*tortured, error) {
	r := newTortured(t, w, seed)
	r.served = true
	r.write("doxtrail.yaml", "data: data\n"+r.settings()+"collector_archive: {inbox: inbox, inbox_poll: 100ms}\n")
	if err := os.Mkdir(r.path("inbox"), 0o700); err != nil {
		return r, err
	}
	lives := 3 + r.rnd.IntN(4)
	var keeping error
	over := make(chan struct{})
	go func() {
		defer close(over)
		for ; keeping == nil && r.ctx.Err() == nil && !r.laidOut(); r.pause(50 * time.Millisecond) {
			if r.current("up") != nil {
				continue
			}
			var env []string
			// Most of all the edges behind which RAW no longer has what RECORDS
			// may not have yet: only here does nobody read it again.
			edges := append(slices.Repeat([]string{"acked-raw", "publish-records"}, 5), points()...)
			edges = edges[:len(edges)-failedPoints] // nothing fails here
			if lives--; lives > 0 && r.rnd.IntN(4) > 0 {
				env = []string{fmt.Sprintf("%s=%s:%d", bus.KillVariable, edges[r.rnd.IntN(len(edges))], 1+r.rnd.IntN(25))}
				r.did("%s", env[0])
			} else if lives > 0 {
				go r.endLater(r.moment(), syscall.SIGKILL, "up")
			}
			keeping = r.keepUp(env...)
		}
	}()
	r.layOut()
	err := r.allCovered()
	<-over
	if keeping != nil {
		return r, keeping
	}
	return r, errors.Join(err, r.lastLife())
}

// layOut lays every archive into the inbox, whole at once.
func (r *tortured) layOut() {
	for i, path := range slices.Concat(r.world.calls...) {
		// A link is a regular file that is never half written.
		name := fmt.Sprintf("%02d-%s", i, filepath.Base(path))
		if err := os.Link(path, r.path(filepath.Join("inbox", name))); err != nil {
			r.did("the inbox cannot be filled: %v", err)
		}
	}
}

// laidOut says whether every file is covered in full: the inbox's way of saying
// that it is done.
func (r *tortured) laidOut() bool {
	e, err := r.endpoint()
	if err != nil {
		return false
	}
	for call, hashes := range r.world.hashes {
		out, err := e.ask(r.ctx, r.ledgerSQL(call), nil)
		if err != nil || strings.Count(out, "\n") != len(hashes) {
			return false
		}
		for line := range strings.Lines(out) {
			if f := strings.Fields(line); len(f) != 3 || f[1] != f[2] {
				return false
			}
		}
	}
	return true
}

// allCovered waits until every file is, for as long as that can take.
func (r *tortured) allCovered() error {
	limit := time.Now().Add(hardLimit / 2)
	if !r.await(func() bool { return time.Now().After(limit) || r.laidOut() }) || !r.laidOut() {
		return fmt.Errorf("the files of the inbox are not all covered after %s", hardLimit/2)
	}
	return nil
}
