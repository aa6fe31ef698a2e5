package redirect

import (
	"context"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// line lets requests pass one at a time for each host, and bounds how many wait.
type line struct {
	// turns has a place for each host that may be requested, and never changes.
	turns   map[string]chan struct{}
	waiting atomic.Int64
	most    int64
	shown   prometheus.Gauge
}

func newLine(hosts []string, most int, shown prometheus.Gauge) *line {
	l := &line{turns: make(map[string]chan struct{}, len(hosts)), most: int64(most), shown: shown}
	for _, host := range hosts {
		l.turns[host] = make(chan struct{}, 1)
	}
	return l
}

// has says whether a host may be requested at all.
func (l *line) has(host string) bool { return l.turns[host] != nil }

// enter waits for a host's turn, which lasts until leave is called. Errors: that of
// ctx, ErrBusy.
func (l *line) enter(ctx context.Context, host string) (leave func(), err error) {
	turn := l.turns[host]
	leave = func() { <-turn }
	select {
	case turn <- struct{}{}:
		return leave, nil
	default:
	}
	defer l.waiting.Add(-1)
	if l.waiting.Add(1) > l.most {
		return nil, ErrBusy
	}
	l.shown.Inc()
	defer l.shown.Dec()
	select {
	case turn <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
