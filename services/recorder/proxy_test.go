package recorder_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// proxy stands between a recorder and ClickHouse and does to inserts what a
// test wants. Everything else passes.
type proxy struct {
	t       testing.TB
	address string
	pass    http.Handler

	mu      sync.Mutex
	insert  http.HandlerFunc // nil lets inserts pass
	inserts int
	server  *http.Server
	served  chan struct{}
}

func newProxy(t testing.TB, target string) *proxy {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{t: t, address: "127.0.0.1:0"}
	transport := &http.Transport{}
	p.pass = &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(u) },
		Transport: transport,
		// A client that went away is nothing to print.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	p.listen()
	t.Cleanup(func() {
		p.shut()
		transport.CloseIdleConnections()
	})
	return p
}

func (p *proxy) listen() {
	p.t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", p.address)
	if err != nil {
		p.t.Fatalf("listen: %v", err)
	}
	p.address = listener.Addr().String()
	server, served := &http.Server{Handler: http.HandlerFunc(p.serve)}, make(chan struct{})
	p.mu.Lock()
	p.server, p.served = server, served
	p.mu.Unlock()
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
}

// shut refuses connections from now on and breaks those there are.
func (p *proxy) shut() {
	_ = p.server.Close()
	<-p.served
}

func (p *proxy) serve(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.URL.Query().Get("query"), "INSERT") {
		p.pass.ServeHTTP(w, r)
		return
	}
	p.mu.Lock()
	p.inserts++
	handle := p.insert
	p.mu.Unlock()
	if handle == nil {
		handle = p.pass.ServeHTTP
	}
	handle(w, r)
}

// onInsert says what becomes of inserts from now on.
func (p *proxy) onInsert(handle http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.insert, p.inserts = handle, 0
}

// awaitInserts waits until so many inserts came since onInsert.
func (p *proxy) awaitInserts(n int) {
	p.t.Helper()
	eventually(p.t, "inserts came", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.inserts >= n
	})
}

// reset breaks a connection as a dying server does, after reading some of what
// is sent.
func reset(w http.ResponseWriter, r *http.Request) {
	_, _ = io.ReadFull(r.Body, make([]byte, 512))
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// swallow does what is asked and never says so.
func (p *proxy) swallow(w http.ResponseWriter, r *http.Request) {
	p.pass.ServeHTTP(nowhere{header: http.Header{}}, r)
	reset(w, r)
}

// nowhere takes an answer that nobody gets.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header       { return n.header }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}

// answer gives one of ClickHouse's codes, or a plain error for 0.
func answer(code, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if code == "" {
			http.Error(w, "no", http.StatusInternalServerError)
			return
		}
		w.Header().Set("X-ClickHouse-Exception-Code", code)
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, "Code: "+code+". DB::Exception: "+text)
	}
}

// refuse gives a code to inserts that hold a key, and passes the others.
func (p *proxy) refuse(code string, keys ...[]byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			reset(w, r)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		for _, key := range keys {
			if strings.Contains(string(body), wireKey(key)) {
				answer(code, "a value that cannot be stored. (SOME_NAME)")(w, r)
				return
			}
		}
		p.pass.ServeHTTP(w, r)
	}
}

// wireKey is a key as ClickHouse's Native format has it: two numbers, each with
// its lowest byte first.
func wireKey(key []byte) string {
	out := make([]byte, 0, len(key))
	for _, half := range [][]byte{key[:8], key[8:]} {
		for i := range half {
			out = append(out, half[len(half)-1-i])
		}
	}
	return string(out)
}

// hold makes inserts wait for a step each, until open. Each that goes is told
// to each and handed to then, which lets it pass.
type hold struct {
	step   chan struct{}
	opened chan struct{}
	open   func()
	then   http.HandlerFunc
	each   func(body string)
}

func (p *proxy) holdInserts() *hold {
	h := &hold{step: make(chan struct{}), opened: make(chan struct{}), then: p.pass.ServeHTTP, each: func(string) {}}
	h.open = sync.OnceFunc(func() { close(h.opened) })
	p.t.Cleanup(h.open)
	p.onInsert(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		select {
		case <-h.step:
		case <-h.opened:
		}
		h.each(string(body))
		h.then(w, r)
	})
	return h
}

// next lets one insert go.
func (h *hold) next(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bustest.Patience)
	defer cancel()
	select {
	case h.step <- struct{}{}:
	case <-ctx.Done():
		t.Fatal("no insert came")
	}
}
