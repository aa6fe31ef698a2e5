package main

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// writeTombstones puts the tombstones into a data file, as the last word on what is
// in it.
func (s *session) writeTombstones(d *dataWriter) error {
	tombstones, err := privacy.OpenTombstones(s.cfg.Keys)
	if err != nil {
		return plain(err)
	}
	list, err := tombstones.All()
	if err != nil {
		return plain(err)
	}
	return d.add(tombstonesName, whole(privacy.FormatTombstones(list)))
}

// restoreTombstones adds the tombstones of a data file to those beside the ring, and
// has all of them decide before a row of the file reaches the study: an older data
// file does not know what was erased since.
func (s *session) restoreTombstones(ctx context.Context, data *dataReader) error {
	tombstones, err := privacy.OpenTombstones(s.cfg.Keys)
	if err != nil {
		return plain(err)
	}
	if data.has(tombstonesName) {
		text, err := data.read(tombstonesName)
		if err != nil {
			return err
		}
		kept, err := privacy.ParseTombstones(text)
		if err != nil {
			return errDamaged
		}
		if err := tombstones.Append(kept); err != nil {
			return err
		}
	}
	list, err := tombstones.All()
	if err != nil {
		return plain(err)
	}
	rows, decided := store.NewRows(), map[privacy.Key]bool{}
	for _, t := range list {
		if decided[t.Target] {
			continue
		}
		decided[t.Target] = true
		record, err := proto.Marshal(erasedDecision(t.Target))
		if err != nil {
			return err
		}
		if err := rows.Append(store.KindDecisions, doxtrailv1.Platform_PLATFORM_WEB, record); err != nil {
			return err
		}
	}
	if rows.Len() == 0 {
		return nil
	}
	return s.store.Insert(ctx, rows)
}

// dropErased takes off the disk what a restore deleted because the file knew of
// erasures that the study did not.
func (s *session) dropErased(ctx context.Context) error {
	const wait = 10 * time.Minute
	tombstones, err := privacy.OpenTombstones(s.cfg.Keys)
	if err != nil {
		return plain(err)
	}
	erased, err := tombstones.Current()
	if err != nil || erased.Empty() {
		return plain(err)
	}
	return s.dropReplaced(ctx, wait)
}
