package fake

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"time"
)

// Call is one request a client made. It holds nothing of what was asked.
type Call struct {
	At     time.Time // when it arrived, by this machine's clock
	Method string    // "search.recent", see Fail
	Status int       // 0 if the connection was ended instead
	Token  bool      // whether an Authorization header came
	Host   string    // host:port it was sent to
	Query  uint64    // hash of the path and the parameters
}

type callLog struct {
	calls  []Call
	counts map[string]int
	more   chan struct{} // closed and made anew at each call
}

func newCallLog() callLog { return callLog{counts: map[string]int{}, more: make(chan struct{})} }

// Calls is every call since the start, in the order they were answered.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log.calls)
}

// Count is how many calls of a method there were since the start.
func (s *Server) Count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.counts[method]
}

// WaitCalls returns when method was called n times since the start.
func (s *Server) WaitCalls(ctx context.Context, method string, n int) error {
	count := 0
	err := s.wait(ctx, func() bool {
		count = s.log.counts[method]
		return count >= n
	})
	if err != nil {
		return fmt.Errorf("wait for call %d of %s (there were %d): %w", n, method, count, err)
	}
	return nil
}

// wait returns when done is true; it is asked under the lock, after each call
// and each message that was sent.
func (s *Server) wait(ctx context.Context, done func() bool) error {
	for {
		s.mu.Lock()
		finished, more := done(), s.log.more
		s.mu.Unlock()
		if finished {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// wake lets those who wait look again.
func (s *Server) wake() {
	close(s.log.more)
	s.log.more = make(chan struct{})
}

func (s *Server) note(r *http.Request, method string, status int, arrived time.Time) {
	h := fnv.New64a()
	fmt.Fprint(h, r.URL.Path, "?", r.URL.RawQuery)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.calls = append(s.log.calls, Call{
		At: arrived, Method: method, Status: status, Token: hasToken(r), Host: r.Host, Query: h.Sum64(),
	})
	s.log.counts[method]++
	s.wake()
}

// CheckTokens says whether a token went to another host than the API's, or a
// call to the API came without.
func CheckTokens(calls []Call) error {
	for _, c := range calls {
		if storage := c.Method == "storage.upload" || c.Method == "storage.download"; storage == c.Token {
			return fmt.Errorf("%s (status %d): token sent is %t", c.Method, c.Status, c.Token)
		}
	}
	return nil
}

func hasToken(r *http.Request) bool { return r.Header.Get("Authorization") != "" }
