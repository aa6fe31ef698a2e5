package twitter

import (
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cursor"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

// publish puts a watch list into force.
func (r *rig) publish(list watchlist.List) {
	r.t.Helper()
	if err := list.Validate(); err != nil {
		r.t.Fatal(err)
	}
	r.effective, _ = watchlist.Next(r.effective, &list)
	sealed, err := r.effective.Seal(r.deps.Key)
	if err != nil {
		r.t.Fatal(err)
	}
	bucket, err := r.bus.Conn.Watchlist(r.within())
	if err == nil {
		r.published, err = bucket.Store(r.within(), r.published, r.effective.Generation, sealed)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// shelf is a shelf of its own for the collector's cursors.
func (r *rig) shelf() prefixed {
	r.t.Helper()
	bucket, err := r.bus.Conn.Bucket(r.within(), bus.BucketCursors)
	if err != nil {
		r.t.Fatal(err)
	}
	return prefixed{cursor.NewShelf(bucket, r.deps.Key, Name), r.cfg.Account}
}
