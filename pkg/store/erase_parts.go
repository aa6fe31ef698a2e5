package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"syscall"
	"time"
)

// Settings of a table under which replaced parts go at once, and whatever replaces them
// is on the disk before: left behind by a process that was killed they cost speed and
// no row.
const (
	syncedMerges = "min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1"
	goAtOnce     = "old_parts_lifetime = 1"
	asBefore     = "old_parts_lifetime, min_rows_to_fsync_after_merge, min_compressed_bytes_to_fsync_after_merge"
)

// DropReplaced takes the parts that others have replaced off the disk, of the tables that
// are erased from: what EnforceErasures deleted lies in them. ClickHouse does so after
// eight minutes, if it runs then, which that of a command does not. It is for a
// ClickHouse on this machine, whose parts are put on the disk first. It returns when
// those are gone that were replaced until now, or ctx ends: a study that is being
// written to goes on replacing parts.
func (s *Store) DropReplaced(ctx context.Context) error {
	n, err := s.replacedParts(ctx, math.MaxUint32)
	if err == nil && n > 0 {
		err = errors.Join(s.dropReplaced(ctx), s.onErased(context.WithoutCancel(ctx), "ALTER TABLE %s RESET SETTING "+asBefore))
	}
	if err != nil {
		return wrap("take replaced parts off the disk", err)
	}
	return nil
}

func (s *Store) dropReplaced(ctx context.Context) error {
	if err := s.onErased(ctx, "ALTER TABLE %s MODIFY SETTING "+syncedMerges); err != nil {
		return err
	}
	began := time.Now()
	if err := awaitNone(ctx, func() (uint64, error) { return s.mergesOlder(ctx, time.Since(began)) }); err != nil {
		return err
	}
	syscall.Sync() // parts were made without fsync so far
	until, err := s.count(ctx, "SELECT toUInt64(toUnixTimestamp(now())) AS n")
	if err != nil {
		return err
	}
	const often = 100
	round := 0
	return awaitNone(ctx, func() (uint64, error) {
		if round%often == 0 { // again, since another erasure may have ended and taken it back
			if err := s.onErased(ctx, "ALTER TABLE %s MODIFY SETTING "+goAtOnce); err != nil {
				return 0, err
			}
		}
		round++
		// A table that nobody wakes looks around every half a minute.
		if err := s.onErased(ctx, "SYSTEM START CLEANUP %s"); err != nil {
			return 0, err
		}
		return s.replacedParts(ctx, until)
	})
}

// onErased runs a statement for each table that is erased from.
func (s *Store) onErased(ctx context.Context, statement string) error {
	var errs []error
	for _, kind := range erasedKinds() {
		errs = append(errs, s.server.Exec(ctx, fmt.Sprintf(statement, s.cfg.Tables+"."+string(kind))))
	}
	return errors.Join(errs...)
}

// AsideParts counts the parts that ClickHouse has set aside, because they are broken, of
// the tables that are erased from: no statement reaches what lies in them.
func (s *Store) AsideParts(ctx context.Context) (uint64, error) {
	n, err := s.count(ctx, "SELECT count() AS n FROM system.detached_parts WHERE "+s.ofErased())
	if err != nil {
		return 0, wrap("look for parts that were set aside", err)
	}
	return n, nil
}

// replacedParts counts the parts of the tables that are erased from which others have
// replaced until a time, in seconds of Unix.
func (s *Store) replacedParts(ctx context.Context, until uint64) (uint64, error) {
	return s.count(ctx, fmt.Sprintf("SELECT count() AS n FROM system.parts WHERE NOT active AND toUnixTimestamp(remove_time) <= %d AND %s", until, s.ofErased()))
}

// mergesOlder counts the merges that have run for longer.
func (s *Store) mergesOlder(ctx context.Context, than time.Duration) (uint64, error) {
	return s.count(ctx, fmt.Sprintf("SELECT count() AS n FROM system.merges WHERE elapsed > %f AND %s", than.Seconds(), s.ofErased()))
}

// ofErased is true in tables of system for the tables that are erased from.
func (s *Store) ofErased() string {
	var names []string
	for _, kind := range erasedKinds() {
		names = append(names, "'"+string(kind)+"'")
	}
	return "database = '" + s.cfg.Tables + "' AND table IN (" + strings.Join(names, ", ") + ")"
}

// awaitNone asks until the answer is none.
func awaitNone(ctx context.Context, left func() (uint64, error)) error {
	const pause = 50 * time.Millisecond
	for {
		n, err := left()
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
