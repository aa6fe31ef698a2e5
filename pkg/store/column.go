package store

import (
	"encoding/hex"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
)

// Types on the wire, where they differ from the type of the column. ClickHouse
// casts each to the column's type while it reads the block.
const (
	wireKey         = "UUID"
	wireOptionalKey = "Nullable(UUID)"
	wireTime        = "DateTime64(3, 'UTC')"
	wireOptTime     = "Nullable(DateTime64(3, 'UTC'))"
	wireCount       = "UInt64"
	wireNumber      = "UInt32"
	wireOptCount    = "Nullable(UInt64)"
	wireOptNumber   = "Nullable(UInt32)"
	wireOptSigned   = "Nullable(Int64)"
	wireFlag        = "Bool"
	// A word of a vocabulary goes as it is: the driver's own encoding of
	// LowCardinality costs a map access and two allocations a cell.
	wireWord    = "String"
	wireOptWord = "Nullable(String)"
	wireText    = "String"
	// An array goes as its text, because the driver appends arrays cell by cell
	// through reflection, and nearly all of ours are empty.
	wireArray = "String"
	// A version is 16 bytes, most significant first, which is how a UUID reads;
	// the driver's own encoding of UInt128 goes through big.Int.
	wireVersion = "UUID"
)

// column is one column of a table: its name, its type on the wire, its cells.
type column struct {
	name, wire string
	cells      cells
}

// cells are the values of a column, a slice that is handed to the driver whole.
type cells interface {
	rows() int
	truncate(n int)
	send(to driver.BatchColumn) error
}

// plain is a column whose every cell is present.
type plain[T any] struct{ values []T }

func (p *plain[T]) add(v T)        { p.values = append(p.values, v) }
func (p *plain[T]) rows() int      { return len(p.values) }
func (p *plain[T]) truncate(n int) { p.values = p.values[:min(n, len(p.values))] }
func (p *plain[T]) send(to driver.BatchColumn) error {
	return to.Append(p.values)
}

// optional is a column whose cells may be absent.
type optional[T any] struct {
	values   []T
	present  []bool
	pointers []*T // what the driver wants, filled by send and reused
}

// maybe is a value that may be absent.
type maybe[T any] struct {
	value   T
	present bool
}

func (o *optional[T]) add(v maybe[T]) {
	o.values = append(o.values, v.value)
	o.present = append(o.present, v.present)
}

func (o *optional[T]) rows() int { return len(o.values) }

func (o *optional[T]) truncate(n int) {
	n = min(n, len(o.values))
	o.values, o.present = o.values[:n], o.present[:n]
}

func (o *optional[T]) send(to driver.BatchColumn) error {
	o.pointers = o.pointers[:0]
	for i := range o.values {
		if o.present[i] {
			o.pointers = append(o.pointers, &o.values[i])
		} else {
			o.pointers = append(o.pointers, nil)
		}
	}
	return to.Append(o.pointers)
}

// arrayText builds the text of an array. Its elements are words of our own
// vocabularies, keys or numbers, so nothing in it needs escaping.
type arrayText struct{ buf []byte }

func (a *arrayText) start() { a.buf = append(a.buf[:0], '[') }

func (a *arrayText) comma() {
	if len(a.buf) > 1 {
		a.buf = append(a.buf, ',')
	}
}

func (a *arrayText) word(w string) {
	a.comma()
	a.buf = append(a.buf, '\'')
	a.buf = append(a.buf, w...)
	a.buf = append(a.buf, '\'')
}

func (a *arrayText) key(k uuid.UUID) {
	a.comma()
	a.buf = append(a.buf, '\'')
	a.buf = hex.AppendEncode(a.buf, k[:])
	a.buf = append(a.buf, '\'')
}

func (a *arrayText) number(n int64) {
	a.comma()
	a.buf = strconv.AppendInt(a.buf, n, 10)
}

func (a *arrayText) null() {
	a.comma()
	a.buf = append(a.buf, "NULL"...)
}

// end gives the text; of the empty array without an allocation.
func (a *arrayText) end() string {
	if len(a.buf) == 1 {
		return "[]"
	}
	a.buf = append(a.buf, ']')
	return string(a.buf)
}
