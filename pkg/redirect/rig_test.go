package redirect

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/dns/dnsmessage"
)

// In these tests shorteners are at outside, where the guard lets tests go. Nobody
// is at silent, which it lets them go to as well, and the spy is at inside, where it
// must not.
const (
	outside = "127.0.0.2"
	silent  = "127.0.0.3"
	inside  = "127.0.0.1"
)

// rig is a world of shorteners on this machine: servers, and a DNS server that knows
// them. The way to them is the one that is used outside, with its guard.
type rig struct {
	wiring wiring
	mux    *http.ServeMux
	port   string
	pages  int
	// spied counts the connections that came to inside.
	spied atomic.Int64

	mu     sync.Mutex
	zone   map[string][][]string
	passed []string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{mux: http.NewServeMux(), zone: map[string][][]string{}}
	r.listen(t)
	r.name("short.test", []string{outside})
	r.name("www.short.test", []string{outside})
	r.name("other.test", []string{outside})
	r.name("www.other.test", []string{outside})
	r.wiring = wiring{
		resolver: r.resolver(t), ports: map[string]string{"80": r.port, "443": r.port},
		exempt: func(at netip.AddrPort) bool {
			return at == netip.MustParseAddrPort(net.JoinHostPort(outside, r.port)) || at == netip.MustParseAddrPort(net.JoinHostPort(silent, r.port))
		},
		passed: r.pass,
	}
	return r
}

// listen opens the servers: that of the shorteners, and at the same port of the
// other addresses of this machine the spy.
func (r *rig) listen(t *testing.T) {
	t.Helper()
	spy, shorteners := r.pair(t)
	r.spy(t, spy)
	if l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "[::1]:"+r.port); err == nil { // a machine need not have version 6
		r.spy(t, l)
	}
	server := &httptest.Server{Listener: shorteners, Config: &http.Server{Handler: r.mux}}
	server.Start()
	t.Cleanup(server.Close)
}

// pair listens at one port of both addresses: one that is free at inside may be taken at
// outside.
func (r *rig) pair(t *testing.T) (spy, shorteners net.Listener) {
	t.Helper()
	for range 10 {
		spy = listen(t, inside+":0")
		_, r.port, _ = net.SplitHostPort(spy.Addr().String())
		shorteners, err := new(net.ListenConfig).Listen(t.Context(), "tcp", outside+":"+r.port)
		if err == nil {
			return spy, shorteners
		}
		spy.Close()
	}
	t.Fatal("no port is free at both addresses")
	return nil, nil
}

func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// spy counts who connects, and answers so well that whoever does gets an answer.
func (r *rig) spy(t *testing.T, l net.Listener) {
	server := &httptest.Server{Listener: l, Config: &http.Server{
		Handler: http.RedirectHandler("https://cards.example/stolen", http.StatusFound),
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				r.spied.Add(1)
			}
		},
	}}
	server.Start()
	t.Cleanup(server.Close)
}

// pass notes what the guard lets through. Should that ever be an address of the
// world outside, a test does not go there.
func (r *rig) pass(address string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.passed = append(r.passed, address)
	if !strings.HasPrefix(address, outside) && !strings.HasPrefix(address, silent) {
		return errors.New("a test does not go there")
	}
	return nil
}

// untouched checks that nobody went where nobody may go.
func (r *rig) untouched(t *testing.T) {
	t.Helper()
	if n := r.spied.Load(); n > 0 {
		t.Errorf("%d connections came to the spy", n)
		r.spied.Store(0)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, address := range r.passed {
		if !strings.HasPrefix(address, outside) && !strings.HasPrefix(address, silent) {
			t.Errorf("the guard let %s pass", address)
		}
	}
	r.passed = nil
}

// client makes a client that has every name of the rig on its list, unless cfg says
// which.
func (r *rig) client(t *testing.T, cfg Config) *Client {
	t.Helper()
	if cfg.Shorteners == nil {
		cfg.Shorteners = r.names()
	}
	if cfg.Metrics == nil {
		cfg.Metrics = prometheus.NewRegistry()
	}
	c, err := newClient(cfg, r.wiring)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// names are those that a list of shorteners has.
func (r *rig) names() (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.zone {
		if !strings.HasPrefix(name, "www.") {
			list = append(list, name)
		}
	}
	return list
}

// name gives a name its addresses: those of the first question for them, of the
// second and so on, the last for ever.
func (r *rig) name(name string, addresses ...[]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.zone[name] = addresses
}

// answer is the next answer to a question for a name's addresses of one version.
func (r *rig) answer(name string, version6 bool) []netip.Addr {
	r.mu.Lock()
	defer r.mu.Unlock()
	rounds := r.zone[name]
	if len(rounds) == 0 {
		return nil
	}
	// Both versions are asked for together; a round is over with that of version 4.
	if len(rounds) > 1 && !version6 {
		r.zone[name] = rounds[1:]
	}
	var found []netip.Addr
	for _, text := range rounds[0] {
		if a := netip.MustParseAddr(text); a.Is6() == version6 {
			found = append(found, a)
		}
	}
	return found
}

// resolver is one that asks the rig's DNS server, in the protocol of DNS.
func (r *rig) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	server, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", inside+":0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() { r.serveDNS(server) })
	t.Cleanup(func() {
		server.Close()
		done.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func (r *rig) serveDNS(server net.PacketConn) {
	buf := make([]byte, 1500)
	for {
		n, from, err := server.ReadFrom(buf)
		if err != nil {
			return
		}
		var question dnsmessage.Message
		if question.Unpack(buf[:n]) != nil || len(question.Questions) != 1 {
			continue
		}
		q := question.Questions[0]
		reply := dnsmessage.Message{
			Header:    dnsmessage.Header{ID: question.ID, Response: true, Authoritative: true},
			Questions: question.Questions,
		}
		for _, a := range r.answer(strings.TrimSuffix(q.Name.String(), "."), q.Type == dnsmessage.TypeAAAA) {
			body := dnsmessage.ResourceBody(&dnsmessage.AAAAResource{AAAA: a.As16()})
			if a.Is4() {
				body = &dnsmessage.AResource{A: a.As4()}
			}
			reply.Answers = append(reply.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: body,
			})
		}
		packed, err := reply.Pack()
		if err != nil {
			continue
		}
		if _, err := server.WriteTo(packed, from); err != nil {
			return
		}
	}
}

// metric adds up what one metric counts.
func metric(t *testing.T, registry *prometheus.Registry, name string) (sum float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue()
		}
	}
	return sum
}

// raw answers with bytes as they are.
func raw(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = conn.Write([]byte(answer))
	}
}

// to redirects to a target, whatever it is made of.
func to(target string) http.HandlerFunc {
	return raw("HTTP/1.1 302 Found\r\nLocation: " + target + "\r\nContent-Length: 0\r\n\r\n")
}

// page answers with a page.
func page(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(content))
	}
}
