package twitter

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

// follow gives the watch list in force and each later one for as long as the group's
// context lasts. Who is slow gets the newest alone.
func (a *app) follow(ctx context.Context, group *errgroup.Group, leg string) <-chan *watchlist.Effective {
	lists := make(chan *watchlist.Effective, 1)
	each := func(list *watchlist.Effective) {
		select {
		case <-lists: // nobody has read it: it is no longer the newest
		default:
		}
		lists <- list
	}
	group.Go(func() error {
		return a.retry(ctx, leg, func() error { return a.lists(ctx, each) })
	})
	return lists
}
