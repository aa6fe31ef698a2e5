// Package config reads doxtrail's one configuration file.
//
// The file is YAML and strict: a key that nobody knows is an error that names
// the key and its line, because a misspelt limit that is silently ignored is
// worse than a start that fails. Load fills a struct that already holds the
// defaults, so a missing key keeps its default. What the values mean and which
// are allowed is the business of each service's Config and its Validate;
// Faults joins what they find, each under its key path, so that a user mends
// a file once and not fault by fault.
//
// Limits: secrets never stand in the file; keys that end in _file name files
// that hold them. There are no includes and no environment variables inside
// the file.
package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// DefaultPath is the configuration file that is read when none is named and
// it lies in the working folder.
const DefaultPath = "doxtrail.yaml"

// maxBytes bounds a configuration file; a real one has a few kilobytes.
const maxBytes = 1 << 20

// Load reads the file at path into dst, a pointer to a struct that holds the
// defaults. The error names every unknown key and every value of a wrong type
// with its line.
func Load(path string, dst any) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open config: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	return Parse(f, dst)
}

// Parse reads YAML from r into dst as Load does. An empty file is valid and
// changes nothing.
func Parse(r io.Reader, dst any) error {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	dec := yaml.NewDecoder(limited)
	dec.KnownFields(true)
	err := dec.Decode(dst)
	switch {
	case limited.N <= 0:
		return fmt.Errorf("read config: longer than %d bytes", maxBytes)
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return fmt.Errorf("read config: %w", readable(err))
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return errors.New("read config: more than one YAML document; keep one")
	}
	return nil
}

// goType matches the Go type names that yaml puts into its messages and that
// mean nothing to someone who edits a file.
var goType = regexp.MustCompile(` (not found in|into) (type )?[\w.\[\]*]+`)

// readable rewrites yaml's type errors into one line per fault, without the
// names of Go types. Its syntax errors have a line and repeat nothing. What it
// says without a line quotes the file, which may be no configuration at all, or
// names its path.
func readable(err error) error {
	var te *yaml.TypeError
	if !errors.As(err, &te) {
		if !strings.HasPrefix(err.Error(), "yaml: line ") {
			return errors.New("not valid YAML")
		}
		return err
	}
	faults := make([]error, 0, len(te.Errors))
	for _, e := range te.Errors {
		text := e
		if strings.Contains(e, "not found in type") {
			text = strings.Replace(goType.ReplaceAllString(e, ""), "field ", "unknown key ", 1)
		} else if line, rest, _ := strings.Cut(e, ": "); strings.HasPrefix(rest, "mapping key ") {
			text = line + ": key stands twice"
		} else if rest != "" {
			wanted := e[strings.LastIndex(e, " ")+1:]
			text = line + ": wrong type of value" + wantedText(wanted) // yaml quotes the value
		}
		faults = append(faults, errors.New(text))
	}
	return errors.Join(faults...)
}

// wantedText names a Go type in words of the file; nothing if there is none.
func wantedText(goType string) string {
	switch {
	case goType == "time.Duration":
		return ", want a time such as 30s"
	case goType == "bool":
		return ", want true or false"
	case goType == "string":
		return ", want a text"
	case strings.HasPrefix(goType, "int"), strings.HasPrefix(goType, "uint"):
		return ", want a whole number"
	case strings.HasPrefix(goType, "[]"):
		return ", want a list"
	default:
		return ""
	}
}

// Faults collects what is wrong with a configuration. The zero value is ready.
type Faults struct {
	errs []error
}

// Add notes a fault of the key at path if err is not nil.
func (f *Faults) Add(path string, err error) {
	if err == nil {
		return
	}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, e := range joined.Unwrap() {
			f.Add(path, e)
		}
		return
	}
	sep := ": "
	if _, nested := err.(*fault); nested { //nolint:errorlint // only the outermost counts
		sep = "."
	}
	f.errs = append(f.errs, &fault{text: path + sep + err.Error()})
}

// Check notes a fault of the key at path unless ok. The message says what is
// wrong and what is allowed.
func (f *Faults) Check(ok bool, path, message string) {
	if !ok {
		f.errs = append(f.errs, &fault{text: path + ": " + message})
	}
}

// Err returns all faults joined, one a line, or nil.
func (f *Faults) Err() error { return errors.Join(f.errs...) }

// fault is an error that starts with a key path, so that an outer section can
// put its own name before it with a dot.
type fault struct{ text string }

func (f *fault) Error() string { return f.text }
