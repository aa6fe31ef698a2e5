package chdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unsafe"
)

// insertChunk is how much of the rows is given to the engine at a time.
const insertChunk = 256 << 10

// Insert runs an INSERT, whose text ends before its rows and its FORMAT
// clause, and takes the rows from data. They count only when data ended with
// io.EOF: after any other error of data, or when ctx ends, the insert is
// cancelled. A cancelled insert leaves nothing behind unless it was larger than one
// block of the engine (about a million rows), because ClickHouse writes block
// by block.
func (c *Conn) Insert(ctx context.Context, st Statement, data io.Reader) (Summary, error) {
	if err := ctx.Err(); err != nil {
		return Summary{}, err
	}
	over := c.watch(ctx)
	defer over()
	insert := c.call(c.lib.streamInsert, st)
	defer c.lib.freeInsert(insert)
	if text := c.lib.insertError(insert); text != "" {
		return Summary{}, orContext(ctx, parseException(text))
	}
	if err := c.feed(ctx, insert, data); err != nil {
		c.lib.cancelInsert(insert)
		return Summary{}, orContext(ctx, err)
	}
	result := c.lib.insertDone(insert)
	defer c.lib.free(result)
	if text := c.lib.failure(result); text != "" {
		return c.summary(result), orContext(ctx, parseException(text))
	}
	return c.summary(result), nil
}

func (c *Conn) feed(ctx context.Context, insert unsafe.Pointer, data io.Reader) error {
	buffer := make([]byte, insertChunk)
	for {
		n, err := fill(data, buffer)
		if n > 0 && c.lib.appendData(insert, &buffer[0], uintptr(n)) != 0 {
			return c.refusal(insert)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &DataError{Err: err}
		}
	}
}

// fill reads until the buffer is full or the reader says an error. io.ReadFull
// would give io.ErrUnexpectedEOF for a last short read, which must not be
// taken for the broken body that gives the same error.
func fill(data io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var m int
		m, err = data.Read(buffer[n:])
		n += m
	}
	return n, err
}

// refusal tells why the engine took no more rows.
func (c *Conn) refusal(insert unsafe.Pointer) error {
	if text := c.lib.insertError(insert); text != "" {
		return parseException(text)
	}
	result := c.lib.insertDone(insert)
	defer c.lib.free(result)
	if text := c.lib.failure(result); text != "" {
		return parseException(text)
	}
	return NewException(CodeUnknownException, "UNKNOWN_EXCEPTION", "the engine refused rows and gave no reason")
}

// DataError is an error of the reader that an Insert took its rows from.
type DataError struct{ Err error }

// Error names no content.
func (e *DataError) Error() string { return fmt.Sprintf("read the rows of an insert: %v", e.Err) }

// Unwrap gives the reader's error.
func (e *DataError) Unwrap() error { return e.Err }
