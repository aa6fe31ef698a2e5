package normaliser

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
)

const (
	// implausible is how many times the largest age a message may be old. What
	// seems older than that is no age but a clock.
	implausible = 10
	// newestFresh is how long an answer about the newest message is good.
	newestFresh = time.Minute
)

// expiry tells which deliveries waited too long on RAW. Text is not to lie
// there for ever, be it sealed; and a stream with a MaxAge would drop it
// without a word.
//
// A clock alone is not believed, because one that is set forward by years would
// expire all there is. A delivery is over its age only if it is so by our
// clock, and by the server's too, whose newest message must be as much younger:
// it is a queue that moved on and left the delivery behind. And an age beyond
// ten times the limit is not believed either, which is what is seen where both
// clocks are one. In doubt a delivery is normalised like any other: its text
// leaves RAW that way too, and nothing is lost.
type expiry struct {
	limit  time.Duration // 0: never
	now    func() time.Time
	newest func(context.Context) (time.Time, error)

	mu    sync.Mutex
	asked time.Time
	known time.Time
}

func newExpiry(limit time.Duration, conn *bus.Conn) *expiry {
	return &expiry{limit: limit, now: time.Now, newest: func(ctx context.Context) (time.Time, error) { return conn.NewestAt(ctx, bus.StreamRaw) }}
}

// over says whether what was stored at a time waited too long.
func (e *expiry) over(ctx context.Context, storedAt time.Time) bool {
	if e.limit <= 0 || storedAt.IsZero() || !e.plausible(e.now().Sub(storedAt)) {
		return false
	}
	newest, err := e.newestAt(ctx)
	return err == nil && e.plausible(newest.Sub(storedAt))
}

func (e *expiry) plausible(age time.Duration) bool {
	return age > e.limit && age/implausible <= e.limit
}

// newestAt is when RAW took its newest message.
func (e *expiry) newestAt(ctx context.Context) (time.Time, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now := e.now(); e.asked.IsZero() || now.Sub(e.asked) > newestFresh || now.Before(e.asked) {
		newest, err := e.newest(ctx)
		if err != nil {
			return time.Time{}, err
		}
		e.known, e.asked = newest, now
	}
	return e.known, nil
}

// expire turns a delivery of posts that waited too long into the gap that it
// leaves. Its posts are read only for what the gap says: whose they were and
// from when to when. Deliveries of other kinds hold no text: they are
// normalised however old they are.
func (w *worker) expire(d *bus.Delivery) {
	platform := d.Subject.Platform
	l := newLooks(platform)
	l.lostAt = d.StoredAt.Add(w.normaliser.expiry.limit).UnixMilli() // the same whenever it is delivered
	for _, record := range d.Records {
		facts, err := w.converter.outline(platform, record)
		if err != nil {
			l.fail(facts.place)
			continue
		}
		l.add(facts)
	}
	w.converter.coverage(platform, d.Origin, l, gap, w.out)
	token := bus.PlatformToken(platform)
	w.normaliser.metrics.expired.WithLabelValues(token).Add(float64(len(d.Records)))
	w.normaliser.log.Warn("posts waited too long on RAW and became a gap", slog.Int(service.KeyCount, len(d.Records)))
}
