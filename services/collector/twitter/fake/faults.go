package fake

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// faults is what goes wrong at present.
type faults struct {
	away    bool
	ordered map[string][]*fault // by method, "" is every method
	held    map[string]chan struct{}
	empty   int // pages of search that come without posts
}

// fault is one order.
type fault struct {
	times  int       // below 0: until it is cleared
	until  time.Time // or until then, if not zero
	status int
	body   string // "html", "glued", "half"
	slow   time.Duration
	drop   bool
	too    *Reset
	to     string // address to redirect to
}

func newFaults() faults {
	return faults{ordered: map[string][]*fault{}, held: map[string]chan struct{}{}}
}

// Fail has the next calls of a method answer a status: times of them, or if
// times is below 0 all until Clear. "" is every method. Methods are search.recent,
// search.all, counts.recent, counts.all, stream, rules.read, rules.change, posts,
// users, timeline, quotes, reposts, reposters, compliance, usage, connections,
// storage.upload, storage.download.
func (s *Server) Fail(method string, status, times int) {
	s.ask(method, fault{status: status, times: times})
}

// FailFor is Fail for some time.
func (s *Server) FailFor(method string, status int, d time.Duration) {
	s.ask(method, fault{status: status, times: -1, until: time.Now().Add(d)})
}

// HTML has a method answer a page of HTML, as a gateway does; status 0 leaves
// the status as it would be.
func (s *Server) HTML(method string, status, times int) {
	s.ask(method, fault{status: status, body: "html", times: times})
}

// Glued appends half of the same object to answers of a method.
func (s *Server) Glued(method string, times int) {
	s.ask(method, fault{body: "glued", times: times})
}

// Half cuts answers of a method in half, under a length that fits.
func (s *Server) Half(method string, times int) {
	s.ask(method, fault{body: "half", times: times})
}

// Slow lets answers of a method wait.
func (s *Server) Slow(method string, d time.Duration, times int) {
	s.ask(method, fault{slow: d, times: times})
}

// Drop ends the connection instead of an answer.
func (s *Server) Drop(method string, times int) { s.ask(method, fault{drop: true, times: times}) }

// Redirect has a method answer 307 with another address. The storage's is on the
// same host name at another port, to which net/http takes tokens along.
func (s *Server) Redirect(method, address string, times int) {
	s.ask(method, fault{to: address, times: times})
}

// TooMany has a method answer 429 with a reset.
func (s *Server) TooMany(method string, times int, reset Reset) {
	s.ask(method, fault{too: &reset, times: times})
}

// Clear ends all orders for a method; "" those for every method.
func (s *Server) Clear(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.faults.ordered, method)
}

// ask adds an order; those of a method are carried out one after another.
func (s *Server) ask(method string, f fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.times != 0 {
		s.faults.ordered[method] = append(s.faults.ordered[method], &f)
	}
}

// EmptyPages has the next pages of search come without posts, though there are
// more: with a next_token and result_count 0.
func (s *Server) EmptyPages(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.empty = n
}

// Refuse ends every new request at once: the network is away. Streams that are
// open stay; CutStream ends them.
func (s *Server) Refuse(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.away = away
}

// Hold lets calls of a method wait, unanswered and not noted, until release: a
// moment in which a client can be killed.
func (s *Server) Hold(method string) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.faults.held[method] = gate
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.faults.held[method] == gate {
			delete(s.faults.held, method)
		}
		close(gate)
	})
}

// pass waits where a call is held and ends it where the network is away.
func (s *Server) pass(ctx context.Context, method string) {
	s.mu.Lock()
	gate, away := s.faults.held[method], s.faults.away
	s.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			panic(http.ErrAbortHandler)
		}
	}
	if away {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	slow := s.faults.takeSlow(method)
	s.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
		}
	}
}

// take is the order for a call, nil if there is none.
func (f *faults) take(method string) *fault {
	return f.first(method, func(o *fault) bool { return o.slow == 0 })
}

func (f *faults) takeSlow(method string) time.Duration {
	if o := f.first(method, func(o *fault) bool { return o.slow > 0 }); o != nil {
		return o.slow
	}
	return 0
}

func (f *faults) first(method string, fits func(*fault) bool) *fault {
	for _, scope := range []string{method, ""} {
		list := f.ordered[scope]
		for i := 0; i < len(list); i++ {
			o := list[i]
			if !o.until.IsZero() && time.Now().After(o.until) {
				list = append(list[:i:i], list[i+1:]...)
				f.ordered[scope] = list
				i--
				continue
			}
			if !fits(o) {
				continue
			}
			o.times--
			if o.times == 0 {
				f.ordered[scope] = append(list[:i:i], list[i+1:]...)
			}
			return o
		}
	}
	return nil
}

// shapes says whether the order is for the body of an answer.
func (f *fault) shapes() bool { return f.body != "" }

func (f *fault) shape(kind string, body []byte) (string, []byte) {
	switch f.body {
	case "html":
		return "text/html; charset=utf-8", []byte("<!DOCTYPE html><html><body><h1>Over capacity</h1></body></html>")
	case "glued":
		return kind, append(append([]byte{}, body...), body[:len(body)/2]...)
	default:
		return kind, body[:len(body)/2]
	}
}
