package embedded

import (
	"slices"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
)

const (
	// reviveEvery is how often the server is asked for its health, and the disk
	// for room.
	reviveEvery = time.Second
	// reviveRoom is how much must be free for a new server: for some messages
	// and for the indexes of its streams.
	reviveRoom = 16 << 20
	// reviveLimit bounds the wait between two new servers where the disk has room
	// and does not take what is written either.
	reviveLimit = time.Minute
)

// watch replaces the server once it cannot write any more. nats-server 2.15
// remembers the first error of writing to a stream until its end: it takes
// nothing more into that stream, nor off it, however much room the disk has by
// then. What it had acknowledged is on the disk, and is read by the next.
func (n *NATS) watch() {
	defer close(n.watched)
	for wait := reviveEvery; ; {
		select {
		case <-n.quit:
			return
		case <-time.After(wait):
		}
		switch {
		case n.healthy():
			wait = reviveEvery
		case n.room() >= reviveRoom:
			n.revive()
			wait = min(2*wait, reviveLimit)
		}
	}
}

func (n *NATS) healthy() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.server != nil && canWrite(n.server.Healthz(&natsserver.HealthzOptions{Details: true}))
}

// canWrite tells what a server's health says of its disk. That it does not take
// connections says nothing: nats-server gives itself one millisecond to see that it
// does, which a busy machine may take away, and looks at no stream then. The next look
// tells.
func canWrite(health *natsserver.HealthStatus) bool {
	return !slices.ContainsFunc(health.Errors, func(e natsserver.HealthzError) bool { return e.Type != natsserver.HealthzErrorConn })
}

// revive puts a new server in the place of one that cannot write.
func (n *NATS) revive() {
	n.log.Errorf("it could not write to its disk and is started anew")
	n.mu.Lock()
	old := n.server
	n.server = nil
	n.mu.Unlock()
	if old != nil {
		old.Shutdown()
		old.WaitForShutdown()
	}
	server, err := n.boot()
	if err != nil {
		n.log.Errorf("it did not start anew and is tried again")
		return
	}
	n.mu.Lock()
	n.server = server
	n.mu.Unlock()
}
