package store

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
)

// Insert writes all rows, table by table in the order of [Kinds], each as one
// block. When it returns nil, every row is on the disk.
//
// After an error some tables may have been written and others not, and for the
// one that failed nobody can say: call again with the same rows until it
// succeeds, or until [Classify] calls the error permanent. The rows are neither
// changed nor reset. Batches of 50,000 rows cost half of those of 5,000.
func (s *Store) Insert(ctx context.Context, rows *Rows) error {
	block, ok := s.blocks.Get().(*proto.Buffer)
	if !ok {
		block = new(proto.Buffer)
	}
	for _, kind := range Kinds() {
		t := rows.tables[kind]
		if t.rows() == 0 {
			continue
		}
		if err := s.insert(ctx, t, block); err != nil {
			return err // the request that failed may read its block for a while yet
		}
	}
	s.blocks.Put(block)
	return nil
}

func (s *Store) insert(ctx context.Context, t *table, block *proto.Buffer) error {
	doing := "insert " + string(t.kind)
	if err := t.encode(block); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	list := make([]string, len(t.columns))
	for i, col := range t.columns {
		list[i] = col.name
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(writeSettings()))
	statement := fmt.Sprintf("INSERT INTO %s.%s (%s)", s.cfg.Tables, t.kind, strings.Join(list, ", "))
	if err := s.server.InsertFormat(ctx, "Native", statement, bytes.NewReader(block.Buf)); err != nil {
		return wrap(doing, err)
	}
	return nil
}

// encode makes the table's rows one block of ClickHouse's Native format, as it
// is over HTTP: the counts of columns and rows, then for each column its name,
// its type and its cells. What the block held before is gone.
func (t *table) encode(block *proto.Buffer) error {
	block.Reset()
	block.PutUVarInt(uint64(len(t.columns)))
	block.PutUVarInt(uint64(t.rows()))
	for _, col := range t.columns {
		// ClickHouse would take the next column for the rest of this one.
		if n := col.cells.rows(); n != t.rows() {
			return fmt.Errorf("column %s holds %d rows of %d", col.name, n, t.rows())
		}
		block.PutString(col.name)
		block.PutString(col.wire)
		col.cells.encode(block)
	}
	return nil
}

// writeSettings make an insert synchronous: it is confirmed when it is stored.
// A block is written as it came, repeats and all; merges and FINAL drop them,
// and the insert costs a fifth less.
func writeSettings() clickhouse.Settings {
	return clickhouse.Settings{"async_insert": 0, "insert_deduplicate": 0, "optimize_on_insert": 0} //nolint:misspell // its name
}
