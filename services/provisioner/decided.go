package provisioner

import (
	"context"
	"errors"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

// LoadDecided reads what persons decided about channels and sites, and its place
// in WATCHLIST. There may be nothing yet.
func LoadDecided(ctx context.Context, conn *bus.Conn, key watchlist.Sealer) (*watchlist.Decided, bus.Decided, error) {
	bucket, err := conn.Watchlist(ctx)
	if err != nil {
		return nil, bus.Decided{}, errors.Join(errWatchlistAway, err)
	}
	loaded, err := bucket.LoadDecided(ctx)
	if err != nil {
		return nil, bus.Decided{}, errors.Join(errWatchlistAway, err)
	}
	decided, err := watchlist.UnsealDecided(key, loaded.Sealed)
	return decided, loaded, err
}

// Decide changes what was decided about channels and sites. Somebody else may decide at the
// same time: then change is called again, with what was decided meanwhile. The list
// in force follows when a provisioner sees it, or with SyncWatchlist.
func Decide(ctx context.Context, conn *bus.Conn, key watchlist.Sealer, change func(*watchlist.Decided) (*watchlist.Decided, error)) error {
	bucket, err := conn.Watchlist(ctx)
	if err != nil {
		return err
	}
	for range maxTries {
		before, loaded, err := LoadDecided(ctx, conn, key)
		if err != nil {
			return err
		}
		after, err := change(before)
		if err != nil {
			return err
		}
		sealed, err := after.Seal(key)
		if err != nil {
			return err
		}
		if err := bucket.StoreDecided(ctx, loaded, sealed); !errors.Is(err, bus.ErrConflict) {
			return err
		}
	}
	return errors.Join(errWatchlistAway, errors.New("other processes keep deciding; run the command again"))
}
