package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Insert writes all rows, table by table in the order of [Kinds], each as one
// block. When it returns nil, every row is on the disk.
//
// After an error some tables may have been written and others not, and for the
// one that failed nobody can say: call again with the same rows until it
// succeeds, or until [Classify] calls the error permanent. Rows are neither
// changed nor reset. Batches of 50,000 rows cost half of those of 5,000.
func (s *Store) Insert(ctx context.Context, rows *Rows) error {
	for _, kind := range Kinds() {
		t := rows.tables[kind]
		if t.rows() == 0 {
			continue
		}
		if err := s.insert(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) insert(ctx context.Context, t *table) error {
	doing := "insert " + string(t.kind)
	// Naming the types spares the driver a DESCRIBE for each batch, and lets
	// the types on the wire differ from those of the table.
	columns := make([]clickhouse.ColumnNameAndType, len(t.columns))
	list := make([]string, len(t.columns))
	for i, col := range t.columns {
		columns[i] = clickhouse.ColumnNameAndType{Name: col.name, Type: col.wire}
		list[i] = col.name
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(columns), clickhouse.WithSettings(writeSettings()))
	// A new batch for every attempt: a batch that was sent once, or broke, says
	// nothing true about itself any more.
	batch, err := s.server.PrepareBatch(ctx, fmt.Sprintf("INSERT INTO %s.%s (%s)", s.cfg.Tables, t.kind, strings.Join(list, ", ")))
	if err != nil {
		return wrap(doing, err)
	}
	defer batch.Close() //nolint:errcheck // after Send it does nothing, before it it discards
	for i, col := range t.columns {
		if err := col.cells.send(batch.Column(i)); err != nil {
			return wrap(doing, err)
		}
	}
	// The driver encodes columns of unequal length to an empty insert that
	// succeeds.
	for i, col := range batch.Columns() {
		if col.Rows() != t.rows() {
			return fmt.Errorf("%s: column %s holds %d rows of %d", doing, t.columns[i].name, col.Rows(), t.rows())
		}
	}
	if err := batch.Send(); err != nil {
		return wrap(doing, err)
	}
	return nil
}

// writeSettings make an insert synchronous: it is confirmed when it is stored.
// A block is written as it came, repeats and all; merges and FINAL drop them,
// and the insert costs a fifth less.
func writeSettings() clickhouse.Settings {
	return clickhouse.Settings{"async_insert": 0, "insert_deduplicate": 0, "optimize_on_insert": 0} //nolint:misspell // its name
}
