package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/provisioner"
)

// restoreRows reads all tables into a place of their own, then merges them: from
// then on, which merging says, the study is changed.
func (s *session) restoreRows(ctx context.Context, data *dataReader, merging *bool) (err error) {
	st, err := s.store.Stage(ctx, data.manifest.Schema)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close(context.WithoutCancel(ctx))) }()
	for kind, e := range data.tables() {
		if err := loadTable(ctx, st, data, kind, e); err != nil {
			return err
		}
	}
	*merging = true
	if err := s.restoreTombstones(ctx, data); err != nil {
		return err
	}
	if err := st.Merge(ctx); err != nil {
		return err
	}
	return s.dropErased(ctx)
}

func loadTable(ctx context.Context, st *store.Staging, data *dataReader, kind store.Kind, e entry) error {
	r, err := data.open(e)
	if err != nil {
		return err
	}
	return errors.Join(st.Load(ctx, kind, r, e.Rows), r.Close())
}

// restoreState brings back what is no row: the watch list, what was decided about
// channels, and where collectors stopped where nothing says so yet.
func (s *session) restoreState(ctx context.Context, data *dataReader) error {
	if err := s.restoreCursors(ctx, data); err != nil {
		return err
	}
	if err := s.restoreDecided(ctx, data); err != nil {
		return err
	}
	sealed, err := data.read(watchlistName)
	if err != nil {
		return err
	}
	if data.manifest.Generation == 0 {
		return nil // the study had none yet
	}
	for err = bus.ErrConflict; errors.Is(err, bus.ErrConflict) && ctx.Err() == nil; {
		err = s.restoreWatchlist(ctx, data.manifest.Generation, sealed)
	}
	if err != nil || s.provisioner == nil {
		return err
	}
	return s.applyWatchlist(ctx) // the file has the last word
}

// restoreWatchlist puts the backup's watch list in force, under a generation
// that is beyond those of the study and of the backup: rows carry it, and those
// that are read from now on must not be older than those that were restored. A
// watch list file then takes its place, and takes off the list what it does not
// name. Where there is none, a list that is not empty stays.
func (s *session) restoreWatchlist(ctx context.Context, generation uint64, sealed []byte) error {
	bucket, err := s.conn.Watchlist(ctx)
	if err != nil {
		return err
	}
	now, err := bucket.Load(ctx)
	if err != nil && !errors.Is(err, bus.ErrAbsent) {
		return err
	}
	if now.Generation < generation {
		_, err = bucket.Store(ctx, now, generation, sealed)
		return err
	}
	list, err := watchlist.Unseal(s.parts.ring.StateKey(), sealed)
	if err != nil {
		return err
	}
	present, err := watchlist.Unseal(s.parts.ring.StateKey(), now.Sealed)
	if err != nil {
		return err
	}
	empty := len(present.Families)+len(present.Sites)+len(present.Channels) == 0
	if file := s.provisioner != nil && s.cfg.Watchlist != ""; !file && !empty {
		return nil
	}
	list.Generation = present.Generation
	if bytes.Equal(list.Marshal(), present.Marshal()) {
		return nil
	}
	list.Generation++
	if sealed, err = list.Seal(s.parts.ring.StateKey()); err != nil {
		return err
	}
	_, err = bucket.Store(ctx, now, list.Generation, sealed)
	return err
}

// restoreDecided adds the backup's decisions to those of the study: of two about one
// channel the newer stands, so an older backup undoes none.
func (s *session) restoreDecided(ctx context.Context, data *dataReader) error {
	if !data.has(decidedName) {
		return nil
	}
	sealed, err := data.read(decidedName)
	if err != nil || len(sealed) == 0 {
		return err
	}
	key := s.parts.ring.StateKey()
	kept, err := watchlist.UnsealDecided(key, sealed)
	if err != nil {
		return err
	}
	return provisioner.Decide(ctx, s.conn, key, func(d *watchlist.Decided) (*watchlist.Decided, error) { return d.And(kept), nil })
}

func (s *session) restoreCursors(ctx context.Context, data *dataReader) error {
	text, err := data.read(cursorsName)
	if err != nil {
		return err
	}
	var cursors map[string][]byte
	if err := json.Unmarshal(text, &cursors); err != nil {
		return errDamaged
	}
	bucket, err := s.conn.Bucket(ctx, bus.BucketCursors)
	if err != nil {
		return err
	}
	for key, value := range cursors {
		if !strings.HasPrefix(key, collectorKeys) {
			continue
		}
		if _, err := bucket.Store(ctx, key, value, 0); err != nil && !errors.Is(err, bus.ErrConflict) {
			return err
		}
	}
	return nil
}
