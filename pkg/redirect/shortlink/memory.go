package shortlink

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/redirect"
)

const (
	// knownLinks bounds the links that are not asked for again, knownFor is how long:
	// a shortener may block a link later, or let its maker change where it leads.
	knownLinks, knownFor = 20_000, 24 * time.Hour
)

// memory is what was learnt of links, by their addresses. The zero value is empty.
type memory struct {
	mu    sync.Mutex
	known map[string]known
}

type known struct {
	result redirect.Result
	at     time.Time
}

func (m *memory) find(address string) (redirect.Result, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.known[address]
	return k.result, ok && time.Since(k.at) < knownFor
}

func (m *memory) keep(address string, result redirect.Result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= knownLinks {
		m.known = map[string]known{}
	}
	m.known[address] = known{result: result, at: time.Now()}
}

// ask says what a link is known to lead to, or asks. The error, that it could not be
// asked for, holds no address.
func (q *Queue) ask(ctx context.Context, address string) (redirect.Result, error) {
	if got, ok := q.learnt.find(address); ok {
		return got, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	got, err := q.client.Expand(ctx, address)
	if errors.Is(err, redirect.ErrNotShort) { // a shortener's other port
		got, err = redirect.Result{}, nil
	}
	if err != nil {
		return redirect.Result{}, err
	}
	if got.Hops == 0 { // the shortener is watched itself, today: nobody was asked
		return redirect.Result{}, nil
	}
	if !got.Reason.Later() {
		q.learnt.keep(address, got)
	}
	return got, nil
}
