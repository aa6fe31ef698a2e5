package api

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Fault is what went wrong with a call. It holds nothing of the request and no
// word of the answer, so it may be logged and shown.
type Fault struct {
	Kind Kind
	// Status is the HTTP status, 0 where no answer came or none was asked for.
	Status int
	// Method is one of Methods; empty where whoever read the answer does not know it.
	Method string
	// Until is when it may be asked for again, where X said so; else zero.
	Until time.Time
	// Unsent says that no connection was made: X has not seen the request.
	Unsent bool
	// Lines is how many lines of a result could not be read; 0 of anything else.
	Lines int
}

// Error implements error.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString("ask X")
	if f.Method != "" {
		// The log's scrubber would take rules.read for a host.
		fmt.Fprintf(&b, " (%s)", strings.ReplaceAll(f.Method, ".", " "))
	}
	b.WriteString(": ")
	if f.Lines > 0 {
		fmt.Fprintf(&b, "%d lines of the results cannot be read", f.Lines)
	} else {
		b.WriteString(f.Kind.sentence())
	}
	if f.Status > 0 {
		fmt.Fprintf(&b, " (status %d)", f.Status)
	}
	return b.String()
}

// LogValue implements slog.LogValuer.
func (f *Fault) LogValue() slog.Value { return slog.StringValue(f.Error()) }

// Transient says whether the same request may succeed later by itself.
func (f *Fault) Transient() bool { return f.Kind.Transient() }
