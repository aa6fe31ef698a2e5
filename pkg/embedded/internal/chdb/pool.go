package chdb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Pool lends connections, at most a fixed number at once.
type Pool struct {
	engine *Engine
	slots  chan struct{} // one value a connection that is lent

	mu     sync.Mutex
	idle   []idleConn // oldest first; never more than cap(slots)
	closed bool
}

type idleConn struct {
	settings string
	conn     *Conn
}

// ErrPoolClosed is given by Do after Close.
var ErrPoolClosed = errors.New("run a statement in the embedded ClickHouse: it is shutting down")

// NewPool makes a pool of at most size connections in use.
func NewPool(engine *Engine, size int) *Pool {
	return &Pool{engine: engine, slots: make(chan struct{}, size)}
}

// Do runs use with a connection that has the settings. It waits for one until
// ctx ends. use says whether the connection is as it was and may be used
// again: a statement like SET or USE changes it.
func (p *Pool) Do(ctx context.Context, settings []Setting, use func(*Conn) (reusable bool)) error {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection to the embedded ClickHouse: %w", ctx.Err())
	}
	defer func() { <-p.slots }()
	key := settingsKey(settings)
	conn, err := p.take(key)
	if err != nil {
		return err
	}
	if conn == nil {
		if conn, err = p.engine.Connect(settings); err != nil {
			return err
		}
	}
	reusable := false
	defer func() { p.put(key, conn, reusable) }() // also when use panics
	reusable = use(conn)
	return nil
}

// Busy tells how many connections are lent.
func (p *Pool) Busy() int { return len(p.slots) }

func (p *Pool) take(key string) (*Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrPoolClosed
	}
	for i := len(p.idle) - 1; i >= 0; i-- {
		if c := p.idle[i]; c.settings == key {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return c.conn, nil
		}
	}
	return nil, nil
}

func (p *Pool) put(key string, conn *Conn, reusable bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || !reusable {
		conn.Close()
		return
	}
	p.idle = append(p.idle, idleConn{key, conn})
	if len(p.idle) > cap(p.slots) {
		p.idle[0].conn.Close()
		p.idle = p.idle[1:]
	}
}

// Close refuses further statements and closes the idle connections; those that
// are lent are closed when they come back. Engine.Close waits for them.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.idle {
		c.conn.Close()
	}
	p.idle = nil
}

func settingsKey(settings []Setting) string {
	var b strings.Builder
	for _, s := range settings {
		b.WriteString(s.Name)
		b.WriteByte(0)
		b.WriteString(s.Value)
		b.WriteByte(0)
	}
	return b.String()
}
