package privacy

import (
	"context"
	"encoding"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
)

// logHandler scrubs every record on its way to the next handler.
type logHandler struct {
	next slog.Handler
}

// NewLogHandler wraps a handler so that nothing reaches it unscrubbed: message,
// attributes (also those given with With and inside groups), errors and values
// that make themselves for the log. Numbers, booleans, times and durations pass
// untouched, texts pass through [Scrub] and errors through [ScrubError]. Of a
// value of any other kind (a struct, a record, a map) only the type is shown.
// Keys are taken as they are: they must be constants.
func NewLogHandler(next slog.Handler) slog.Handler { return &logHandler{next} }

// Enabled asks the next handler.
func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle passes a record on, scrubbed. One without anything to scrub is passed
// on as it is.
func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	message := Scrub(record.Message)
	clean := message == record.Message
	if clean {
		record.Attrs(func(a slog.Attr) bool {
			clean = isClean(a)
			return clean
		})
	}
	if clean {
		return h.next.Handle(ctx, record)
	}
	scrubbed := slog.NewRecord(record.Time, record.Level, message, record.PC)
	record.Attrs(func(a slog.Attr) bool {
		scrubbed.AddAttrs(scrubAttr(a))
		return true
	})
	return h.next.Handle(ctx, scrubbed)
}

// WithAttrs scrubs the attributes at once.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logHandler{h.next.WithAttrs(scrubAttrs(attrs))}
}

// WithGroup opens a group in the next handler.
func (h *logHandler) WithGroup(name string) slog.Handler { return &logHandler{h.next.WithGroup(name)} }

// isClean reports, without allocating, that an attribute needs no scrubbing.
func isClean(a slog.Attr) bool {
	switch a.Value.Kind() {
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindUint64, slog.KindTime:
		return true
	case slog.KindString:
		return isPlain(a.Value.String())
	}
	return false
}

func scrubAttrs(attrs []slog.Attr) []slog.Attr {
	scrubbed := slices.Clone(attrs)
	for i := range scrubbed {
		scrubbed[i] = scrubAttr(scrubbed[i])
	}
	return scrubbed
}

func scrubAttr(a slog.Attr) slog.Attr {
	a.Value = scrubValue(a.Value.Resolve(), a.Key)
	return a
}

func scrubValue(v slog.Value, key string) slog.Value {
	switch v.Kind() {
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindUint64, slog.KindTime:
		return v
	case slog.KindString:
		return slog.StringValue(scrubString(v.String(), key))
	case slog.KindGroup:
		return slog.GroupValue(scrubAttrs(v.Group())...)
	}
	return scrubAny(v.Any(), key)
}

// scrubString leaves a version number alone under a key that says it is one;
// by itself 26.7.2.1 is an address.
func scrubString(s, key string) string {
	if strings.HasSuffix(key, "version") && isNumeric(strings.Split(s, ".")) {
		return s
	}
	return Scrub(s)
}

func scrubAny(value any, key string) slog.Value {
	switch v := value.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(ScrubError(v))
	case proto.Message, []byte:
		return typeOnly(value)
	case []string:
		scrubbed := make([]string, len(v))
		for i := range v {
			scrubbed[i] = Scrub(v[i])
		}
		return slog.AnyValue(scrubbed)
	case fmt.Stringer:
		return slog.StringValue(scrubString(ownText(value, v.String), key))
	case encoding.TextMarshaler:
		return slog.StringValue(scrubString(ownText(value, func() string {
			text, _ := v.MarshalText()
			return string(text)
		}), key))
	}
	return scrubKind(value, key)
}

// scrubKind handles types without methods for text by their kind.
func scrubKind(value any, key string) slog.Value {
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.String:
		return slog.StringValue(scrubString(v.String(), key))
	case reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return slog.AnyValue(value)
	case reflect.Slice, reflect.Array:
		if isNumberKind(v.Type().Elem()) {
			return slog.AnyValue(value)
		}
	}
	return typeOnly(value)
}

// isNumberKind leaves bytes out: a slice of them is a text.
func isNumberKind(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return t.PkgPath() == "" // a type of its own may print itself
	}
	return false
}

// typeOnly shows what kind of thing stood here.
func typeOnly(value any) slog.Value {
	return slog.StringValue(redacted + " " + PanicClass(value))
}

// ownText asks a value for its text and survives one that panics, as a nil
// pointer may.
func ownText(value any, text func() string) (s string) {
	defer func() {
		if recovered := recover(); recovered != nil {
			s = PanicClass(value)
		}
	}()
	return text()
}
