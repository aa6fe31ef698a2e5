package provisioner

import (
	"context"
	"math"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
)

const (
	// houseEvery is how often the house is kept; bus.Sweep asks for ten minutes.
	houseEvery = 10 * time.Minute
	// auditEvery is how often RECORDS is read through, beside at the start: it
	// reads all of the stream from the disk.
	auditEvery = 24 * time.Hour
	// fullShare and trimmedShare are the part of RECORDS' limit at which its
	// oldest messages go, and the part that is left then. They are in tables
	// already; without this a full RECORDS would stop everything.
	fullShare, trimmedShare = 0.8, 0.5
)

// keepHouse puts back messages that no reader is shown any more, takes off RECORDS
// what is too old, and looks for what the streams lost. What fails is tried again
// the next time.
func (p *Provisioner) keepHouse(ctx context.Context) {
	swept, err := p.deps.Conn.Sweep(ctx)
	if err != nil && ctx.Err() == nil {
		p.log.Warn("sweep not done", service.Error(err))
	}
	p.metrics.swept.Add(float64(swept))
	if err := p.trimRecords(ctx, math.MaxUint64); err != nil && ctx.Err() == nil {
		p.log.Warn("records not trimmed", service.Error(err))
	}
	if err := p.audit(ctx); err != nil && ctx.Err() == nil {
		p.log.Warn("streams not audited", service.Error(err))
	}
}

// audit looks for lost messages. The bus raises the alarm for what it finds.
func (p *Provisioner) audit(ctx context.Context) error {
	if _, err := p.deps.Conn.AuditRaw(ctx); err != nil {
		return err
	}
	if !p.auditedAt.IsZero() && time.Since(p.auditedAt) < auditEvery {
		return nil
	}
	if _, err := p.deps.Conn.AuditRecords(ctx); err != nil {
		return err
	}
	p.auditedAt = time.Now()
	p.metrics.audited.WithLabelValues(bus.StreamRecords).SetToCurrentTime()
	return nil
}

// makeRoom takes the oldest messages off RECORDS when it is nearly full. It is done
// at every look: an import fills what is left within minutes, and then waits.
func (p *Provisioner) makeRoom(ctx context.Context, lag bus.Lag) error {
	for _, l := range lag.Streams {
		limit := float64(l.MaxBytes)
		if l.Stream == bus.StreamRecords && limit > 0 && float64(l.Bytes) >= fullShare*limit {
			return p.trimRecords(ctx, uint64(trimmedShare*limit))
		}
	}
	return nil
}

// trimRecords takes messages off RECORDS that are too old, or beyond what it is to
// keep.
func (p *Provisioner) trimRecords(ctx context.Context, keepBytes uint64) error {
	removed, err := p.deps.Conn.TrimRecords(ctx, keepBytes)
	if err != nil {
		return err
	}
	if removed > 0 {
		p.metrics.trimmed.Add(float64(removed))
		p.log.Info("oldest records trimmed; they are in the tables", service.KeyCount, removed)
	}
	return nil
}
