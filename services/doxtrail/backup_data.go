package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// writeData writes every entry of a data file but the manifest, and what the
// manifest says of the whole.
func (s *session) writeData(ctx context.Context, d *dataWriter, cursors map[string][]byte) error {
	text, err := json.Marshal(cursors)
	if err != nil {
		return err
	}
	if err := d.add(cursorsName, whole(text)); err != nil {
		return err
	}
	for _, kind := range store.BackupKinds() {
		err := d.add(tableName(kind), func(w io.Writer) (uint64, error) { return s.store.WriteRows(ctx, kind, w) })
		if err != nil {
			return err
		}
	}
	if err := s.writeTombstones(d); err != nil {
		return err
	}
	list, err := s.conn.Watchlist(ctx)
	if err != nil {
		return err
	}
	published, err := list.Load(ctx)
	if err != nil && !errors.Is(err, bus.ErrAbsent) {
		return err
	}
	d.manifest.Generation = published.Generation
	if err := d.add(watchlistName, whole(published.Sealed)); err != nil {
		return err
	}
	decided, err := list.LoadDecided(ctx)
	if err != nil {
		return err
	}
	if err := d.add(decidedName, whole(decided.Sealed)); err != nil {
		return err
	}
	lag, err := s.conn.Lag(ctx)
	if err != nil {
		return err
	}
	d.manifest.FailedRecords, d.manifest.Waiting = lag.Failed, waiting(lag)
	return nil
}

// tableName is the entry of a table.
func tableName(kind store.Kind) string { return "tables/" + string(kind) + ".tsv" }

// waiting counts the messages that are no rows yet.
func waiting(lag bus.Lag) (n uint64) {
	for _, d := range lag.Durables {
		n += d.Pending + uint64(d.AckPending)
	}
	return n
}
