package provisioner

import (
	"context"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
)

const (
	// lookEvery is how often streams and tables are looked at for the gauges
	// and alarms, and whether RECORDS needs room.
	lookEvery = 15 * time.Second
	// partsEvery is how often ClickHouse is asked for its parts.
	partsEvery = time.Minute
	// maxAge of the oldest message on RAW, nearlyFull as a part of a stream's
	// limit, and manyParts of one table: over them an alarm sounds.
	maxAge     = 24 * time.Hour
	nearlyFull = 0.8
	manyParts  = 500
)

// alarms says which alarms sound. One is logged when it begins, not at every
// look; the gauges tell how long it lasts.
type alarms map[string]bool

// raise notes whether an alarm sounds now, and is true when it just began.
func (a alarms) raise(name string, sounds bool) (began bool) {
	began = sounds && !a[name]
	a[name] = sounds
	return began
}

// look sets the gauges, raises the alarms, makes room and notes where the streams
// end.
func (p *Provisioner) look(ctx context.Context) {
	lag, err := p.deps.Conn.Lag(ctx)
	if err == nil {
		p.showStreams(lag)
		err = p.makeRoom(ctx, lag)
	}
	if err == nil {
		err = p.lookAtFailed(ctx)
	}
	if err == nil {
		err = p.deps.Conn.NoteEnds(ctx)
	}
	if err == nil && time.Since(p.partsAt) >= partsEvery {
		p.partsAt = time.Now()
		err = p.lookAtParts(ctx)
	}
	if err != nil && ctx.Err() == nil {
		p.metrics.lookFailures.Inc()
		p.log.Warn("streams and tables could not be looked at", service.Error(err))
	}
	if p.deps.Disk != nil {
		free, floor, _ := p.deps.Disk.Room()
		p.metrics.diskFree.Set(float64(free))
		p.metrics.diskFloor.Set(float64(floor))
	}
}

// showStreams sets the gauges of the streams and raises their alarms.
func (p *Provisioner) showStreams(lag bus.Lag) {
	for _, l := range append(lag.Streams[:len(lag.Streams):len(lag.Streams)], lag.Cursors) {
		p.metrics.messages.WithLabelValues(l.Stream).Set(float64(l.Messages))
		p.metrics.bytes.WithLabelValues(l.Stream).Set(float64(l.Bytes))
		p.metrics.maxBytes.WithLabelValues(l.Stream).Set(float64(l.MaxBytes))
		full := l.MaxBytes > 0 && float64(l.Bytes) > nearlyFull*float64(l.MaxBytes)
		// ADVISORIES drops its oldest, and is full for ever.
		if p.alarms.raise("full "+l.Stream, full && l.Stream != bus.StreamAdvisories) {
			p.log.Warn("a stream is over four fifths full", service.KeyStream, l.Stream, service.KeyBytes, l.Bytes)
		}
		if l.Stream == bus.StreamRaw {
			age := ageOf(l.OldestAt, time.Now())
			p.metrics.oldestRaw.Set(age.Seconds())
			if p.alarms.raise("age", age > maxAge) {
				p.log.Error("the oldest message on RAW is over a day old: the normaliser does not read, or cannot", service.KeyStream, l.Stream, service.KeyWait, age.Round(time.Minute))
			}
		}
	}
	pending, handed, limit := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, d := range lag.Durables {
		pending[d.Durable.Stream()] += float64(d.Pending)
		handed[d.Durable.Stream()] += float64(d.AckPending)
		limit[d.Durable.Stream()] += float64(d.AckPendingLimit)
	}
	for stream := range pending {
		p.metrics.pending.WithLabelValues(stream).Set(pending[stream])
		p.metrics.ackPending.WithLabelValues(stream).Set(handed[stream])
		p.metrics.ackLimit.WithLabelValues(stream).Set(limit[stream])
	}
}

// ageOf is how old something is; a stamp from the future, of a clock that was
// wrong, is new.
func ageOf(at, now time.Time) time.Duration {
	if at.IsZero() {
		return 0
	}
	return max(now.Sub(at), 0)
}

func (p *Provisioner) lookAtFailed(ctx context.Context) error {
	tally, err := p.deps.Conn.FailedTally(ctx)
	if err != nil {
		return err
	}
	p.metrics.failedEntries.Set(float64(tally.Entries))
	p.metrics.failedWaiting.Set(float64(tally.Waiting))
	p.metrics.failedRetried.Set(float64(tally.Retried))
	p.metrics.failedDropped.Set(float64(tally.Dropped))
	if p.alarms.raise("failed", tally.Waiting > 0) {
		p.log.Error("records failed; look at them: doxtrail deadletters list", service.KeyCount, tally.Waiting)
	}
	gaps, err := p.deps.Conn.OpenGaps(ctx)
	if err != nil {
		return err
	}
	lost := map[string]uint64{bus.StreamRaw: 0, bus.StreamRecords: 0}
	for _, g := range gaps {
		lost[g.Stream] += g.Messages()
	}
	for stream, n := range lost {
		p.metrics.gaps.WithLabelValues(stream).Set(float64(n))
	}
	return nil
}

// lookAtParts counts the parts of the table that has most: merges that cannot
// keep up end in inserts that are refused.
func (p *Provisioner) lookAtParts(ctx context.Context) error {
	if p.deps.Store == nil {
		return nil
	}
	n, err := p.deps.Store.MostParts(ctx)
	if err != nil {
		return err
	}
	p.metrics.parts.Set(float64(n))
	if p.alarms.raise("parts", n > manyParts) {
		p.log.Warn("a table has many parts; merges do not keep up", service.KeyCount, n)
	}
	return nil
}
