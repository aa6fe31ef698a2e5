package twitter

import (
	"time"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// backoff says how long to wait before the stream is opened again.
type backoff struct {
	times streamTimes
	// tries are those in a row that brought nothing, by what was wrong.
	network int
	http    time.Duration
	limited time.Duration
}

// worked says that a connection brought something.
func (b *backoff) worked() { b.network, b.http, b.limited = 0, 0, 0 }

// after is the wait after an end of the stream, or after a try to open it. The first
// wait after a connection that worked is none.
func (b *backoff) after(kind api.Kind) time.Duration {
	switch kind {
	case api.Network, api.Timeout, api.Certificate, api.Ended, api.Stalled:
		wait := min(time.Duration(b.network)*b.times.network, b.times.networkLimit)
		b.network++
		return wait
	case api.Limited:
		b.limited = min(max(2*b.limited, b.times.limited), b.times.httpLimit*limitedLonger)
		return b.limited
	default:
		b.http = min(max(2*b.http, b.times.http), b.times.httpLimit)
		return b.http
	}
}

// limitedLonger is how many times as long the longest wait after too many calls is:
// about a quarter of an hour, which is X's window, and longer.
const limitedLonger = 4
