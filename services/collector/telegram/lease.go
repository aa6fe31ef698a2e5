package telegram

import (
	"context"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/lease"
	"github.com/doxtrail/doxtrail/pkg/service"
)

// leased is a context that ends with ctx or when the lease of the account is lost: on
// one machine the lock of the session file keeps it for one process; another machine
// may have a copy of the file, and Telegram ends a session that is used twice at once.
// Where all share one machine there is none to take.
func (c *Collector) leased(ctx context.Context, holder string) (held context.Context, release func(), err error) {
	if !c.deps.Lease {
		return ctx, func() {}, nil
	}
	if c.lease == nil || c.holder != holder {
		bucket, err := c.deps.Conn.Bucket(ctx, bus.BucketLeases)
		if err != nil {
			return nil, nil, err
		}
		c.holder = holder
		c.lease = lease.New(lease.Config{
			Bucket: bucket, Key: Name + "." + c.cfg.Account, Holder: holder, Term: c.cfg.pauses.lease,
			Trouble: func(err error) { c.log.Warn("the lease of the account is in trouble", service.Error(err)) },
		})
	}
	return c.lease.Hold(ctx)
}
