package api

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// split reads all lines; those that are too long are "…".
func split(from io.Reader, limit int) (all []string, err error) {
	for l := newLines(from, limit); ; {
		line, err := l.next()
		switch {
		case errors.Is(err, errLongLine):
			all = append(all, "…")
		case err != nil:
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return append(all, string(line)), err
		default:
			all = append(all, string(line))
		}
	}
}

// FuzzLines compares the splitter with one that has everything at once. What stands
// after the last line feed may be up to a byte over the limit.
func FuzzLines(f *testing.F) {
	f.Add("a\r\nb\n\n\r\nc", 10)
	f.Add("abc\r\nabcd\r\nabcde\r\nx\r\n", 4)
	f.Add("abcdefgh\nabcd", 4)
	f.Add("a\r", 1)
	f.Add("\r\n\r\n\r\n", 1)
	f.Add(strings.Repeat("x", 100)+"\r\n", 99)
	f.Fuzz(func(t *testing.T, content string, limit int) {
		limit = 1 + max(limit, 0)%200
		parts := strings.Split(content, "\n")
		want := make([]string, 0, len(parts))
		for i, part := range parts {
			last := i == len(parts)-1
			if !last {
				part = strings.TrimSuffix(part, "\r")
			}
			switch {
			case !last && len(part) > limit:
				part = "…"
			case last && len(part) > limit+1:
				want = append(want, "…")
				part = ""
			}
			want = append(want, part)
		}
		for name, from := range map[string]io.Reader{
			"at once":      strings.NewReader(content),
			"byte by byte": iotest.OneByteReader(strings.NewReader(content)),
			"with the end": iotest.DataErrReader(strings.NewReader(content)),
		} {
			got, err := split(from, limit)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s: %v\n%s", name, err, diff)
			}
		}
	})
}

func TestLinesKeepNoMoreThanTheLimit(t *testing.T) {
	l := newLines(strings.NewReader(strings.Repeat("x", 1<<20)+"\n"), 100<<10)
	if _, err := l.next(); !errors.Is(err, errLongLine) {
		t.Error(err)
	}
	if len(l.buf) != 100<<10+lineEnd {
		t.Errorf("%d bytes are held", len(l.buf))
	}
}

// FuzzResults reads what may be results: nothing that it is given makes it fail, and
// each line that is not empty is a result or counted.
func FuzzResults(f *testing.F) {
	f.Add([]byte(`{"id":"1","action":"delete","created_at":"2020-01-02T03:04:05.000Z","redacted_at":"2021-01-02T03:04:05+00:00","reason":"suspended"}` + "\r\n"))
	f.Add([]byte(`{"id":"1","action":"delete","reason":"deleted"}` + "\n" + `{"id":"2"`))
	f.Add([]byte("\n\r\n{}\nnull\n[]\n{\"id\":1}\n"))
	f.Add([]byte(`{"id":"1"}{"id":"2"}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		lines := 0
		for line := range bytes.SplitSeq(content, []byte("\n")) {
			if len(bytes.TrimSpace(line)) > 0 {
				lines++
			}
		}
		read := 0
		broken, err := readResults(bytes.NewReader(content), func(r ComplianceResult, err error) bool {
			if err != nil || !isID(r.ID) || r.Action == "" || r.Reason == "" {
				t.Errorf("%+v, %v", r, err)
			}
			read++
			return true
		})
		if err != nil || read+broken != lines {
			t.Errorf("%d read and %d broken of %d, %v", read, broken, lines, err)
		}
	})
}
