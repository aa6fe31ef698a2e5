// Package bustest gives tests a real bus: an embedded NATS server with fsync
// on, in a folder of the test, provisioned and connected.
//
//	s := bustest.New(t)
//	p, err := s.Conn.NewPublisher(bus.StageRecords, bus.PublisherConfig{})
//
// Everything is stopped when the test ends. A server may be stopped and started
// again under its clients, which then reconnect. It is for tests only.
package bustest

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// Patience is how long a test waits for what should come soon.
const Patience = 30 * time.Second

// Server is a bus for a test.
type Server struct {
	// Conn is connected as the service "test". It has provisioned the streams.
	Conn *bus.Conn
	// Stats counts what goes over Conn.
	Stats *bus.Stats
	// Dir is the store's folder.
	Dir string
	// Raw is the key pair of RAW, Failed that of FAILED.
	Raw, Failed privacy.PrivateKey

	t     testing.TB
	token string

	mu     sync.Mutex
	server *embedded.NATS
}

// Option changes what New makes.
type Option func(*options)

type options struct{ provision bus.ProvisionConfig }

// WithProvision changes how the streams are made; they are small otherwise.
func WithProvision(change func(*bus.ProvisionConfig)) Option {
	return func(o *options) { change(&o.provision) }
}

// StoreBytes is the limit of the test server's store.
const StoreBytes = 4 << 30

const (
	testToken = "a token for tests"
)

// New starts a server, provisions it and connects.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	o := options{provision: bus.ProvisionConfig{
		RawBytes: 1 << 30, RecordsBytes: 1 << 30, FailedBytes: 64 << 20, AdvisoriesBytes: 64 << 20, BucketBytes: 16 << 20,
	}}
	for _, opt := range opts {
		opt(&o)
	}
	s := &Server{t: t, Dir: t.TempDir(), token: testToken, Stats: &bus.Stats{}}
	s.Raw, s.Failed = s.key(), s.key()
	s.Start()
	t.Cleanup(func() { s.Stop() })
	s.Conn = s.ConnectWith("test", s.Stats)
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if _, err := s.Conn.Provision(ctx, o.provision); err != nil {
		t.Fatalf("provision the test server: %v", err)
	}
	return s
}

func (s *Server) key() privacy.PrivateKey {
	s.t.Helper()
	k, err := privacy.NewPrivateKey(time.Now())
	if err != nil {
		s.t.Fatalf("make a key: %v", err)
	}
	return k
}

// Keys finds the key pair of RAW.
func (s *Server) Keys() *bus.Keys {
	return bus.NewKeys(func() ([]privacy.PrivateKey, error) { return []privacy.PrivateKey{s.Raw}, nil })
}

// Token is what a client of the server must show.
func (s *Server) Token() string { return s.token }

// Connect makes one more connection, as a service of its own.
func (s *Server) Connect(name string) *bus.Conn { return s.ConnectWith(name, nil) }

// ConnectWith makes one more connection that counts into stats.
func (s *Server) ConnectWith(name string, stats *bus.Stats) *bus.Conn {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	c, err := bus.Connect(ctx, bus.Config{InProcess: s, Name: name, Token: s.token, Stats: stats})
	if err != nil {
		s.t.Fatalf("connect to the test server: %v", err)
	}
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		_ = c.Close(ctx) // the server may be stopped
	})
	return c
}

var errStopped = errors.New("connect to the test server: it is stopped")

// InProcessConn implements bus.Dialer, also over a restart.
func (s *Server) InProcessConn() (net.Conn, error) {
	s.mu.Lock()
	server := s.server
	s.mu.Unlock()
	if server == nil {
		return nil, errStopped
	}
	return server.InProcess().InProcessConn()
}

// Start starts the server on its folder.
func (s *Server) Start() {
	s.t.Helper()
	server, err := embedded.StartNATS(embedded.NATSConfig{Dir: s.Dir, Token: s.token, MaxStore: StoreBytes})
	if err != nil {
		s.t.Fatalf("start the test server: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.server = server
}

// Stop stops the server; its clients keep trying.
func (s *Server) Stop() {
	s.mu.Lock()
	server := s.server
	s.server = nil
	s.mu.Unlock()
	if server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if err := server.Close(ctx); err != nil {
		s.t.Errorf("stop the test server: %v", err)
	}
}

// Restart stops the server and starts it again.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	s.Start()
}

// Damage stops the server, flips one bit in the middle of a stream's first block
// on the disk, and starts it again. The server then passes over one message, or
// the rest of the block, without an error.
func (s *Server) Damage(stream string) {
	s.t.Helper()
	s.Stop()
	blocks, err := filepath.Glob(filepath.Join(s.Dir, "jetstream", "*", "streams", stream, "msgs", "*.blk"))
	if err != nil || len(blocks) == 0 {
		s.t.Fatalf("damage %s: %d blocks, %v", stream, len(blocks), err)
	}
	b, err := os.ReadFile(blocks[0])
	if err == nil {
		b[len(b)/2] ^= 1
		err = os.WriteFile(blocks[0], b, 0o600)
	}
	if err != nil {
		s.t.Fatalf("damage %s: %v", stream, err)
	}
	s.Start()
}
