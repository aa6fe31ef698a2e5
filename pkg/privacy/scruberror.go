package privacy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// ScrubError gives the text of an error without what it says of persons, pages,
// hosts and files: first the values that known errors carry (the path of a
// file system's error, the name of a DNS error, the address of an HTTP error,
// the text of a number that did not parse), wherever they stand in the text,
// then whatever [Scrub] takes out. A nil error gives an empty string.
func ScrubError(err error) string {
	if err == nil {
		return ""
	}
	text := errorText(err)
	var values []string
	carriedValues(&values, err, 0)
	// The longest first: one may be part of another.
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	for _, value := range values {
		text = strings.ReplaceAll(text, value, redacted)
	}
	return Scrub(text)
}

// PanicClass gives the type of a recovered panic's value, the only thing that
// may be said of it: its text can hold what was being worked on.
func PanicClass(value any) string { return fmt.Sprintf("%T", value) }

// errorText asks an error for its text and survives one that panics.
func errorText(err error) (text string) {
	defer func() {
		if recovered := recover(); recovered != nil {
			text = PanicClass(err)
		}
	}()
	return err.Error()
}

// deepestError bounds the walk through wrapped errors, which may be made by
// hand and go in circles.
const deepestError = 50

// carriedValues collects from an error and all it wraps the values that its
// text repeats. It survives an error that panics, as a nil pointer does.
func carriedValues(values *[]string, err error, depth int) {
	if err == nil || depth > deepestError {
		return
	}
	defer func() { _ = recover() }()
	for _, value := range ownValues(err) {
		if len(value) > 1 { // one letter tells nothing, and is in every text
			*values = append(*values, value)
		}
	}
	switch wrapping := err.(type) { //nolint:errorlint // this is the walk that errors.As would do
	case interface{ Unwrap() []error }:
		for _, inner := range wrapping.Unwrap() {
			carriedValues(values, inner, depth+1)
		}
	default:
		carriedValues(values, errors.Unwrap(err), depth+1)
	}
}

// ownValues lists what an error of a known type carries.
func ownValues(err error) []string {
	switch e := err.(type) { //nolint:errorlint // carriedValues unwraps
	case *fs.PathError:
		return []string{e.Path}
	case *os.LinkError:
		return []string{e.Old, e.New}
	case *url.Error:
		return []string{e.URL}
	case *net.DNSError:
		return []string{e.Name, e.Server}
	case *net.ParseError:
		return []string{e.Text}
	case *net.AddrError:
		return []string{e.Addr}
	case *strconv.NumError:
		return []string{e.Num}
	case *json.UnmarshalTypeError:
		if number, ok := strings.CutPrefix(e.Value, "number "); ok {
			return []string{number} // else it names a kind of JSON value
		}
	}
	return nil
}
