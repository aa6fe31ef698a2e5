package privacy

import (
	"fmt"
	"log/slog"
)

// redacted stands where something was that must not be shown.
const redacted = "[redacted]"

// Sensitive is a string that must not be shown: it prints as [redacted] under
// the verbs of fmt, in JSON, as text and in slog. A conversion to string gives
// the value; write one only where the value is needed. The zero value prints
// the same, so that nothing tells whether there was something.
//
// Three ways round it cannot be closed: fmt prints an unexported field of a
// struct without asking it, so fields must be exported or the struct must not
// be printed; encoding/json writes keys of a map as they are; and the verb %p,
// which is for pointers, shows any value (go vet reports it).
type Sensitive string

// Format prints [redacted] whatever the verb.
func (s Sensitive) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// String gives [redacted].
func (s Sensitive) String() string { return redacted }

// MarshalText gives [redacted]; JSON and YAML use it too.
func (s Sensitive) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText reads a value, so that a config field can be Sensitive.
func (s *Sensitive) UnmarshalText(text []byte) error {
	*s = Sensitive(text)
	return nil
}

// LogValue gives [redacted].
func (s Sensitive) LogValue() slog.Value { return slog.StringValue(redacted) }
