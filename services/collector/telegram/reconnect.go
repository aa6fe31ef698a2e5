package telegram

import (
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	// reconnectFirst is the mean wait before the first new connection, reconnectMean
	// the longest: half of it is chance either way, so that no wait is over a minute
	// and many collectors do not come back at once.
	reconnectFirst, reconnectMean = 200 * time.Millisecond, 40 * time.Second
	// steadyAfter is how long a connection must have stood for the next one to be
	// made soon. Each costs Telegram a call that no gate of ours sees.
	steadyAfter = time.Minute
)

// reconnection spaces out connections. It never gives up. One connection that
// breaks is made anew at once; what breaks again and again is left alone for
// longer each time, also where it got as far as being ready.
type reconnection struct {
	*backoff.ExponentialBackOff
	readyAt time.Time
}

func newReconnection() backoff.BackOff {
	return &reconnection{ExponentialBackOff: backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(reconnectFirst), backoff.WithMaxInterval(reconnectMean),
		backoff.WithMultiplier(2), backoff.WithRandomizationFactor(0.5), backoff.WithMaxElapsedTime(0),
	)}
}

// Reset implements backoff.BackOff; gotd calls it when a connection is ready.
func (r *reconnection) Reset() { r.readyAt = time.Now() }

// NextBackOff implements backoff.BackOff; it is called when a connection broke, or
// was not to be had.
func (r *reconnection) NextBackOff() time.Duration {
	if !r.readyAt.IsZero() && time.Since(r.readyAt) >= steadyAfter {
		r.ExponentialBackOff.Reset()
	}
	r.readyAt = time.Time{}
	return r.ExponentialBackOff.NextBackOff()
}
