package bus

import (
	"context"
	"time"
)

// NewestAt is when a stream took its newest message, by the server's clock, be
// it still there or not; zero if it never had one.
func (c *Conn) NewestAt(ctx context.Context, stream string) (time.Time, error) {
	info, err := c.streamInfo(ctx, stream)
	if err != nil || info.State.LastSeq == 0 {
		return time.Time{}, err
	}
	return info.State.LastTime.UTC(), nil
}
