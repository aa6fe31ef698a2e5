package store

import (
	"errors"
	"fmt"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// ErrBadRecord marks a record that can never be stored: it does not decode, or
// lacks what its table is keyed by, or holds a value out of range.
var ErrBadRecord = errors.New("bad record")

// Rows gathers decoded records as typed columns, one set a table, until
// [Store.Insert] writes them. It is reused: Reset keeps the memory. Not safe
// for concurrent use.
type Rows struct {
	words  words
	tables map[Kind]*table
}

// table is one table's columns and the way a record gets into them.
type table struct {
	kind    Kind
	columns []column
	append  func(c *check, platform string, record []byte)
}

// NewRows makes an empty Rows.
func NewRows() *Rows {
	r := &Rows{words: newWords(), tables: make(map[Kind]*table)}
	for _, t := range []*table{
		newPosts(), newLinks(), newShares(), newChannels(), newChannelAliases(), newObservations(), newCoverage(),
		newProbes(), newTakedowns(), newImports(), newDecisions(), newSites(), newLocators(), newLocatorKeys(),
	} {
		r.tables[t.kind] = t
	}
	return r
}

// Append decodes one encoded record and adds it to the columns of its table.
// platform is that of the record's subject; records that name their platform
// themselves are believed instead.
//
// An error wraps ErrBadRecord, means that this record can never be stored, and
// leaves Rows as it was. It names the field, never the value.
func (r *Rows) Append(kind Kind, platform doxtrailv1.Platform, record []byte) error {
	t, ok := r.tables[kind]
	if !ok {
		return fmt.Errorf("%w: unknown kind", ErrBadRecord)
	}
	before := t.rows()
	c := check{words: &r.words}
	t.append(&c, c.optionalWord("platform", r.words.platform, int32(platform)), record)
	if c.fault != "" {
		for _, col := range t.columns {
			col.cells.truncate(before)
		}
		return fmt.Errorf("%w: %s: %s: %s", ErrBadRecord, kind, c.field, c.fault)
	}
	return nil
}

// Len is the number of rows gathered, over all tables.
func (r *Rows) Len() int {
	n := 0
	for _, t := range r.tables {
		n += t.rows()
	}
	return n
}

// LenOf is the number of rows gathered for one table.
func (r *Rows) LenOf(kind Kind) int {
	t, ok := r.tables[kind]
	if !ok {
		return 0
	}
	return t.rows()
}

// Reset forgets all rows and keeps their memory.
func (r *Rows) Reset() {
	for _, t := range r.tables {
		for _, col := range t.columns {
			col.cells.truncate(0)
		}
	}
}

func (t *table) rows() int { return t.columns[0].cells.rows() }
