package store

import (
	"encoding/hex"
	"strconv"

	"github.com/ClickHouse/ch-go/proto"
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
	wireOptDay      = "Nullable(Date32)"
	// A word of a vocabulary goes as it is: LowCardinality would cost a map
	// access a cell here, and ClickHouse does it faster.
	wireWord    = "String"
	wireOptWord = "Nullable(String)"
	wireText    = "String"
	// A fingerprint or a hash, whose size its column checks.
	wireOptBytes = "Nullable(String)"
	// An array goes as its text: nearly all of ours are empty, and so every
	// column is one run of values.
	wireArray = "String"
	// A version is 16 bytes, most significant first, which is how a UUID reads.
	wireVersion = "UUID"
)

// column is one column of a table: its name, its type on the wire, its cells.
type column struct {
	name, wire string
	cells      cells
}

// cells are the values of a column.
type cells interface {
	rows() int
	truncate(n int)
	// encode appends them as ClickHouse's Native format has them.
	encode(to *proto.Buffer)
}

// cell is what a cell can hold.
type cell interface {
	uuid.UUID | int64 | int32 | uint64 | uint32 | bool | string
}

// plain is a column whose every cell is present.
type plain[T cell] struct{ values []T }

func (p *plain[T]) add(v T)                 { p.values = append(p.values, v) }
func (p *plain[T]) rows() int               { return len(p.values) }
func (p *plain[T]) truncate(n int)          { p.values = p.values[:min(n, len(p.values))] }
func (p *plain[T]) encode(to *proto.Buffer) { encodeValues(to, p.values) }

// optional is a column whose cells may be absent. An absent cell has a value
// too, which nobody reads.
type optional[T cell] struct {
	values []T
	absent []bool
}

// maybe is a value that may be absent.
type maybe[T cell] struct {
	value   T
	present bool
}

func (o *optional[T]) add(v maybe[T]) {
	o.values = append(o.values, v.value)
	o.absent = append(o.absent, !v.present)
}

func (o *optional[T]) rows() int { return len(o.values) }

func (o *optional[T]) truncate(n int) {
	n = min(n, len(o.values))
	o.values, o.absent = o.values[:n], o.absent[:n]
}

func (o *optional[T]) encode(to *proto.Buffer) {
	encodeValues(to, o.absent)
	encodeValues(to, o.values)
}

// encodeValues appends a slice in one go: the library's columns are slices of
// the same types.
func encodeValues[T cell](to *proto.Buffer, values []T) {
	switch v := any(values).(type) {
	case []uuid.UUID:
		proto.ColUUID(v).EncodeColumn(to)
	case []int64:
		proto.ColInt64(v).EncodeColumn(to)
	case []int32:
		proto.ColInt32(v).EncodeColumn(to)
	case []uint64:
		proto.ColUInt64(v).EncodeColumn(to)
	case []uint32:
		proto.ColUInt32(v).EncodeColumn(to)
	case []bool:
		proto.ColBool(v).EncodeColumn(to)
	case []string:
		for _, s := range v {
			to.PutString(s)
		}
	}
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

func (a *arrayText) unsigned(n uint64) {
	a.comma()
	a.buf = strconv.AppendUint(a.buf, n, 10)
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
