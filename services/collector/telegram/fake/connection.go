package fake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/crypto"
	"github.com/gotd/td/exchange"
	"github.com/gotd/td/proto"
	"github.com/gotd/td/proto/codec"
	"github.com/gotd/td/transport"
)

const (
	// greetWait is how long a new connection may take to its first bytes.
	greetWait = 10 * time.Second
	// idleWait ends a connection that sends not even a ping; gotd pings every minute.
	idleWait = 10 * time.Minute
	// sendWait is how long a client may refuse to read.
	sendWait = 10 * time.Second
	// outgoing bounds what waits for a client; one that is slower is cut off,
	// as a real server would.
	outgoing = 4096
)

// connection is one TCP connection. It carries one MTProto session at a time.
type connection struct {
	server *Server
	dc     int // the data centre that was asked for
	number int // from 1, in the order they were accepted
	wire   net.Conn
	link   transport.Conn // set by greet, before anything is sent
	out    chan packet
	done   chan struct{}
	close  func()

	// Guarded by the server's mu.
	key      *authKey
	session  int64
	seen     map[int64]struct{} // message ids of calls: a client repeats what it thinks was lost
	mute     bool               // the call at hand came in invokeWithoutUpdates
	watching map[int64]bool     // channels it gets pushes for
	called   bool
	rivals   map[*connection]bool
}

// packet is one message on its way to a client.
type packet struct {
	key     crypto.AuthKey
	session int64
	kind    proto.MessageType
	content bool // counts in the sequence and wants an acknowledgement
	body    []byte
}

func (s *Server) accept(ctx context.Context, listener net.Listener, dc int) {
	for {
		wire, err := listener.Accept()
		if err != nil {
			return // closed
		}
		c := s.admit(wire, dc)
		if c == nil {
			_ = wire.Close()
			continue
		}
		s.running.Go(func() { c.serve(ctx) })
		s.running.Go(func() { c.send(ctx) })
	}
}

// admit makes a connection known, or returns nil where none are wanted.
func (s *Server) admit(wire net.Conn, dc int) *connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialled = append(s.dialled, time.Now())
	if s.ended || s.faults.refusing {
		return nil
	}
	s.connected++
	c := &connection{
		server: s, dc: dc, number: s.connected, wire: wire,
		out: make(chan packet, outgoing), done: make(chan struct{}),
		seen: map[int64]struct{}{}, watching: map[int64]bool{}, rivals: map[*connection]bool{},
	}
	c.close = sync.OnceFunc(func() {
		close(c.done)
		_ = c.wire.Close()
	})
	s.connections[c] = struct{}{}
	return c
}

func (s *Server) dismiss(c *connection) {
	c.close()
	s.mu.Lock()
	delete(s.connections, c)
	s.mu.Unlock()
}

// Connections is how many clients are connected now.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.connections)
}

// Dialled is when clients wanted to connect, also those that were refused.
func (s *Server) Dialled() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.dialled)
}

func (c *connection) serve(ctx context.Context) {
	defer c.server.dismiss(c)
	log := c.server.opts.Log.With("connection", c.number)
	log.Debug("client connected")
	err := c.greet()
	for err == nil {
		err = c.receive(ctx)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		err = nil
	}
	log.Debug("client disconnected", slog.Any("error", err))
}

// once is a listener of one connection: gotd detects the transport in Accept only.
type once struct {
	net.Listener
	conn net.Conn
}

func (o once) Accept() (net.Conn, error) { return o.conn, nil }

// greet reads which transport the client speaks.
func (c *connection) greet() error {
	if err := c.wire.SetReadDeadline(time.Now().Add(greetWait)); err != nil {
		return fmt.Errorf("limit the wait for the first byte: %w", err)
	}
	link, err := transport.Listen(once{conn: c.wire}).Accept()
	if err != nil {
		return fmt.Errorf("detect the transport: %w", err)
	}
	c.link = link
	return nil
}

// receive reads one packet and does what it says.
func (c *connection) receive(ctx context.Context) error {
	reading, stop := context.WithTimeout(ctx, idleWait)
	defer stop()
	var b bin.Buffer
	if err := c.link.Recv(reading, &b); err != nil {
		return fmt.Errorf("read a packet: %w", err)
	}
	var id [8]byte
	if err := b.PeekN(id[:], len(id)); err != nil {
		return fmt.Errorf("read the key's id: %w", err)
	}
	if id == ([8]byte{}) {
		return c.agree(ctx, &b)
	}
	key := c.server.key(id)
	if key == nil {
		return notFound(ctx, c.link)
	}
	var sealed crypto.EncryptedMessage
	if err := sealed.DecodeWithoutCopy(&b); err != nil {
		return fmt.Errorf("decode a packet: %w", err)
	}
	message, err := c.server.cipher.Decrypt(key.AuthKey, &sealed)
	if err != nil {
		return fmt.Errorf("decrypt a packet: %w", err)
	}
	c.use(key, message.SessionID)
	return c.handle(message.MessageID, &bin.Buffer{Buf: message.Data()})
}

// agree makes a key with the client; b holds its first packet.
func (c *connection) agree(ctx context.Context, b *bin.Buffer) error {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	made, err := exchange.NewExchanger(&handshake{Conn: c.link, first: b}, c.dc).Server(c.server.rsa).Run(ctx)
	if err != nil {
		return fmt.Errorf("exchange keys: %w", err)
	}
	c.server.mu.Lock()
	c.server.keys[made.Key.ID] = &authKey{AuthKey: made.Key}
	c.server.mu.Unlock()
	return nil
}

// handshake gives a key exchange the packet that was read already, and turns
// down what a client sends with a key this server never had.
type handshake struct {
	transport.Conn
	first *bin.Buffer
}

func (h *handshake) Recv(ctx context.Context, b *bin.Buffer) error {
	if h.first != nil {
		b.ResetTo(h.first.Copy())
		h.first = nil
		return nil
	}
	for {
		if err := h.Conn.Recv(ctx, b); err != nil {
			return err
		}
		var id [8]byte
		if err := b.PeekN(id[:], len(id)); err != nil {
			return err
		}
		if id == ([8]byte{}) {
			return nil
		}
		if err := notFound(ctx, h.Conn); err != nil {
			return err
		}
	}
}

// notFound tells a client to make a new key.
func notFound(ctx context.Context, link transport.Conn) error {
	ctx, stop := context.WithTimeout(ctx, sendWait)
	defer stop()
	var b bin.Buffer
	b.PutInt32(-codec.CodeAuthKeyNotFound)
	if err := link.Send(ctx, &b); err != nil {
		return fmt.Errorf("turn down an unknown key: %w", err)
	}
	return nil
}
