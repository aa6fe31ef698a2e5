package api

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// watched is a body that may bring nothing for a while only. The time in which
// nobody reads does not count.
type watched struct {
	body  io.ReadCloser
	idle  time.Duration
	watch *time.Timer
	// last is when bytes came, in ns of Unix time.
	last    atomic.Int64
	stalled atomic.Bool
}

func newWatched(body io.ReadCloser, idle time.Duration, cancel context.CancelCauseFunc) *watched {
	w := &watched{body: body, idle: idle}
	w.watch = time.AfterFunc(idle, func() {
		w.stalled.Store(true)
		cancel(errLate)
	})
	w.watch.Stop()
	w.last.Store(time.Now().UnixNano())
	return w
}

// Read implements io.Reader.
func (w *watched) Read(p []byte) (int, error) {
	w.watch.Reset(w.idle)
	n, err := w.body.Read(p)
	w.watch.Stop()
	if n > 0 {
		w.last.Store(time.Now().UnixNano())
	}
	return n, err
}

func (w *watched) heard() time.Time { return time.Unix(0, w.last.Load()) }
