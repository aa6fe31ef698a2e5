package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Class says what the same call, made again later, may bring.
type Class int

// The classes.
const (
	// Retry: the fault lies outside the call, or is unknown. Nothing is lost by
	// trying again, and the same rows written twice are still the same rows.
	Retry Class = iota
	// Permanent: the call itself is wrong and stays so.
	Permanent
)

// String is the word for a class in logs and metrics.
func (c Class) String() string {
	if c == Permanent {
		return "permanent"
	}
	return "retry"
}

// Classify sorts an error of this package. Whatever is not known to be
// permanent is worth another try: a ClickHouse that is away, full, busy or not
// yet migrated, wrong credentials, a cancelled call.
func Classify(err error) Class {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Retry
	}
	if errors.Is(err, ErrBadRecord) {
		return Permanent
	}
	var exception *clickhouse.Exception
	if errors.As(err, &exception) && (aboutStatement(exception.Code) || aboutValues(exception.Code)) {
		return Permanent
	}
	return Retry
}

// RefusesStatement says whether a permanent error is about the statement,
// whatever the rows are: the tables are of another version, or the account may
// not do this. Somebody can mend that; were it taken for a fault of the rows,
// every record would be set aside.
func RefusesStatement(err error) bool {
	var exception *clickhouse.Exception
	return errors.As(err, &exception) && aboutStatement(exception.Code)
}

// aboutStatement and aboutValues are the tables of ClickHouse's error codes that
// another try cannot cure. Unknown tables and databases (60, 81) are in neither:
// the provisioner may still be making them.
func aboutStatement(code int32) bool {
	switch code {
	case 7, 8, 16, 20, // columns that the table has not
		36, 42, 43, 44, 46, 47, 48, 62, 63, // a statement that is wrong
		115, 164, 223, 344, 452, 497, // a statement that is not allowed
		395, 456, 457, // a query's own refusal, a missing or wrong parameter
		158, 307, 396: // more rows or bytes than a researcher may read
		return true
	}
	return false
}

func aboutValues(code int32) bool {
	switch code {
	case 6, 27, 38, 41, 72, 117, 321, // cannot parse this value
		33, 70, 131, // data that breaks off, does not convert, is too large
		53, 69, 349, // types or ranges that do not fit
		469, 691: // a constraint that does not hold, a word that an enum has not
		return true
	}
	return false
}

// Error is a failed statement. Its text has ClickHouse's code and the code's
// name, not ClickHouse's text, which may repeat values.
type Error struct {
	// Doing is what was tried, as "insert posts".
	Doing string
	// Code and Name are ClickHouse's; zero and empty if it never answered.
	Code int32
	Name string
	err  error
}

// Error is safe to log.
func (e *Error) Error() string {
	if e.Code == 0 {
		return e.Doing + ": no answer from clickhouse"
	}
	return fmt.Sprintf("%s: clickhouse refused with code %d (%s)", e.Doing, e.Code, e.Name)
}

// Unwrap gives the error beneath, whose text is not safe to log.
func (e *Error) Unwrap() error { return e.err }

// wrap hides the text of a driver error behind what was being done. A call
// that was cancelled stays recognisable as such.
func wrap(doing string, err error) error {
	wrapped := &Error{Doing: doing, err: err}
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		wrapped.Code, wrapped.Name = exception.Code, exception.CodeName
	}
	return wrapped
}
