package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// One statement a file, applied in the order of their numbers. A file that was
// published is never changed: a change is a new file.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

// bootstraps is how many migrations make the record of migrations itself.
const bootstraps = 2

type migration struct {
	number   uint32
	name     string
	text     string // the template
	checksum string // of the template, so that it is the same for all layouts
}

func migrations() ([]migration, error) {
	paths, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	all := make([]migration, 0, len(paths))
	for i, path := range paths {
		text, err := migrationFiles.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "migrations/"), ".sql")
		digits, _, _ := strings.Cut(name, "_")
		number, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || number != uint64(i+1) {
			return nil, fmt.Errorf("number migration %s: want %04d", name, i+1)
		}
		sum := sha256.Sum256(text)
		all = append(all, migration{uint32(number), name, string(text), hex.EncodeToString(sum[:])})
	}
	return all, nil
}

// Migrate brings the databases from whatever state they are in to this one.
// Every statement may run twice, so an interrupted call is made good by the
// next. Two processes must not migrate at once.
//
// It refuses a database that a newer doxtrail has migrated, and one whose
// applied migrations are not the ones known here.
func (s *Store) Migrate(ctx context.Context) error {
	all, err := migrations()
	if err != nil {
		return err
	}
	return s.migrateTo(ctx, all)
}

func (s *Store) migrateTo(ctx context.Context, all []migration) error {
	for _, m := range all[:bootstraps] {
		if err := s.execute(ctx, m); err != nil {
			return err
		}
	}
	applied, err := s.appliedMigrations(ctx)
	if err != nil {
		return err
	}
	if n := uint32(len(all)); len(applied) > 0 && applied[len(applied)-1].Number > n {
		return fmt.Errorf("migrate: database is at migration %d, this doxtrail knows %d: use a newer one", applied[len(applied)-1].Number, n)
	}
	done := make(map[uint32]string, len(applied))
	for _, a := range applied {
		done[a.Number] = a.Checksum
	}
	var fresh []migration
	for _, m := range all {
		sum, ok := done[m.number]
		switch {
		case !ok:
			fresh = append(fresh, m)
		case sum != m.checksum:
			return fmt.Errorf("migrate: migration %s was changed after it was applied", m.name)
		}
	}
	for _, m := range fresh {
		if err := s.execute(ctx, m); err != nil {
			return err
		}
	}
	// Recorded together: what an interruption leaves unrecorded runs again.
	return s.recordMigrations(ctx, fresh)
}

func (s *Store) execute(ctx context.Context, m migration) error {
	statement, err := s.cfg.names().render(m.name, m.text)
	if err != nil {
		return err
	}
	if statement == "" { // nothing to do in this layout
		return nil
	}
	if err := s.server.Exec(ctx, statement); err != nil {
		return wrap("apply migration "+m.name, err)
	}
	return nil
}

type appliedMigration struct {
	Number   uint32 `ch:"number"`
	Checksum string `ch:"checksum"`
}

func (s *Store) appliedMigrations(ctx context.Context) ([]appliedMigration, error) {
	var applied []appliedMigration
	err := s.tables.Select(ctx, &applied, "SELECT number, checksum FROM "+s.cfg.Tables+".migrations FINAL ORDER BY number")
	if err != nil {
		return nil, wrap("read applied migrations", err)
	}
	return applied, nil
}

func (s *Store) recordMigrations(ctx context.Context, fresh []migration) error {
	batch, err := s.server.PrepareBatch(ctx, "INSERT INTO "+s.cfg.Tables+".migrations (number, name, checksum)")
	if err != nil {
		return wrap("record migrations", err)
	}
	defer batch.Close() //nolint:errcheck // after Send it does nothing, before it it discards
	for _, m := range fresh {
		if err := batch.Append(m.number, m.name, m.checksum); err != nil {
			return wrap("record migrations", err)
		}
	}
	if err := batch.Send(); err != nil {
		return wrap("record migrations", err)
	}
	return nil
}

// Drop removes both databases and all that is in them. It is for tests and for
// the end of a study; nothing brings the data back.
func (s *Store) Drop(ctx context.Context) error {
	n := s.cfg.names()
	for _, database := range []string{n.Research, n.Tables} {
		if err := s.server.Exec(ctx, "DROP DATABASE IF EXISTS "+database+n.OnCluster()+" SYNC"); err != nil {
			return wrap("drop database "+database, err)
		}
	}
	return nil
}
