package main

import (
	"context"
	"fmt"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

const (
	// oldRaw is the age of the oldest message on RAW that is trouble, nearlyFull
	// the part of a stream's limit.
	oldRaw     = 24 * time.Hour
	nearlyFull = 0.8
)

// trouble is something that an operator has to see to.
type trouble struct {
	Check string `json:"check"`
	Found string `json:"found"`
	Mend  string `json:"mend"`
}

// health is what is known of the streams beside their lag.
type health struct {
	lag       bus.Lag
	failed    bus.FailedTally
	gaps      []bus.Gap
	auditedAt time.Time
	now       time.Time
}

func (s *session) health(ctx context.Context) (h health, err error) {
	h.now = time.Now().UTC()
	if h.lag, err = s.conn.Lag(ctx); err != nil {
		return h, err
	}
	if h.failed, err = s.conn.FailedTally(ctx); err != nil {
		return h, err
	}
	if h.gaps, err = s.conn.OpenGaps(ctx); err != nil {
		return h, err
	}
	h.auditedAt, err = s.conn.AuditedAt(ctx)
	return h, err
}

// oldestRaw is when the oldest message on RAW was stored, and its age: not less
// than nothing, though a clock was set back.
func (h health) oldestRaw() (at time.Time, age time.Duration) {
	for _, l := range h.lag.Streams {
		if l.Stream == bus.StreamRaw && !l.OldestAt.IsZero() {
			return l.OldestAt, max(h.now.Sub(l.OldestAt), 0)
		}
	}
	return time.Time{}, 0
}

// troubles lists what somebody has to see to; empty if all is well.
func (h health) troubles() []trouble {
	all := []trouble{}
	for _, g := range h.gaps {
		all = append(all, trouble{"lost messages", gapText(g), gapMend})
	}
	if n := h.failed.Waiting; n > 0 {
		all = append(all, trouble{"failed records", fmt.Sprintf("%s on FAILED; nothing of it is lost", plurals(int(n), "entry", "entries")), "`doxtrail deadletters list` shows them, `retry` puts them back, `drop` gives them up"})
	}
	if n := h.failed.Missing(); n > 0 {
		all = append(all, trouble{"failed records", fmt.Sprintf("%s gone from FAILED that nobody retried or dropped", plurals(int(n), "entry is", "entries are")), "read again what was collected when they failed"})
	}
	if _, age := h.oldestRaw(); age > oldRaw {
		all = append(all, trouble{"age of RAW", fmt.Sprintf("the oldest message has waited for %s", age.Round(time.Minute)), "look at the normaliser's log: it does not read, or cannot"})
	}
	for _, l := range append(h.lag.Streams[:len(h.lag.Streams):len(h.lag.Streams)], h.lag.Cursors) {
		if l.Stream != bus.StreamAdvisories && l.MaxBytes > 0 && float64(l.Bytes) > nearlyFull*float64(l.MaxBytes) {
			all = append(all, trouble{"room on " + l.Stream, fmt.Sprintf("%d %% full", 100*l.Bytes/uint64(l.MaxBytes)), fullMend(l.Stream)})
		}
	}
	return all
}

// fullMend says what makes room on a stream.
func fullMend(stream string) string {
	switch stream {
	case bus.StreamRaw:
		return "the normaliser is behind; collectors wait until it has caught up"
	case bus.StreamRecords:
		return "the recorder is behind, or ClickHouse away; what is recorded is trimmed within a minute"
	case bus.BucketCursors:
		return "raise provisioner.bucket_max_bytes and start again; when it is full, collectors wait and lose nothing"
	default:
		return "retry or drop failed records with `doxtrail deadletters`; batches with more of them wait"
	}
}

const gapMend = "import or collect again what was read in that time, then `doxtrail doctor --acknowledge-gaps`"

// gapText names a lost range and when it was collected.
func gapText(g bus.Gap) string {
	text := fmt.Sprintf("%s lost %d-%d (%s", g.Stream, g.First, g.Last, plural(int(g.Messages()), "message"))
	if g.AtMost {
		text += " at most"
	}
	return text + fmt.Sprintf("), stored between %s and %s", momentOf(g.After, "the beginning"), momentOf(g.Before, "now"))
}

func momentOf(at time.Time, otherwise string) string {
	if at.IsZero() {
		return otherwise
	}
	return at.UTC().Format(time.RFC3339)
}
