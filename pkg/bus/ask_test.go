package bus_test

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// losing hands out connections that can be made to lose what is written.
type losing struct {
	*bustest.Server
	lost chan struct{} // closed when a question to JetStream is lost

	mu   sync.Mutex
	lose bool
	open []net.Conn
}

func (l *losing) InProcessConn() (net.Conn, error) {
	conn, err := l.Server.InProcessConn()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, conn)
	return &losingConn{conn, l}, nil
}

// cut breaks all connections; those made from now on lose nothing.
func (l *losing) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lose = false
	for _, conn := range l.open {
		_ = conn.Close()
	}
	l.open = nil
}

type losingConn struct {
	net.Conn
	l *losing
}

func (c *losingConn) Write(p []byte) (int, error) {
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	if !c.l.lose {
		return c.Conn.Write(p)
	}
	if bytes.Contains(p, []byte("$JS.API")) {
		select {
		case <-c.l.lost:
		default:
			close(c.l.lost)
		}
	}
	return len(p), nil
}

// A question that is under way when a server dies is never answered. It must
// not be waited for as long as the caller has time, but asked again.
func TestAQuestionThatGotLostIsAskedAgain(t *testing.T) {
	s := bustest.New(t)
	for name, question := range map[string]func(context.Context, *bus.Conn) error{
		"lag":         func(ctx context.Context, c *bus.Conn) error { _, err := c.Lag(ctx); return err },
		"provisioned": func(ctx context.Context, c *bus.Conn) error { return c.AwaitProvisioned(ctx) },
		"a bucket":    func(ctx context.Context, c *bus.Conn) error { _, err := c.Bucket(ctx, bus.BucketCursors); return err },
		"provision":   func(ctx context.Context, c *bus.Conn) error { return provisionAgain(ctx, c) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &losing{Server: s, lost: make(chan struct{})}
			ctx, cancel := context.WithTimeout(context.Background(), bustest.Patience)
			defer cancel()
			conn, err := bus.Connect(ctx, bus.Config{InProcess: l, Name: "asker", Token: "a token for tests"})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(ctx)
			l.mu.Lock()
			l.lose = true
			l.mu.Unlock()
			answered := make(chan error, 1)
			go func() { answered <- question(ctx, conn) }()
			select {
			case <-l.lost:
			case <-ctx.Done():
				t.Fatal("nothing was asked")
			}
			l.cut()
			if err := <-answered; err != nil {
				t.Errorf("the question was not answered: %v", err)
			}
		})
	}
}

// provisionAgain changes nothing.
func provisionAgain(ctx context.Context, c *bus.Conn) error {
	_, err := c.Provision(ctx, bus.ProvisionConfig{
		RawBytes: 1 << 30, RecordsBytes: 1 << 30, FailedBytes: 64 << 20, AdvisoriesBytes: 64 << 20, BucketBytes: 16 << 20,
	})
	return err
}
