package fake

import (
	"context"
	"strings"
	"sync"
	"time"
)

// streamOrders are what goes wrong with the next messages.
type streamOrders struct {
	big, partial, duplicates int
	cut                      bool
}

// Disconnects are the disconnect types X documents.
func Disconnects() []string {
	return []string{
		"OperationalDisconnect", "UpstreamOperationalDisconnect", "ForceDisconnect", "UpstreamUncleanDisconnect", "SlowReader",
		"InternalError", "ClientApplicationStateDegraded", "InvalidRules",
	}
}

// Disconnect tells all streams that they are disconnected, and ends them.
func (s *Server) Disconnect(kind string) {
	title := "operational-disconnect"
	if !strings.Contains(kind, "Operational") {
		title = kind
	}
	s.sendLast(encode(object{"errors": []any{object{
		"title": title, "disconnect_type": kind, "type": s.problemType("operational-disconnect"),
		"detail": "This stream has been disconnected.",
	}}}), true)
}

// ConnectionIssue tells all streams of a connection issue, as X does in the
// middle of a stream (TooManyConnections, ProvisioningSubscription,
// RuleConfigurationIssue, RulesInvalidIssue), and ends them.
func (s *Server) ConnectionIssue(issue string) {
	s.sendLast(encode(s.connectionProblem(0, issue, "This stream cannot go on.").body), true)
}

// Line sends all streams a line of the caller's: half an object, two that are
// glued, HTML.
func (s *Server) Line(line string) { s.sendLast([]byte(line), false) }

func (s *Server) sendLast(line []byte, last bool) {
	line = append(line, '\r', '\n')
	s.mu.Lock()
	var sends []send
	for c := range s.streams.open {
		sends = append(sends, send{to: c, message: message{line: line, last: last}})
	}
	s.mu.Unlock()
	s.send(context.Background(), sends)
}

// StallStream lets open streams, and those that come, send nothing, not even
// heartbeats, until release. What waits is sent then, if they are still there.
func (s *Server) StallStream() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.streams.stalled = gate
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.streams.stalled == gate {
			s.streams.stalled = nil
		}
		close(gate)
	})
}

// CutStream ends all streams at once; what was queued for them is lost.
func (s *Server) CutStream() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endStreams(true)
}

// EndStream ends all streams between two messages, as if all were said.
func (s *Server) EndStream() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endStreams(false)
}

// CutMessage ends the stream in the middle of the next post's message.
func (s *Server) CutMessage() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams.orders.cut = true
}

// BigMessage makes the next post's message at least so many bytes long.
func (s *Server) BigMessage(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams.orders.big = bytes
}

// PartialErrors has the next messages carry errors beside data. Messages of
// posts that refer to one that is gone carry them anyway.
func (s *Server) PartialErrors(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams.orders.partial = n
}

// DuplicateDelivery sends the next messages twice.
func (s *Server) DuplicateDelivery(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams.orders.duplicates = n
}

// Linger lets streams that ended count as open for some time, so that who comes
// back finds TooManyConnections until then, or until it deletes all connections.
func (s *Server) Linger(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams.linger = d
}

func (s *Server) endStreams(abrupt bool) {
	for c := range s.streams.open {
		c.finish(abrupt)
	}
}

// slow disconnects a reader that is too slow: at once, for there is no room for
// a message that says so.
func (s *Server) slow(c *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.finish(true)
}

// finish ends a stream. Abruptly, it ends even while its client does not read.
func (c *stream) finish(abrupt bool) {
	if c.ended {
		return
	}
	c.ended, c.abrupt = true, abrupt
	if abrupt {
		_ = c.control.SetWriteDeadline(time.Now())
	}
	close(c.end)
}

// hangUp lets no more requests in, ends all streams, and lets those who post to
// them go on.
func (s *Server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.endStreams(true)
}
