// Package servicetest stands between a service and its servers and does to
// their connections what networks do: delays, stalls, breaks in the middle of
// what is sent, half-closes, refusals.
//
//	p, err := servicetest.NewProxy("127.0.0.1:0", "127.0.0.1:4222")
//	defer p.Close()
//	p.ResetAfter(4096) // every connection breaks once the next 4096 bytes have passed
//
// It works on bytes and knows no protocol: what is one insert and what a
// message is for the test to say. It is for tests only.
package servicetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Proxy passes TCP connections on to one target. It is safe for concurrent use;
// a fault holds for the connections there are and for later ones.
type Proxy struct {
	target   string
	listener net.Listener
	conns    sync.WaitGroup

	mu      sync.Mutex
	open    map[*pair]bool
	refuse  bool
	closed  bool
	resume  chan struct{} // closed unless stalled
	delay   atomic.Int64
	left    atomic.Int64 // bytes until a reset
	resets  atomic.Int64
	counted atomic.Int64
}

// noReset is more bytes than ever pass.
const noReset = 1 << 62

// NewProxy listens on an address and passes on to target.
func NewProxy(listen, target string) (*Proxy, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("listen for the fault proxy: %w", err)
	}
	p := &Proxy{target: target, listener: listener, open: make(map[*pair]bool), resume: make(chan struct{})}
	close(p.resume)
	p.left.Store(noReset)
	p.conns.Go(p.accept)
	return p, nil
}

// Address is where to connect to.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Bytes is how many bytes were passed on to the target so far.
func (p *Proxy) Bytes() int64 { return p.counted.Load() }

// Resets is how many times ResetAfter has broken the connections.
func (p *Proxy) Resets() int64 { return p.resets.Load() }

// Delay holds up each piece that is passed on; 0 ends it.
func (p *Proxy) Delay(d time.Duration) { p.delay.Store(int64(d)) }

// Stall passes nothing on, in either direction, until Resume.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.resume:
		p.resume = make(chan struct{})
	default: // stalled already
	}
}

// Resume ends Stall, Refuse and Delay.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = false
	p.delay.Store(0)
	select {
	case <-p.resume:
	default:
		close(p.resume)
	}
}

// Refuse breaks all connections and closes each new one at once, until Resume.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	p.refuse = true
	p.mu.Unlock()
	p.Reset()
}

// ResetAfter breaks all connections, once, when n more bytes have passed
// towards the target: the last piece is cut off in its middle.
func (p *Proxy) ResetAfter(n int64) { p.left.Store(n) }

// Reset breaks all connections as a dying host does.
func (p *Proxy) Reset() {
	for _, c := range p.all() {
		c.reset()
	}
}

// HalfClose ends the sending side towards the target of all connections: the
// target sees the end, and its last words still come back.
func (p *Proxy) HalfClose() {
	for _, c := range p.all() {
		_ = c.server.CloseWrite()
	}
}

// Close stops listening, breaks what is open and waits until all is over.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close()
	p.Resume()
	p.Reset()
	p.conns.Wait()
}

func (p *Proxy) all() []*pair {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*pair, 0, len(p.open))
	for c := range p.open {
		all = append(all, c)
	}
	return all
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.conns.Go(func() { p.serve(client.(*net.TCPConn)) })
		}
	}
}

// admit notes a connection, for Reset to find, unless none is let in.
func (p *Proxy) admit(c *pair) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse || p.closed {
		return false
	}
	p.open[c] = true
	return true
}

// pair is a connection and the one it is passed on by.
type pair struct{ client, server *net.TCPConn }

func (c *pair) reset() {
	for _, conn := range []*net.TCPConn{c.client, c.server} {
		_ = conn.SetLinger(0)
		_ = conn.Close()
	}
}

func (p *Proxy) serve(client *net.TCPConn) {
	const dialTimeout = 2 * time.Second
	server, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		_ = client.SetLinger(0)
		_ = client.Close()
		return
	}
	c := &pair{client: client, server: server.(*net.TCPConn)}
	if !p.admit(c) {
		c.reset()
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.pass(c, c.server, c.client, true) })
	both.Go(func() { p.pass(c, c.client, c.server, false) })
	both.Wait()
	p.mu.Lock()
	delete(p.open, c)
	p.mu.Unlock()
	_, _ = client.Close(), server.Close()
}

// pass copies one direction until it ends, then ends it for the other side too.
func (p *Proxy) pass(c *pair, to, from *net.TCPConn, up bool) {
	piece := make([]byte, 16<<10)
	for {
		n, err := from.Read(piece)
		p.hold()
		if up && n > 0 {
			n = p.cut(c, to, piece[:n])
		}
		if n > 0 {
			if _, wrote := to.Write(piece[:n]); wrote != nil {
				_ = from.CloseRead()
				return
			}
		}
		if err != nil || n < 0 {
			if errors.Is(err, io.EOF) {
				_ = to.CloseWrite()
				return
			}
			c.reset()
			return
		}
	}
}

// hold waits as the faults of the moment say.
func (p *Proxy) hold() {
	if d := p.delay.Load(); d > 0 {
		time.Sleep(time.Duration(d))
	}
	p.mu.Lock()
	resume := p.resume
	p.mu.Unlock()
	<-resume
}

// cut counts a piece towards the target. Where ResetAfter's limit lies in it,
// the head goes out, all connections break, and it returns -1.
func (p *Proxy) cut(c *pair, to *net.TCPConn, piece []byte) int {
	p.counted.Add(int64(len(piece)))
	after := p.left.Add(-int64(len(piece)))
	if after > 0 || after+int64(len(piece)) <= 0 {
		return len(piece)
	}
	_, _ = to.Write(piece[:after+int64(len(piece))])
	p.left.Store(noReset)
	p.resets.Add(1)
	p.Reset()
	c.reset()
	return -1
}
