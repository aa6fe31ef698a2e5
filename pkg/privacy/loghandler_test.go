package privacy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// logged gives what one record becomes, as JSON, without its time.
func logged(t *testing.T, log func(*slog.Logger)) string {
	t.Helper()
	var out bytes.Buffer
	options := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	log(slog.New(NewLogHandler(slog.NewJSONHandler(&out, options))))
	return strings.TrimSpace(out.String())
}

func TestTheHandlerKeepsTheRulesOfSlog(t *testing.T) {
	var out bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out.Reset()
		return NewLogHandler(slog.NewJSONHandler(&out, nil))
	}, func(t *testing.T) map[string]any {
		record := map[string]any{}
		if err := json.Unmarshal(out.Bytes(), &record); err != nil {
			t.Fatal(err)
		}
		return record
	})
}

func TestNumbersOfAnyKindPassUntouched(t *testing.T) {
	got := logged(t, func(l *slog.Logger) {
		l.Info("import finished", "posts", 99912345, "offset", uint64(1)<<60, "rate", 99912.345, "done", true,
			"took", 1234567891*time.Nanosecond, "at", time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC),
			"lag", []int{99912345}, "leg", doxtrailv1.Leg_LEG_TAIL, "clickhouse_version", "26.7.2.1",
			slog.Group("lane", "size", int32(99912345)))
	})
	want := `{"level":"INFO","msg":"import finished","posts":99912345,"offset":1152921504606846976,"rate":99912.345,"done":true,` +
		`"took":1234567891,"at":"2021-03-04T05:06:07Z","lag":[99912345],"leg":"LEG_TAIL","clickhouse_version":"26.7.2.1","lane":{"size":99912345}}`
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// loud is a value that shows itself in every way there is.
type loud string

func (l loud) String() string               { return string(l) }
func (l loud) MarshalText() ([]byte, error) { return []byte(l), nil }
func (l loud) LogValue() slog.Value         { return slog.StringValue(string(l)) }

type plainString string

func TestNothingReachesTheNextHandlerUnscrubbed(t *testing.T) {
	set := privacytest.New(21, 2)
	scanner := set.Scanner()
	p := set.Persons[1]
	secret := p.Chinese + " " + p.PhoneInternational + " " + p.Mail
	for name, log := range map[string]func(*slog.Logger){
		"message":      func(l *slog.Logger) { l.Info("saw " + secret) }, //nolint:sloglint // what must not be done is tested
		"string":       func(l *slog.Logger) { l.Info("m", "k", secret) },
		"named string": func(l *slog.Logger) { l.Info("m", "k", plainString(secret)) },
		"group":        func(l *slog.Logger) { l.Info("m", slog.Group("g", slog.Group("h", "k", secret))) },
		"with":         func(l *slog.Logger) { l.With("k", secret).WithGroup("g").With("j", secret).Info("m", "i", secret) },
		"error":        func(l *slog.Logger) { l.Error("m", "error", errors.New(secret)) },
		"wrapped":      func(l *slog.Logger) { l.Error("m", "error", fmt.Errorf("x: %w", errors.New(secret))) },
		"log valuer":   func(l *slog.Logger) { l.Info("m", "k", loud(secret)) },
		"stringer":     func(l *slog.Logger) { l.Info("m", "k", struct{ fmt.Stringer }{loud(secret)}) },
		"marshaler":    func(l *slog.Logger) { l.Info("m", "k", struct{ encodingText }{loud(secret)}) },
		"struct":       func(l *slog.Logger) { l.Info("m", "k", struct{ A, b string }{p.Handle, p.Slug}) },
		"pointer":      func(l *slog.Logger) { l.Info("m", "k", &struct{ A string }{p.Handle}) },
		"map":          func(l *slog.Logger) { l.Info("m", "k", map[string]string{p.Handle: p.Slug}) },
		"bytes":        func(l *slog.Logger) { l.Info("m", "k", []byte(p.Handle)) },
		"raw JSON":     func(l *slog.Logger) { l.Info("m", "k", json.RawMessage(strconv.Quote(p.Handle))) },
		"strings":      func(l *slog.Logger) { l.Info("m", "k", []string{secret, p.HKID}) },
		"loud strings": func(l *slog.Logger) { l.Info("m", "k", []loud{loud(p.Handle)}) },
		"record":       func(l *slog.Logger) { l.Info("m", "k", doxtrailv1.RawPost_builder{Text: &p.Handle}.Build()) },
		"sensitive":    func(l *slog.Logger) { l.Info("m", "k", Sensitive(p.Handle), "j", []Sensitive{Sensitive(p.Handle)}) },
		"channel":      func(l *slog.Logger) { l.Info("m", "k", make(chan string), "f", func() string { return p.Handle }) },
		"any group":    func(l *slog.Logger) { l.Info("m", "k", []slog.Attr{slog.String("x", secret)}) },
	} {
		t.Run(name, func(t *testing.T) {
			got := logged(t, log)
			if got == "" {
				t.Fatal("nothing was logged")
			}
			if hits := scanner.ScanString(got); len(hits) > 0 {
				t.Errorf("%v", hits)
			}
		})
	}
}

type encodingText interface{ MarshalText() ([]byte, error) }

func TestACleanRecordIsPassedOnAsItIs(t *testing.T) {
	got := logged(t, func(l *slog.Logger) {
		l.With("service", "normaliser").Info("batch published", "records", 512, "platform", "telegram")
	})
	want := `{"level":"INFO","msg":"batch published","service":"normaliser","records":512,"platform":"telegram"}`
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// broken panics when it is asked for its text.
type broken struct{}

func (*broken) Error() string  { panic("99912345") }
func (*broken) String() string { panic("99912345") }

func TestAValueThatPanicsShowsItsType(t *testing.T) {
	var nilError *fs.PathError
	got := logged(t, func(l *slog.Logger) {
		l.Error("m", "error", &broken{}, "nil", error(nilError), "text", struct{ fmt.Stringer }{&broken{}}, "nothing", nil)
	})
	if strings.Contains(got, "99912345") || !strings.Contains(got, `"error":"*privacy.broken"`) || !strings.Contains(got, `"nil":"*fs.PathError"`) {
		t.Errorf("logged %s", got)
	}
}

func TestScrubErrorTakesOutWhatErrorsCarry(t *testing.T) {
	_, pathError := os.Open("chan tai man.d/tai")
	_, numError := strconv.Atoi("chan tai man")
	_, parseError := url.Parse(strings.Join([]string{"chan tai man", ""}, "://"))
	var typeError error
	{
		var into struct{ A string }
		typeError = json.Unmarshal([]byte(`{"A":9991234}`), &into)
	}
	dns := &net.DNSError{Err: "no such host", Name: "chan tai man", Server: "resolver"}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"none":           {nil, ""},
		"plain":          {errors.New("stream is full"), "stream is full"},
		"file":           {pathError, "open [redacted]: no such file or directory"},
		"wrapped file":   {fmt.Errorf("read archive: %w", pathError), "read archive: open [redacted]: no such file or directory"},
		"joined":         {errors.Join(pathError, dns), "open [redacted]: no such file or directory\nlookup [redacted] on [redacted]: no such host"},
		"link":           {&os.LinkError{Op: "rename", Old: "chan", New: "tai man", Err: fs.ErrExist}, "rename [redacted] [redacted]: file already exists"},
		"number":         {numError, `strconv.Atoi: parsing "[redacted]": invalid syntax`},
		"address":        {parseError, `parse "[redacted]": first path segment in URL cannot contain colon`},
		"request":        {&url.Error{Op: "Get", URL: "chan", Err: dns}, `Get "[redacted]": lookup [redacted] on [redacted]: no such host`},
		"number in JSON": {typeError, "json: cannot unmarshal number into Go struct field .A of type string"},
		"deadline":       {context.DeadlineExceeded, "context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(ScrubError(test.err), test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// circle wraps itself.
type circle struct{}

func (circle) Error() string   { return "circle" }
func (c circle) Unwrap() error { return c }

func TestAnErrorThatWrapsItselfEnds(t *testing.T) {
	if got := ScrubError(circle{}); got != "circle" {
		t.Errorf("text is %q", got)
	}
}

func TestPanicClass(t *testing.T) {
	recovered := func(f func()) (class string) {
		defer func() { class = PanicClass(recover()) }()
		f()
		return ""
	}
	empty := []int{}
	for want, f := range map[string]func(){
		"runtime.boundsError": func() { _ = empty[len(empty)] },
		"string":              func() { panic("99912345") },
		"*errors.errorString": func() { panic(errors.New("99912345")) },
	} {
		if got := recovered(f); got != want || Scrub(got) != want {
			t.Errorf("class is %s, want %s", got, want)
		}
	}
}

func TestSensitiveIsNeverPrinted(t *testing.T) {
	value := Sensitive("chan")
	inside := struct {
		Name Sensitive
		List []Sensitive
		Map  map[Sensitive]Sensitive
		Ptr  *Sensitive
	}{value, []Sensitive{value}, map[Sensitive]Sensitive{value: value}, &value}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s", "%t", "%!"} {
		fmt.Fprintf(&out, verb, value)
		fmt.Fprintf(&out, verb, &value)
		fmt.Fprintf(&out, verb, inside)
	}
	out.WriteString(fmt.Sprint(value, inside) + fmt.Sprintln(value) + fmt.Errorf("x: %v", value).Error())
	inside.Map = nil // encoding/json writes the keys of a map as they are
	encoded, err := json.Marshal(inside)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	out.WriteString(logged(t, func(l *slog.Logger) { l.Info("m", "k", value, "in", inside) }))
	if strings.Contains(out.String(), "chan") || strings.Contains(out.String(), "6368616e") {
		t.Errorf("printed: %s", out.String())
	}
	if string(value) != "chan" {
		t.Error("the value is lost")
	}
	var read struct{ Name Sensitive }
	if err := json.Unmarshal([]byte(`{"Name":"chan"}`), &read); err != nil || read.Name != value {
		t.Errorf("not read: %v", err)
	}
}

func BenchmarkLogHandler(b *testing.B) {
	logger := slog.New(NewLogHandler(slog.DiscardHandler))
	enabled := slog.New(NewLogHandler(slog.NewTextHandler(discard{}, nil)))
	err := errors.New(`Get "https://cards.example/a": no such host`)
	b.Run("not enabled", func(b *testing.B) {
		for b.Loop() {
			logger.Info("batch published", "records", 512, "platform", "telegram")
		}
	})
	b.Run("plain attributes", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			enabled.Info("batch published", "records", 512, "platform", "telegram")
		}
	})
	b.Run("with an error", func(b *testing.B) {
		for b.Loop() {
			enabled.Info("batch published", "records", 512, "error", err)
		}
	})
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
