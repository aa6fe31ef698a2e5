package embedded

import (
	"context"
	"time"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

// purgeEvery is how often the engine's allocator is told to give back what it
// does not use.
const purgeEvery = time.Second

// purge keeps the process as small as what it holds. The engine's allocator keeps
// freed pages for later; a server has threads that give them back after some
// seconds, the library has not, and so a process that merged once stays larger by
// some 80 MB.
func (c *ClickHouse) purge(ctx context.Context) {
	defer close(c.purged)
	tick := time.NewTicker(purgeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		// It is no harm if it fails: the memory is given back the next time.
		_ = c.pools[0].Do(ctx, nil, func(conn *chdb.Conn) (reusable bool) {
			_, err := conn.Query(ctx, chdb.Statement{SQL: "SYSTEM JEMALLOC PURGE", Format: "Null"}, func([]byte) error { return nil })
			return err == nil
		})
	}
}
