package twitter

import (
	"sync"
	"time"
)

// standstill is a time in which nothing of the stream is read, because NATS takes
// nothing.
type standstill struct {
	inbox *inbox

	mu    sync.Mutex
	since time.Time
	begun bool
	timer *time.Timer // nil when it is over
}

// standstill says that nothing is read from now on, if that lasts for longer than after,
// until the function that it returns is called.
func (b *inbox) standstill(after time.Duration) (end func()) {
	s := &standstill{inbox: b, since: time.Now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if after > 0 {
		s.timer = time.AfterFunc(after, s.tick)
		return s.end
	}
	s.timer = time.AfterFunc(time.Second, s.tick)
	s.begun = true
	b.begins()
	return s.end
}

func (s *standstill) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer == nil {
		return
	}
	s.begun = true
	s.inbox.begins()
	s.count()
	s.timer.Reset(time.Second)
}

func (s *standstill) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer.Stop()
	s.timer = nil
	if s.begun {
		s.count()
		s.inbox.ends()
	}
}

func (s *standstill) count() {
	now := time.Now()
	s.inbox.blocked(now.Sub(s.since))
	s.since = now
}
