package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "example-token"

// serve answers with a handler until the test ends.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

// text answers with a status and a body, always the same.
func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// open returns a client of a server; changes are made to its configuration.
func open(t *testing.T, url string, changes ...func(*api.Config)) *api.Client {
	t.Helper()
	cfg := api.Config{URL: url, Token: func() (string, error) { return token, nil }, Gate: &gate{}}
	for _, change := range changes {
		change(&cfg)
	}
	c, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// through makes a client use a gate.
func through(g *gate) func(*api.Config) { return func(cfg *api.Config) { cfg.Gate = g } }

// gate gives every turn at once and remembers what it is told.
type gate struct {
	mu    sync.Mutex
	turns []string
	holds []time.Duration
	fails error // of Hold
}

func (g *gate) Wait(ctx context.Context, method string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.turns = append(g.turns, method)
	return ctx.Err()
}

func (g *gate) Hold(_ context.Context, _ string, d time.Duration) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holds = append(g.holds, d)
	return g.fails
}

// trip is a transport without a network.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// over makes a client send its requests through a function.
func over(f trip) func(*api.Config) { return func(cfg *api.Config) { cfg.Transport = f } }

// answer is what a transport returns.
func answer(r *http.Request, status int, body io.Reader) *http.Response {
	rc, ok := body.(io.ReadCloser)
	if !ok {
		rc = io.NopCloser(body)
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{}, Body: rc, Request: r, ProtoMajor: 1, ProtoMinor: 1}
}

// message is one of the stream with a text of so many bytes.
func message(n, size int) string {
	return fmt.Sprintf(`{"data":{"id":"%d","text":"%s"},"matching_rules":[{"id":"7","tag":"wl:1:v1"}]}`, n, strings.Repeat("x", size))
}

// silent is a body that brings what it is given and then nothing, until its context
// ends or it is closed.
type silent struct {
	ctx    context.Context
	given  io.Reader
	once   sync.Once
	closed chan struct{}
}

func newSilent(ctx context.Context, given io.Reader) *silent {
	return &silent{ctx: ctx, given: given, closed: make(chan struct{})}
}

func (s *silent) Read(p []byte) (int, error) {
	if n, err := s.given.Read(p); err == nil {
		return n, nil
	}
	select {
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	case <-s.closed:
		return 0, io.EOF
	}
}

func (s *silent) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// is fails a test whose error has another kind.
func is(t *testing.T, err error, want api.Kind) {
	t.Helper()
	if got := api.KindOf(err); got != want {
		t.Errorf("kind is %q, want %q: %v", got, want, err)
	}
}
