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
	if errors.As(err, &exception) && permanent(exception.Code) {
		return Permanent
	}
	return Retry
}

// permanent is the table of ClickHouse's error codes that another try cannot
// cure. Unknown tables and databases (60, 81) are not in it: the provisioner
// may still be making them.
func permanent(code int32) bool {
	switch code {
	case 6, 27, 38, 41, 72, 117, 321, // cannot parse this value
		33, 70, 131, // data that breaks off, does not convert, is too large
		7, 8, 16, 20, 53, 69, 349, // columns, types or ranges that do not fit
		36, 42, 43, 44, 46, 47, 48, 62, 63, // a statement that is wrong
		115, 164, 223, 344, 452, 497, // a statement that is not allowed
		395, 456, 457, // a query's own refusal, a missing or wrong parameter
		158, 307, 396: // more rows or bytes than a researcher may read
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
