package fake

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func streaming(t *testing.T, opts Options) (*Server, *listener) {
	t.Helper()
	s := start(t, opts)
	rulesOf(t, s, "canary", "wl:1:v1")
	return s, listen(t, s)
}

// rest are the lines until the stream ends.
func (l *listener) rest() (lines []string, err error) {
	for {
		line, err := l.raw()
		if line != "" {
			lines = append(lines, line)
		}
		if err != nil {
			return lines, err
		}
	}
}

func TestStreamDisconnects(t *testing.T) {
	s := start(t, Options{})
	rulesOf(t, s, "canary", "")
	for _, kind := range Disconnects() {
		l := listen(t, s)
		id := s.Post("invented_a", "canary")
		s.Disconnect(kind)
		if m := l.message(); m.one(t)["id"] != id {
			t.Errorf("%s: got %s before it", kind, m.text)
		}
		m := l.message()
		if len(m.Errors) != 1 || m.Errors[0]["disconnect_type"] != kind || m.Data != nil {
			t.Errorf("%s: got %s", kind, m.text)
		}
		if _, err := l.raw(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: ended with %v", kind, err)
		}
		if err := s.WaitStreams(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
	l := listen(t, s)
	s.ConnectionIssue("RulesInvalidIssue")
	if m := l.message(); m.Issue != "RulesInvalidIssue" {
		t.Errorf("got %s", m.text)
	}
}

func TestStreamEnds(t *testing.T) {
	s, l := streaming(t, Options{})
	s.EndStream()
	if lines, err := l.rest(); lines != nil || !errors.Is(err, io.EOF) {
		t.Errorf("ended: %q, %v", lines, err)
	}
	if err := s.WaitStreams(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	l = listen(t, s)
	s.CutStream()
	if lines, err := l.rest(); lines != nil || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut: %q, %v", lines, err)
	}
	if err := s.WaitStreams(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	l = listen(t, s)
	s.CutMessage()
	id := s.Post("invented_a", "canary")
	lines, err := l.rest()
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(lines) != 1 || !strings.HasPrefix(lines[0], `{"data":`) || strings.HasSuffix(lines[0], "}") {
		t.Errorf("cut message: %q, %v", lines, err)
	}
	if p := truthOf(t, s, id); p.Delivered != nil || len(p.Matched) != 1 {
		t.Errorf("truth: %+v", p)
	}
}

func TestStreamMessagesOutOfTheOrdinary(t *testing.T) {
	s, l := streaming(t, Options{})
	s.BigMessage(80 << 10)
	s.Post("invented_a", "canary")
	if m := l.message(); len(m.text) < 80<<10 || m.Data == nil {
		t.Errorf("%d bytes", len(m.text))
	}
	s.Post("invented_a", "canary", Sized(100_000))
	if m := l.message(); len(m.text) < 100_000 {
		t.Errorf("%d bytes", len(m.text))
	}
	s.PartialErrors(1)
	s.Post("invented_a", "canary")
	if m := l.message(); m.Data == nil || len(m.Errors) != 1 || len(m.Rules) != 1 {
		t.Errorf("got %s", m.text)
	}
	s.DuplicateDelivery(1)
	twice := s.Post("invented_a", "canary")
	once := s.Post("invented_a", "canary")
	for _, want := range []string{twice, twice, once} {
		if m := l.message(); m.one(t)["id"] != want {
			t.Errorf("got %s", m.text)
		}
	}
	for _, line := range []string{`{"data":{"id":"1`, `{"data":{}}{"da`, `<html></html>`} {
		s.Line(line)
		if got, err := l.raw(); got != line || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if r := s.Reads(); r.Posts != 5 || r.Streamed != 5 {
		t.Errorf("reads: %+v", r)
	}
}

func TestStreamStallsWithoutAWord(t *testing.T) {
	s, l := streaming(t, Options{Heartbeat: time.Millisecond})
	release := s.StallStream()
	defer release()
	s.Post("invented_a", "canary")
	// What was on its way may come, then nothing: the connection can only be
	// given up.
	ended := make(chan error, 1)
	go func() {
		_, err := l.rest()
		ended <- err
	}()
	s.CutStream()
	if err := <-ended; err == nil {
		t.Error("a stalled stream did not end")
	}
	if err := s.WaitStreams(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if p := s.Truth().Posts[0]; p.Delivered != nil {
		t.Errorf("truth: %+v", p)
	}
}

func TestStreamDisconnectsSlowReaders(t *testing.T) {
	s, l := streaming(t, Options{SlowReader: true, StreamBuffer: 2})
	release := s.StallStream()
	defer release()
	for range 5 {
		s.Post("invented_a", "canary")
	}
	if _, err := l.rest(); err == nil {
		t.Error("the stream goes on")
	}
}

func TestStreamWaitsForSlowReaders(t *testing.T) {
	s, l := streaming(t, Options{StreamBuffer: 1})
	release := s.StallStream()
	posted := make(chan []string)
	go func() {
		var ids []string
		for range 20 {
			ids = append(ids, s.Post("invented_a", "canary"))
		}
		posted <- ids
	}()
	release()
	var got []string
	for range 20 {
		id, _ := l.message().one(t)["id"].(string)
		got = append(got, id)
	}
	if want := <-posted; !slices.Equal(want, got) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFlow(t *testing.T) {
	s, l := streaming(t, Options{})
	rulesOf(t, s, "parrot", "wl:2:v1", "number", "wl:3:v1")
	const total = 2000
	done := make(chan error, 1)
	go func() {
		_, err := s.Flow(t.Context(), Flow{PerSecond: 20_000, Total: total, Make: func(n int) (string, string) {
			if n%10 == 0 {
				return "invented_a", "canary and parrot"
			}
			return "invented_b", "a number"
		}})
		done <- err
	}()
	several, sum, twist := 0, uint64(0), uint64(0)
	for range total {
		m := l.message()
		if len(m.Rules) > 1 {
			several++
		}
		id, _ := m.one(t)["id"].(string)
		n := uint64(mustID(t, id))
		sum, twist = sum+n, twist^n
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := s.WaitDelivered(t.Context(), total); err != nil {
		t.Fatal(err)
	}
	f := s.Truth().Flow
	if f.Made != total || f.Matched != total || f.Delivered != total || f.Several != total/10 || several != f.Several || f.Sum != sum || f.Twist != twist {
		t.Errorf("got %+v", f)
	}
	if len(s.Truth().Posts) != 0 || len(f.ByRule) != 3 {
		t.Errorf("%d posts kept, %+v", len(s.Truth().Posts), f.ByRule)
	}
}

func TestFlowWaitsForAStream(t *testing.T) {
	s := start(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if made, err := s.Flow(ctx, Flow{PerSecond: 1000, Total: 10}); made != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("made %d, %v", made, err)
	}
}
