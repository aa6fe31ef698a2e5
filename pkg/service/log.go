package service

import (
	"io"
	"log/slog"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// Keys of log attributes. Messages are constant; what varies is an attribute
// under one of these keys, so that a log can be searched for years.
const (
	KeyService    = "service"
	KeyStream     = "stream"
	KeyLane       = "lane"
	KeyClass      = "class"
	KeyError      = "error"
	KeyCount      = "count"
	KeyGeneration = "generation"
	KeyAddress    = "address"
	KeyStack      = "stack"
	KeyFile       = "file_ordinal"
	KeyOffset     = "byte_offset"
	KeyVersion    = "version"
	KeyWait       = "wait"
	KeyBytes      = "bytes"
	KeyOutcome    = "outcome"
	KeyRecords    = "records"
	KeyPosts      = "posts"
	KeyRejected   = "rejected"
)

// NewLogger returns a logger that writes text lines of at least level to w.
// Every message and attribute is scrubbed first.
//
//nolint:misspell // slog spells it so
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(privacy.NewLogHandler(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})))
}

// For returns log with the name of a service on every line.
func For(log *slog.Logger, service string) *slog.Logger {
	return log.With(KeyService, service)
}

// Error is the attribute for an error: its text with everything that could be
// content taken out.
func Error(err error) slog.Attr {
	return slog.String(KeyError, privacy.ScrubError(err))
}
