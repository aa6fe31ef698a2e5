// Package embeddedtest gives tests a NATS server that is started from a
// configuration file, as a server outside the process would be. It is for tests
// only.
package embeddedtest

import (
	"fmt"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
)

// startWait is how long a server may take until it takes clients.
const startWait = 30 * time.Second

// NATS is a server that runs as its configuration file says.
type NATS struct {
	// URL is where it takes clients.
	URL string
	// Options is what the file says, before a test's own address and folder
	// took their places.
	Options *natsserver.Options

	server *natsserver.Server
	log    *natsLog
}

// StartNATS starts a server from the configuration file at path until the test
// ends. Of the file only the addresses and the folder are not used: the server
// listens on a free port of loopback and keeps its streams in a folder of the
// test.
func StartNATS(t testing.TB, path string) *NATS {
	t.Helper()
	said, err := natsserver.ProcessConfigFile(path)
	if err != nil {
		t.Fatalf("read the configuration file: %v", err)
	}
	options := said.Clone()
	options.Host, options.Port = "127.0.0.1", natsserver.RANDOM_PORT
	options.HTTPHost, options.HTTPPort = "", 0
	options.StoreDir, options.NoSigs = t.TempDir(), true
	server, err := natsserver.NewServer(options)
	if err != nil {
		t.Fatalf("start a server from the configuration file: %v", err)
	}
	n := &NATS{Options: said, server: server, log: &natsLog{}}
	server.SetLogger(n.log, false, false)
	server.Start()
	t.Cleanup(func() {
		server.Shutdown()
		server.WaitForShutdown()
	})
	if !server.ReadyForConnections(startWait) || !server.JetStreamEnabled() {
		t.Fatalf("the server is not ready after %v", startWait)
	}
	n.URL = server.ClientURL()
	return n
}

// Refused lists what clients tried and may not, once each: the name of the
// connection and what the server says of it.
func (n *NATS) Refused() []string {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	return append([]string(nil), n.log.refused...)
}

// natsLog keeps the server's lines about what it refused.
type natsLog struct {
	mu      sync.Mutex
	refused []string
}

// violation finds the name of the connection, the last part of a client's
// description, and what was refused.
var violation = regexp.MustCompile(`"[^":]*:[^":]*:([^"]*)".* - (\w+ Violation - .*)$`)

func (l *natsLog) Errorf(format string, v ...any) {
	line := fmt.Sprintf(format, v...)
	found := violation.FindStringSubmatch(line)
	if found == nil {
		return
	}
	line = found[1] + ": " + found[2]
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.refused, line) {
		l.refused = append(l.refused, line)
	}
}

func (*natsLog) Noticef(string, ...any) {}
func (*natsLog) Warnf(string, ...any)   {}
func (*natsLog) Fatalf(string, ...any)  {}
func (*natsLog) Debugf(string, ...any)  {}
func (*natsLog) Tracef(string, ...any)  {}
