package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// recoder turns the Native blocks of the engine, which are always of revision
// 0, into those of the revision a client asked for. Only the frame around the
// columns differs, but where a column ends is known by reading it.
type recoder struct {
	revision uint64
	server   column.ServerContext
	buffer   chproto.Buffer
}

func newRecoder(revision uint64) *recoder {
	return &recoder{revision: revision, server: column.ServerContext{Revision: revision, Timezone: time.UTC}}
}

// recode gives the blocks of a chunk in the asked revision. The result is valid
// until the next call.
func (r *recoder) recode(chunk []byte) ([]byte, error) {
	r.buffer.Reset()
	reader := chproto.NewReader(bytes.NewReader(chunk))
	for {
		block := proto.Block{ServerContext: &r.server}
		if err := block.Decode(reader, 0); err != nil {
			if errors.Is(err, io.EOF) {
				return r.buffer.Buf, nil
			}
			return nil, fmt.Errorf("decode a native block: %w", err)
		}
		if err := r.encode(&block); err != nil {
			return nil, fmt.Errorf("encode a native block: %w", err)
		}
	}
}

// errInterval: the library writes no values for a column of intervals.
var errInterval = errors.New("an interval has no form in the native protocol here: take toString of it")

func (r *recoder) encode(block *proto.Block) error {
	for _, c := range block.Columns {
		if strings.Contains(string(c.Type()), "Interval") {
			return errInterval
		}
	}
	if block.Rows() > 0 {
		return block.Encode(&r.buffer, r.revision)
	}
	// Block.Encode would write the state of a column of no rows, which
	// Block.Decode does not read.
	if err := block.EncodeHeader(&r.buffer, r.revision); err != nil {
		return err
	}
	for _, c := range block.Columns {
		r.buffer.PutString(c.Name())
		r.buffer.PutString(string(c.Type()))
		if r.revision >= proto.DBMS_MIN_REVISION_WITH_CUSTOM_SERIALIZATION { //nolint:misspell // its name
			r.buffer.PutBool(false)
		}
	}
	return nil
}
