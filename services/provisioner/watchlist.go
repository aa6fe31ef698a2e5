package provisioner

import (
	"context"
	"errors"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

// errWatchlistAway says that WATCHLIST could not be read or written, so that
// it is worth trying again without a change of the file.
var errWatchlistAway = errors.New("the bucket WATCHLIST cannot be read or written now")

// maxTries bounds how often a lost race for a new generation is tried again.
const maxTries = 5

// ReadWatchlist reads the watch list file at path; no path is an empty list.
func ReadWatchlist(path string) (*watchlist.List, error) {
	if path == "" {
		return &watchlist.List{}, nil
	}
	return watchlist.Load(path)
}

// SyncWatchlist compares the watch list file, with the decisions of persons added
// to it, with the list in force and, if they differ, publishes the new one
// under the next generation. It returns the
// generation in force. Several processes may call it at once: one of them
// publishes.
func (p *Provisioner) SyncWatchlist(ctx context.Context) (uint64, error) {
	list, err := ReadWatchlist(p.deps.Watchlist)
	if err != nil {
		return 0, wrap(err)
	}
	for range maxTries {
		generation, err := p.publishWatchlist(ctx, list)
		switch {
		case err == nil:
			p.metrics.generation.Set(float64(generation))
			return generation, nil
		case !errors.Is(err, bus.ErrConflict):
			return 0, wrap(err)
		}
	}
	return 0, wrap(errors.Join(errWatchlistAway, errors.New("other processes keep changing the list; make them use one file")))
}

// Effective returns the watch list in force, nil if there is none yet.
func (p *Provisioner) Effective(ctx context.Context) (*watchlist.Effective, error) {
	list, _, err := p.effective(ctx)
	return list, err
}

// effective reads the list in force and its place in WATCHLIST.
func (p *Provisioner) effective(ctx context.Context) (*watchlist.Effective, bus.Published, error) {
	bucket, err := p.deps.Conn.Watchlist(ctx)
	if err != nil {
		return nil, bus.Published{}, errors.Join(errWatchlistAway, err)
	}
	published, err := bucket.Load(ctx)
	switch {
	case errors.Is(err, bus.ErrAbsent):
		return nil, published, nil // the study has none yet
	case err != nil:
		return nil, published, errors.Join(errWatchlistAway, err)
	}
	list, err := watchlist.Unseal(p.deps.Ring.StateKey(), published.Sealed)
	return list, published, err
}

// publishWatchlist is one try: read, compare, write unless someone else did. It
// returns the generation in force afterwards, or bus.ErrConflict.
func (p *Provisioner) publishWatchlist(ctx context.Context, list *watchlist.List) (uint64, error) {
	previous, published, err := p.effective(ctx)
	if err != nil {
		return 0, err
	}
	if p.deps.Watchlist == "" && previous != nil {
		// A command that was given no file must not empty the list of a study.
		list = previous.File()
	}
	// After the list in force: decisions that are older than those it was made
	// with would be a conflict below.
	decided, _, err := LoadDecided(ctx, p.deps.Conn, p.deps.Ring.StateKey())
	if err != nil {
		return 0, err
	}
	list = watchlist.Merge(list, decided)
	next, changed := watchlist.Next(previous, list)
	if !changed {
		return next.Generation, nil
	}
	sealed, err := next.Seal(p.deps.Ring.StateKey())
	if err != nil {
		return 0, err
	}
	bucket, err := p.deps.Conn.Watchlist(ctx)
	if err != nil {
		return 0, errors.Join(errWatchlistAway, err)
	}
	switch _, err := bucket.Store(ctx, published, next.Generation, sealed); {
	case errors.Is(err, bus.ErrConflict):
		return 0, err
	case err != nil:
		return 0, errors.Join(errWatchlistAway, err)
	}
	p.log.Info("watch list in force", service.KeyGeneration, next.Generation, "families", len(list.Families), "channels", len(list.Channels))
	if len(list.Families) == 0 {
		p.log.Warn("the watch list names no family: every link is studied, each site as a family of its own")
	}
	return next.Generation, nil
}
