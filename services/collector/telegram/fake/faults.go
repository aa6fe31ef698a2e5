package fake

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/gotd/td/tgerr"
)

// faults is what goes wrong at present.
type faults struct {
	skew     time.Duration
	refusing bool
	frozen   bool
	failing  map[string]*failure // by method, "" is every method after login
	floods   map[string]*flood   // the same
	held     map[string]chan struct{}
}

type failure struct {
	times int // below 0: until it is cleared
	err   *tgerr.Error
}

type flood struct {
	seconds int
	until   time.Time // zero until the call that is told to wait
}

func newFaults() faults {
	return faults{failing: map[string]*failure{}, floods: map[string]*flood{}, held: map[string]chan struct{}{}}
}

// Fail has the next calls of a method answer err: times of them, or if times is
// below 0 all until it is called again. 0 times, or no error, clears it. The
// method is named as in "messages.getHistory"; "" are all that need a login.
func (s *Server) Fail(method string, times int, err *tgerr.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if times == 0 || err == nil {
		delete(s.faults.failing, method)
		return
	}
	s.faults.failing[method] = &failure{times: times, err: err}
}

// FloodWait has the next call of a method answer FLOOD_WAIT with so many
// seconds. Each call before they are over gets the rest of the wait and is
// counted by EarlyCalls. "" makes all methods after login wait together.
func (s *Server) FloodWait(method string, seconds int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.floods[method] = &flood{seconds: seconds}
}

// EarlyCalls is how many calls came before a flood wait was over.
func (s *Server) EarlyCalls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.early
}

// Hold lets calls of a method wait, unanswered and uncounted, until release: a
// moment in which a client can be killed. Other calls are answered meanwhile.
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

// Cut ends all connections; clients may come back at once.
func (s *Server) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.connections {
		c.close()
		delete(s.connections, c)
	}
}

// Refuse closes every new connection at once: with Cut, the network is away.
func (s *Server) Refuse(refuse bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.refusing = refuse
}

// Revoke ends every session, as its owner can from another device: calls answer
// 401 AUTH_KEY_UNREGISTERED until somebody logs in anew.
func (s *Server) Revoke() { s.endSessions(401, "AUTH_KEY_UNREGISTERED") }

// Duplicate ends every session as Telegram does with one that was used twice at
// once: calls answer 406 AUTH_KEY_DUPLICATED until somebody logs in anew.
func (s *Server) Duplicate() { s.endSessions(406, "AUTH_KEY_DUPLICATED") }

func (s *Server) endSessions(code int, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range s.keys {
		if key.signedIn {
			*key = authKey{AuthKey: key.AuthKey, end: tgerr.New(code, message)}
		}
	}
}

// Freeze freezes the account: 420 FROZEN_METHOD_INVALID for nearly everything.
func (s *Server) Freeze() { s.setFrozen(true) }

// Thaw ends Freeze.
func (s *Server) Thaw() { s.setFrozen(false) }

func (s *Server) setFrozen(frozen bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.frozen = frozen
}

// SkewClock moves the server's clock: the dates of new posts, edits and answers.
func (s *Server) SkewClock(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.skew = d
}

// fault is what a call of method gets instead of an answer; nil if nothing.
func (s *Server) fault(method string) error {
	if s.faults.frozen && !whileFrozen(method) {
		return tgerr.New(420, "FROZEN_METHOD_INVALID")
	}
	scopes := []string{method}
	if !beforeLogin(method) {
		scopes = append(scopes, "")
	}
	for _, scope := range scopes {
		if err := s.flooded(scope); err != nil {
			return err
		}
	}
	for _, scope := range scopes {
		if f := s.faults.failing[scope]; f != nil {
			f.times--
			if f.times == 0 {
				delete(s.faults.failing, scope)
			}
			return f.err
		}
	}
	return nil
}

func (s *Server) flooded(scope string) error {
	f := s.faults.floods[scope]
	if f == nil {
		return nil
	}
	now := time.Now()
	rest := f.seconds
	switch {
	case f.until.IsZero():
		f.until = now.Add(time.Duration(f.seconds) * time.Second)
	case now.Before(f.until):
		s.early++
		rest = int(math.Ceil(f.until.Sub(now).Seconds()))
	default:
		delete(s.faults.floods, scope)
		return nil
	}
	return tgerr.New(420, fmt.Sprintf("FLOOD_WAIT_%d", rest))
}
