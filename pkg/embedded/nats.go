package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
)

// NATSConfig says how to run the embedded NATS server.
type NATSConfig struct {
	// Dir holds the streams. It must be given: a stream that is gone with the
	// process is no stream.
	Dir string
	// Listen is the address on loopback. Empty: 127.0.0.1 and a free port.
	Listen string
	// Token is what clients must show. Empty: random.
	Token string
	// MaxMemory bounds streams in memory, in bytes. Zero: 256 MiB. doxtrail has
	// none, but a limit of 0 would mean as much as there is.
	MaxMemory int64
	// MaxStore bounds the streams on disk, in bytes. Zero: half of what they
	// take now and what is free on the disk together, at least 1 GiB. It must
	// not be less than the limits of the streams that are there add up to.
	MaxStore int64
	// Log takes warnings and errors of the server. Nil: nothing is logged.
	// Payloads and subjects of messages are never in it.
	Log *slog.Logger

	room func() int64 // bytes that are free on the disk; tests have another
}

// maxPayload holds a batch of 512 KiB with its seal and headers and leaves room
// for one record of the largest kind.
const maxPayload = 1<<20 + 64<<10

// NATS is a running embedded NATS server with JetStream, which syncs every
// message to disk before it acknowledges it. A server that a full disk has
// stopped is replaced by a new one at the same address; see revive.go.
type NATS struct {
	room    func() int64
	options *natsserver.Options
	log     natsLog
	url     string

	mu     sync.Mutex
	server *natsserver.Server // nil while it is replaced

	quit    chan struct{} // closed to end watch
	closing sync.Once
	watched chan struct{} // closed when watch has ended
}

// StartNATS starts a server and waits until it takes clients.
func StartNATS(cfg NATSConfig) (*NATS, error) {
	if cfg.Dir == "" {
		return nil, errors.New("start the embedded nats server: no folder given")
	}
	setDefault(&cfg.Listen, "127.0.0.1:0")
	setDefault(&cfg.Token, rand.Text())
	setDefault(&cfg.MaxMemory, 256<<20)
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the embedded nats server: %w", bare(err))
	}
	setDefault(&cfg.MaxStore, max(1<<30, (usedBytes(cfg.Dir)+freeBytes(cfg.Dir))/2))
	host, portText, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("start the embedded nats server: the address is not host:port: %w", err)
	}
	port, err := strconv.Atoi(portText)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, errors.New("start the embedded nats server: the address is not a loopback address with a port")
	}
	if port == 0 {
		port = natsserver.RANDOM_PORT
	}
	if cfg.room == nil {
		cfg.room = func() int64 { return freeBytes(cfg.Dir) }
	}
	n := &NATS{room: cfg.room, log: natsLog{cfg.Log}, quit: make(chan struct{}), watched: make(chan struct{}), options: &natsserver.Options{
		ServerName: "doxtrail", Host: host, Port: port, Authorization: cfg.Token,
		JetStream: true, StoreDir: cfg.Dir, SyncAlways: true,
		JetStreamMaxMemory: cfg.MaxMemory, JetStreamMaxStore: cfg.MaxStore,
		MaxPayload: maxPayload, NoSigs: true,
	}}
	if n.server, err = n.boot(); err != nil {
		return nil, err
	}
	n.url = n.server.ClientURL()
	if address, ok := n.server.Addr().(*net.TCPAddr); ok {
		n.options.Port = address.Port // of the next one too
	}
	go n.watch()
	return n, nil
}

// boot starts a server and waits until it takes clients.
func (n *NATS) boot() (*natsserver.Server, error) {
	server, err := natsserver.NewServer(n.options.Clone())
	if err != nil {
		return nil, fmt.Errorf("start the embedded nats server: %w", err)
	}
	server.SetLogger(n.log, false, false)
	server.Start()
	const startTimeout = 30 * time.Second // replaying a large store takes some
	if !server.ReadyForConnections(startTimeout) || !server.JetStreamEnabled() {
		server.Shutdown()
		server.WaitForShutdown()
		return nil, errors.New("start the embedded nats server: not ready after 30s: its folder may be in use, damaged or not writable")
	}
	return server, nil
}

// freeBytes tells how much room the disk of a folder has left for this user.
func freeBytes(dir string) int64 {
	var fs syscall.Statfs_t
	if syscall.Statfs(dir, &fs) != nil {
		return 0
	}
	return int64(fs.Bavail) * fs.Bsize
}

// usedBytes adds up the files of a folder. One that vanishes meanwhile counts
// for nothing.
func usedBytes(dir string) int64 {
	var sum int64
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	return sum
}

// URL is where the server takes clients.
func (n *NATS) URL() string { return n.url }

// Token is what a client must show.
func (n *NATS) Token() string { return n.options.Authorization }

// InProcess gives connections without a socket. It is what nats.InProcessServer
// takes; the token must be shown there too.
func (n *NATS) InProcess() InProcessServer { return n }

// InProcessConn implements InProcessServer.
func (n *NATS) InProcessConn() (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.server == nil {
		return nil, errors.New("connect to the embedded nats server: it is starting")
	}
	return n.server.InProcessConn()
}

// InProcessServer is nats.go's InProcessConnProvider.
type InProcessServer interface {
	InProcessConn() (net.Conn, error)
}

// Close stops the server and waits until its streams are closed on disk, but
// not longer than ctx. Clients should have been drained and closed before.
func (n *NATS) Close(ctx context.Context) error {
	n.closing.Do(func() { close(n.quit) })
	done := make(chan struct{})
	go func() {
		defer close(done)
		<-n.watched
		if n.server != nil { // nobody replaces it any more
			n.server.Shutdown()
			n.server.WaitForShutdown()
		}
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop the embedded nats server: %w", ctx.Err())
	}
}

// natsLog passes on warnings and errors. Debug and trace lines, which hold
// payloads, are dropped here whatever the server's options say.
type natsLog struct{ log *slog.Logger }

func (l natsLog) write(say func(*slog.Logger, string, ...any), format string, v ...any) {
	if l.log != nil {
		say(l.log, "embedded nats server", slog.String("detail", fmt.Sprintf(format, v...)))
	}
}

// Warnf passes on a warning. That an index is older than its blocks is none: it is
// so after every kill, and the server then reads the blocks.
func (l natsLog) Warnf(format string, v ...any) {
	for _, old := range []string{"Stream state outdated", "Stream state detected prior state", "Recovering stream state from index errored"} {
		if strings.Contains(format, old) {
			l.write((*slog.Logger).Info, format, v...)
			return
		}
	}
	l.write((*slog.Logger).Warn, format, v...)
}

func (l natsLog) Noticef(string, ...any)         {}
func (l natsLog) Fatalf(format string, v ...any) { l.write((*slog.Logger).Error, format, v...) }
func (l natsLog) Errorf(format string, v ...any) { l.write((*slog.Logger).Error, format, v...) }
func (l natsLog) Debugf(string, ...any)          {}
func (l natsLog) Tracef(string, ...any)          {}
