package recorder

import (
	"log/slog"

	"github.com/doxtrail/doxtrail/pkg/store"
)

// fault says where the reason lies that an insert failed.
type fault int

const (
	faultNone fault = iota
	// faultOutside: ClickHouse is away, busy or full. It passes.
	faultOutside
	// faultStatement: ClickHouse refuses the statement, whatever the rows are.
	// The tables are of another version, or the account may not insert. It
	// passes when somebody mends it; were it taken for a fault of the rows,
	// every record of the stream would end on FAILED.
	faultStatement
	// faultRows: some of the rows can never be stored.
	faultRows
)

// String is the word for a fault in logs and metrics.
func (f fault) String() string {
	switch f {
	case faultOutside:
		return "retry"
	case faultStatement:
		return "statement"
	case faultRows:
		return "permanent"
	default:
		return "none"
	}
}

// level is how loud a fault is logged: what does not pass by itself is an error.
func (f fault) level() slog.Level {
	if f == faultOutside {
		return slog.LevelWarn
	}
	return slog.LevelError
}

// faultOf sorts what Insert returned.
func faultOf(err error) fault {
	switch {
	case err == nil:
		return faultNone
	case store.Classify(err) != store.Permanent:
		return faultOutside
	case store.RefusesStatement(err):
		return faultStatement
	default:
		return faultRows
	}
}
