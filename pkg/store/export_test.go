package store

import (
	"context"
	"fmt"
	"strings"
)

// MigrateFirst applies the first n migrations only, as an older doxtrail did.
func (s *Store) MigrateFirst(ctx context.Context, n int) error {
	all, err := migrations()
	if err != nil {
		return err
	}
	return s.migrateTo(ctx, all[:n])
}

// MigrationCount is the number of migrations there are.
func MigrationCount() (int, error) {
	all, err := migrations()
	return len(all), err
}

// MigrateEdited migrates with one file changed after it was published.
func (s *Store) MigrateEdited(ctx context.Context) error {
	all, err := migrations()
	if err != nil {
		return err
	}
	all[4].checksum = "another"
	return s.migrateTo(ctx, all)
}

// Rendered is the text of all migrations for a layout.
func Rendered(layout Layout) (string, error) {
	all, err := migrations()
	if err != nil {
		return "", err
	}
	cfg := Config{Layout: layout, Cluster: "study"}.withDefaults()
	var b strings.Builder
	for _, m := range all {
		text, err := cfg.names().render(m.name, m.text)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "-- %s\n%s;\n\n", m.name, text)
	}
	return b.String(), nil
}

// ParseQuery reads the text of a query file.
func ParseQuery(name, text string) (Query, error) { return parseQuery(name, text) }

// Exec runs a statement with the services' account.
func (s *Store) Exec(ctx context.Context, sql string) error { return s.server.Exec(ctx, sql) }

// StrippedColumns are the columns that a row of a withdrawn post loses.
func StrippedColumns(s *Store, kind Kind) []string {
	for _, c := range s.contents() {
		if c.kind == kind {
			return append(c.nulls, c.arrays...)
		}
	}
	return nil
}
