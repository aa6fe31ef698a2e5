package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Dialer hands out connections to a server in this process. The embedded
// server is one.
type Dialer interface {
	InProcessConn() (net.Conn, error)
}

// Config says where the server is and who we are.
type Config struct {
	// URL of the server, or several with commas between. Not needed with InProcess.
	URL string
	// InProcess is a server in this process; it goes before URL.
	InProcess Dialer
	// Name of the service: letters, digits and hyphens. It names the
	// connections and the inbox, so that a server can allow each service only
	// its own.
	Name string
	// Token for a server that asks for one. It is never printed.
	Token string
	// SeedFile holds the service's nkey seed.
	SeedFile string
	// CAFile holds the certificates that a TLS server is checked against.
	CAFile string
	// Log receives constant messages; nil is silent.
	Log *slog.Logger
	// Stats counts; nil means that nobody looks.
	Stats *Stats
	// Room is waited for before anything is put on RAW: a disk that is nearly
	// full must keep what room it has for what is on its way. Nil has room.
	Room Room
}

// Room lets pass while there is room for more.
type Room interface {
	// Wait returns when there is room, or ctx's error.
	Wait(ctx context.Context) error
}

// Conn is a service's pair of connections: one to consume and ask, one to
// publish. On a single one, heavy publishing stalls the reading.
type Conn struct {
	name    string
	log     *slog.Logger
	stats   *Stats
	room    Room
	reading *nats.Conn
	writing *nats.Conn
	js      jetstream.JetStream
	runID   string
}

const (
	connectTry   = 2 * time.Second
	connectWait  = 100 * time.Millisecond
	connectLimit = 2 * time.Second
)

var errName = errors.New("connect: the service's name must be letters, digits and hyphens")

// Connect connects and keeps trying until ctx ends; once connected, it
// reconnects for ever. ctx bounds only the first connecting.
func Connect(ctx context.Context, cfg Config) (*Conn, error) {
	if !isToken(cfg.Name) {
		return nil, errName
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Stats == nil {
		cfg.Stats = &Stats{}
	}
	c := &Conn{name: cfg.Name, log: cfg.Log, stats: cfg.Stats, room: cfg.Room, runID: newRunID()}
	var err error
	if c.reading, err = c.dial(ctx, cfg, "read"); err != nil {
		return nil, err
	}
	if c.writing, err = c.dial(ctx, cfg, "write"); err != nil {
		c.reading.Close()
		return nil, err
	}
	if c.js, err = jetstream.New(c.reading); err != nil {
		c.closeNow()
		return nil, fmt.Errorf("connect: %w", err)
	}
	return c, nil
}

func (c *Conn) dial(ctx context.Context, cfg Config, use string) (*nats.Conn, error) {
	opts, err := c.options(cfg, use)
	if err != nil {
		return nil, err
	}
	wait := connectWait
	for {
		nc, err := nats.Connect(cfg.URL, opts...)
		if err == nil {
			return nc, nil
		}
		// The library's error may hold the address with a token in it.
		if class := connectClass(err); class != "" {
			return nil, fmt.Errorf("connect to the NATS server: %s", class)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to the NATS server: it cannot be reached: %w", ctx.Err())
		case <-time.After(wait):
		}
		wait = min(wait*2, connectLimit)
	}
}

// connectClass names the failures that waiting does not mend.
func connectClass(err error) string {
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
		return "it refuses the token or key"
	case errors.Is(err, nats.ErrSecureConnRequired), errors.Is(err, nats.ErrSecureConnWanted):
		return "TLS is on at one side only"
	default:
		return ""
	}
}

func (c *Conn) options(cfg Config, use string) ([]nats.Option, error) {
	opts := []nats.Option{
		nats.Name("doxtrail-" + cfg.Name + "-" + use),
		nats.CustomInboxPrefix("_INBOX." + cfg.Name),
		nats.MaxReconnects(-1), nats.ReconnectWait(connectWait), nats.ReconnectJitter(connectWait, connectWait),
		nats.IgnoreAuthErrorAbort(), nats.Timeout(connectTry), nats.PingInterval(10 * time.Second), nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // nil when we close it ourselves
				c.log.Warn("disconnected from NATS", "use", use)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) {
			c.stats.Reconnects.Add(1)
			c.log.Info("connected to NATS again", "use", use)
		}),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {
			c.stats.AsyncErrors.Add(1)
			c.log.Warn("NATS connection reported an error", "use", use)
		}),
	}
	if cfg.InProcess != nil {
		opts = append(opts, nats.InProcessServer(cfg.InProcess))
	}
	if cfg.Token != "" {
		opts = append(opts, nats.Token(cfg.Token))
	}
	if cfg.SeedFile != "" {
		o, err := nats.NkeyOptionFromSeed(cfg.SeedFile)
		if err != nil {
			return nil, errors.New("connect: the seed file cannot be read as an nkey seed")
		}
		opts = append(opts, o)
	}
	if cfg.CAFile != "" {
		opts = append(opts, nats.RootCAs(cfg.CAFile))
	}
	return opts, nil
}

// Name is the service's name, as given to Connect.
func (c *Conn) Name() string { return c.name }

// Stats counts what went over this connection.
func (c *Conn) Stats() *Stats { return c.stats }

// Connected reports whether both connections stand at this moment.
func (c *Conn) Connected() bool { return c.reading.IsConnected() && c.writing.IsConnected() }

// Close sends what is still buffered (acks above all) and closes both
// connections, at the latest when ctx ends. Consumers and publishers are to be
// stopped before.
func (c *Conn) Close(ctx context.Context) error {
	var errs []error
	for _, nc := range []*nats.Conn{c.reading, c.writing} {
		if nc.IsConnected() {
			if err := flush(ctx, nc); err != nil {
				errs = append(errs, fmt.Errorf("close the NATS connection: %w", err))
			}
		}
	}
	c.closeNow()
	return errors.Join(errs...)
}

// flush waits until the server has seen everything written so far. The library
// insists on a deadline.
func flush(ctx context.Context, nc *nats.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, connectTry)
	defer cancel()
	return nc.FlushWithContext(ctx)
}

func (c *Conn) closeNow() {
	c.reading.Close()
	c.writing.Close()
}
