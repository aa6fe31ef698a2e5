package provisioner

import (
	"context"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
)

const (
	// houseEvery is how often the house is kept; bus.Sweep asks for ten minutes.
	houseEvery = 10 * time.Minute
	// fullShare and trimmedShare are the part of RECORDS' limit at which its
	// oldest messages go, and the part that is left then. They are in tables
	// already; without this a full RECORDS would stop everything.
	fullShare, trimmedShare = 0.8, 0.5
)

// keepHouse puts back messages that no reader is shown any more and makes room
// in RECORDS. What fails is tried again the next time.
func (p *Provisioner) keepHouse(ctx context.Context) {
	swept, err := p.deps.Conn.Sweep(ctx)
	if err != nil && ctx.Err() == nil {
		p.log.Warn("sweep not done", service.Error(err))
	}
	p.metrics.swept.Add(float64(swept))
	if err := p.trimRecords(ctx); err != nil && ctx.Err() == nil {
		p.log.Warn("records not trimmed", service.Error(err))
	}
}

// trimRecords takes the oldest messages off a RECORDS that is nearly full.
func (p *Provisioner) trimRecords(ctx context.Context) error {
	lag, err := p.deps.Conn.Lag(ctx)
	if err != nil {
		return err
	}
	for _, l := range lag.Streams {
		limit := float64(l.MaxBytes)
		if l.Stream != bus.StreamRecords || limit == 0 || float64(l.Bytes) < fullShare*limit {
			continue
		}
		removed, err := p.deps.Conn.TrimRecords(ctx, uint64(trimmedShare*limit))
		if err != nil {
			return err
		}
		p.metrics.trimmed.Add(float64(removed))
		p.log.Info("oldest records trimmed; they are in the tables", service.KeyCount, removed)
	}
	return nil
}
