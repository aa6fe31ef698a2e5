package fake

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gotd/td/crypto"
	"github.com/gotd/td/exchange"
	"github.com/gotd/td/proto"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/dcs"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/transport"
)

// dc is the data centre of the account, the one a client tries first by default.
const dc = 2

// Options say who may log in and how the server pages. The zero value is of use.
type Options struct {
	// Phone, Code and Password are what the one account logs in with. Phone
	// defaults to +999 00 00000, Code to 12345; no Password means no second factor.
	Phone, Code, Password string
	// PageLimit caps a page of history. 100, as at Telegram, if 0.
	PageLimit int
	// DifferenceLimit is how far behind in pts a channel difference still tells
	// what happened; beyond it answers too long. 100 if 0.
	DifferenceLimit int
	// DifferenceTimeout is how many seconds clients are told to wait until they
	// ask for the difference again. If 0 nothing is said, which means 1.
	DifferenceTimeout int
	// NoPush keeps the server from sending updates by itself.
	NoPush bool
	// Pipes serves clients of this process alone, those that are made with Options,
	// over pipes instead of the loopback: for a bubble of testing/synctest.
	Pipes bool
	// Log gets a line for each connection and unknown method; none if nil.
	Log *slog.Logger
}

func (o *Options) setDefaults() {
	if o.Phone == "" {
		o.Phone = "+9990000000"
	}
	if o.Code == "" {
		o.Code = "12345"
	}
	if o.PageLimit <= 0 {
		o.PageLimit = 100
	}
	if o.DifferenceLimit <= 0 {
		o.DifferenceLimit = 100
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

func (o *Options) listen(ctx context.Context) (net.Listener, error) {
	if o.Pipes {
		return newPipes(), nil
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
}

// Server is a Telegram with one account and the channels it was given. All its
// methods may be called from anywhere at any time.
type Server struct {
	opts     Options
	rsa      exchange.PrivateKey
	cipher   crypto.Cipher
	ids      *proto.MessageIDGen
	listener net.Listener
	second   net.Listener       // that of SecondDC
	names    map[uint32]string  // TL names of requests, without their number
	methods  map[string]handler // what is answered, by TL name
	secret   password
	end      context.CancelFunc
	running  sync.WaitGroup

	// mu guards all below, and the channels: a request is answered and an event
	// made known as one step, so updates leave in the order of their pts.
	mu          sync.Mutex
	ended       bool
	connections map[*connection]struct{}
	connected   int
	dialled     []time.Time
	keys        map[[8]byte]*authKey
	channels    map[int64]*Channel
	usernames   map[string]*Channel
	files       map[int64]*file
	passes      map[string]int // the data centre that each exported authorization is for
	faults      faults
	calls       []Call
	counts      map[string]int // calls by method
	called      chan struct{}  // closed and made anew at each call
	early       int
	overlaps    int
}

// Start listens on a free loopback port and serves until ctx ends or Close.
func Start(ctx context.Context, opts Options) (*Server, error) {
	opts.setDefaults()
	key, err := rsa.GenerateKey(rand.Reader, crypto.RSAKeyBits)
	if err != nil {
		return nil, fmt.Errorf("make the server's key: %w", err)
	}
	secret, err := newPassword(opts.Password)
	if err != nil {
		return nil, fmt.Errorf("hash the password: %w", err)
	}
	listener, second, err := opts.ports(ctx)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(ctx)
	s := &Server{
		opts: opts, rsa: exchange.PrivateKey{RSA: key}, cipher: crypto.NewServerCipher(crypto.DefaultRand()),
		ids: proto.NewMessageIDGen(time.Now), listener: listener, second: second, names: requestNames(), secret: secret, end: end,
		connections: map[*connection]struct{}{}, keys: map[[8]byte]*authKey{},
		channels: map[int64]*Channel{}, usernames: map[string]*Channel{}, files: map[int64]*file{}, passes: map[string]int{},
		faults: newFaults(), counts: map[string]int{}, called: make(chan struct{}),
	}
	s.methods = s.handlers()
	s.running.Go(func() { s.accept(ctx, listener, dc) })
	s.running.Go(func() { s.accept(ctx, second, SecondDC) })
	s.running.Go(func() {
		<-ctx.Done()
		s.stop()
	})
	return s, nil
}

// ports opens a port for each data centre.
func (o *Options) ports(ctx context.Context) (home, second net.Listener, err error) {
	if home, err = o.listen(ctx); err == nil {
		if second, err = o.listen(ctx); err == nil {
			return home, second, nil
		}
		_ = home.Close()
	}
	return nil, nil, fmt.Errorf("listen on loopback: %w", err)
}

// Close ends all connections and returns when nothing of the server runs any more.
func (s *Server) Close() {
	s.end()
	s.running.Wait()
}

func (s *Server) stop() {
	_ = s.listener.Close()
	_ = s.second.Close()
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.Cut()
}

// DC is the number of the data centre a client has to ask for first.
func (s *Server) DC() int { return dc }

// Address is the host:port the server listens on, the same as long as it lives.
func (s *Server) Address() string { return s.listener.Addr().String() }

// PublicKeyPEM is the key a client must trust, as crypto.ParseRSAPublicKeys reads it.
func (s *Server) PublicKeyPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{
		Type:  "RSA PUBLIC KEY",
		Bytes: x509.MarshalPKCS1PublicKey(&s.rsa.RSA.PublicKey),
	})
}

// WriteFiles puts the public key into dir, for a program that is pointed at this
// server by its configuration, and returns the file.
func (s *Server) WriteFiles(dir string) (keyFile string, err error) {
	keyFile = filepath.Join(dir, "telegram.pem")
	if err := os.WriteFile(keyFile, s.PublicKeyPEM(), 0o600); err != nil {
		return "", fmt.Errorf("write the public key: %w", err)
	}
	return keyFile, nil
}

// Options are what a client in this process needs to find the server, and no
// more: storage, handlers and timing are the caller's.
func (s *Server) Options() telegram.Options {
	plain := dcs.PlainOptions{Protocol: transport.Intermediate}
	if p, ok := s.listener.(*pipes); ok {
		plain.Dial = p.dial
	}
	return telegram.Options{
		DC:         dc,
		DCList:     dcs.List{Options: s.dcOptions()},
		PublicKeys: []telegram.PublicKey{s.rsa.Public()},
		Resolver:   dcs.Plain(plain),
	}
}

func (s *Server) dcOptions() []tg.DCOption {
	option := func(id int, listener net.Listener) tg.DCOption {
		address, _ := listener.Addr().(*net.TCPAddr)
		return tg.DCOption{Static: true, ID: id, IPAddress: address.IP.String(), Port: address.Port}
	}
	return []tg.DCOption{option(dc, s.listener), option(SecondDC, s.second)}
}

// now is the server's clock: what posts are dated with and clients are told.
func (s *Server) now() time.Time { return time.Now().Add(s.faults.skew) }

func (s *Server) unix() int { return int(s.now().Unix()) }

// requestNames maps the number of every request to its name, "messages.getHistory".
func requestNames() map[uint32]string {
	names := tg.TypesMap()
	for id, name := range names {
		names[id], _, _ = strings.Cut(name, "#")
	}
	return names
}
