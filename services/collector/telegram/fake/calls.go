package fake

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Call is one request a client made.
type Call struct {
	At         time.Time // by this machine's clock, whatever SkewClock says
	Method     string    // TL name, "messages.getHistory"
	Key        string    // id of the auth key, hex
	Connection int       // number of the connection, from 1
	Error      string    // what was answered instead of a result, "FLOOD_WAIT_3"
}

// Calls is every call since the start, in the order they were answered. What a
// client sent again because the answer was slow is one call.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// WaitCalls returns when method was called n times since the start.
func (s *Server) WaitCalls(ctx context.Context, method string, n int) error {
	for {
		count, called := s.count(method)
		if count >= n {
			return nil
		}
		select {
		case <-called:
		case <-ctx.Done():
			return fmt.Errorf("wait for call %d of %s (there were %d): %w", n, method, count, ctx.Err())
		}
	}
}

func (s *Server) count(method string) (int, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[method], s.called
}

func (s *Server) record(c *connection, method, err string) {
	s.calls = append(s.calls, Call{
		At: time.Now(), Method: method, Key: c.key.id(), Connection: c.number, Error: err,
	})
	s.counts[method]++
	close(s.called)
	s.called = make(chan struct{})
}

// Simultaneous is how often one session was used by two at once, which Telegram
// punishes with AUTH_KEY_DUPLICATED. It counts each pair of open connections
// that have the same key, different MTProto session ids and have both made
// calls, once the older of them proves that it is still alive: by any packet
// after the newer one's first call. A process that was killed never does, one
// that is idle does with its next ping, a minute later at gotd. The pools of one
// gotd client (Client.Pool) are two at once, too.
func (s *Server) Simultaneous() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.overlaps
}

// noteSession makes c, at the first call of its session, the rival of those that
// use the same key.
func (s *Server) noteSession(c *connection) {
	if c.called {
		return
	}
	c.called = true
	for other := range s.connections {
		if other != c && other.called && other.key == c.key && other.session != c.session {
			other.rivals[c] = true
		}
	}
}

// proveAlive counts the rivals of a connection that just sent something.
func (s *Server) proveAlive(c *connection) {
	for rival := range c.rivals {
		if _, open := s.connections[rival]; open {
			s.overlaps++
		}
	}
	clear(c.rivals)
}
