//go:build torture

package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

// recoveryLimit is how long after a restart rows must arrive again.
const recoveryLimit = 5 * time.Second

// recovering measures how long it takes, from the start of what was restarted,
// until new rows arrive.
type recovering struct {
	r *tortured

	mu    sync.Mutex
	epoch int
	took  []recovery
	going sync.WaitGroup
	// delivered says that rows have arrived before: a first start makes streams
	// and tables, and is no restart.
	delivered bool
}

type recovery struct {
	of   string
	took time.Duration
}

// from begins a measurement and ends the one before it: what is killed again
// cannot recover.
func (v *recovering) from(of string, at time.Time) {
	v.mu.Lock()
	v.epoch++
	epoch, counts := v.epoch, v.delivered
	v.mu.Unlock()
	v.going.Go(func() { v.watch(epoch, of, at, counts) })
}

// end ends the measuring: nothing more is expected to arrive.
func (v *recovering) end() []recovery {
	v.mu.Lock()
	v.epoch++
	v.mu.Unlock()
	v.going.Wait()
	return v.took
}

func (v *recovering) current(epoch int) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.epoch == epoch
}

func (v *recovering) watch(epoch int, of string, at time.Time, counts bool) {
	arrived := func() bool { return v.rowsSince(at) }
	if of == "nats" {
		acked := v.acked()
		arrived = func() bool { return acked() && v.rowsSince(at) }
	}
	for v.current(epoch) && v.r.ctx.Err() == nil {
		if v.r.died(of) { // by an edge of its own, say: then the next one is measured
			return
		}
		if arrived() {
			v.mu.Lock()
			if v.epoch == epoch && counts {
				v.took = append(v.took, recovery{of, time.Since(at)})
			}
			v.mu.Unlock()
			return
		}
		v.r.pause(40 * time.Millisecond)
	}
}

// rowsSince asks whether rows were written since a time.
func (v *recovering) rowsSince(at time.Time) bool {
	e, err := v.r.endpoint()
	if err != nil {
		return false
	}
	var parts []string
	for _, table := range []string{"posts", "links", "coverage", "imports"} {
		parts = append(parts, fmt.Sprintf("SELECT max(toUnixTimestamp64Milli(recorded_at)) AS at FROM doxtrail.%s", table))
	}
	ctx, cancel := context.WithTimeout(v.r.ctx, 2*time.Second)
	defer cancel()
	out, err := e.ask(ctx, "SELECT max(at) FROM ("+strings.Join(parts, " UNION ALL ")+")", nil)
	if err != nil {
		return false
	}
	last, err := strconv.ParseInt(strings.TrimSpace(out), 10, 64)
	if err != nil || last < at.UnixMilli() {
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.delivered = true
	return true
}

// acked says whether the recorder has acknowledged anything since the first
// look. Rows alone do not show that NATS delivers again: a recorder writes what
// it holds without.
func (v *recovering) acked() func() bool {
	first, seen := uint64(0), false
	return func() bool {
		conn, err := v.r.connect()
		if err != nil {
			return false
		}
		defer conn.Close(v.r.ctx)
		bounded, cancel := context.WithTimeout(v.r.ctx, 3*time.Second)
		defer cancel()
		lag, err := conn.Lag(bounded)
		if err != nil {
			return false
		}
		for _, d := range lag.Durables {
			if d.Durable != bus.RecorderArchive {
				continue
			}
			if !seen {
				first, seen = d.AckedSeq, true
			}
			return d.AckedSeq > first || d.Pending == 0 && d.AckPending == 0
		}
		return false
	}
}
