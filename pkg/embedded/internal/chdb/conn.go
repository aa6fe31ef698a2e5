package chdb

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"time"
	"unsafe"
)

// Statement is one statement for the engine.
type Statement struct {
	// SQL is the text, with {name:Type} where a parameter stands.
	SQL string
	// Format is the format of the result, or of the rows of an Insert. A
	// FORMAT clause in the text wins over it.
	Format string
	// Params are the parameters: values as text, escaped as in a
	// tab-separated file.
	Params []Setting
}

// Summary counts what a statement did.
type Summary struct {
	ReadRows, ReadBytes       uint64
	WrittenRows, WrittenBytes uint64
	ResultRows, ResultBytes   uint64
	Elapsed                   time.Duration
}

// Conn is one connection. It runs one statement at a time and must not be used
// from several goroutines at once.
type Conn struct {
	engine *Engine
	lib    *library
	handle unsafe.Pointer
	conn   unsafe.Pointer
	mark   string
}

// Close closes the connection. No statement may be running on it.
func (c *Conn) Close() {
	if c.handle == nil {
		return
	}
	c.lib.closeConn(c.handle)
	c.handle, c.conn = nil, nil
	<-c.engine.open
}

// killEvery is how often a statement that outlived its context is killed
// again: it may not have reached the engine's list of statements the first
// time.
const killEvery = 20 * time.Millisecond

// watch has the running statement killed when ctx ends. The function it gives
// must be called when the statement is over; it returns when no kill can hit
// the next statement any more.
func (c *Conn) watch(ctx context.Context) (over func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	ended, left := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(left)
		ticker := time.NewTicker(killEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				return
			default:
			}
			c.engine.kill(c.mark)
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
		}
	})
	return func() {
		close(ended)
		if !stop() {
			<-left
		}
	}
}

// run calls the library. The result must be freed, unless there is an error.
func (c *Conn) run(call queryFunc, st Statement) (unsafe.Pointer, error) {
	handle := c.call(call, st)
	if text := c.lib.failure(handle); text != "" {
		c.lib.free(handle)
		return nil, parseException(text)
	}
	return handle, nil
}

func (c *Conn) call(call queryFunc, st Statement) unsafe.Pointer {
	n := len(st.Params)
	names, nameLengths := make([]*byte, n+1), make([]uintptr, n+1)
	values, valueLengths := make([]*byte, n+1), make([]uintptr, n+1)
	for i, p := range st.Params {
		names[i], nameLengths[i] = start(p.Name), uintptr(len(p.Name))
		values[i], valueLengths[i] = start(p.Value), uintptr(len(p.Value))
	}
	result := call(c.conn,
		start(st.SQL), uintptr(len(st.SQL)), start(st.Format), uintptr(len(st.Format)),
		&names[0], &nameLengths[0], &values[0], &valueLengths[0], uintptr(n))
	runtime.KeepAlive(st)
	return result
}

// start is the first byte of a text, which the engine reads by its length and
// does not keep.
func start(text string) *byte {
	return unsafe.StringData(text) //nolint:gosec // the texts are kept alive until the call is over
}

func (c *Conn) summary(result unsafe.Pointer) Summary {
	return Summary{
		ReadRows: c.lib.readRows(result), ReadBytes: c.lib.readBytes(result),
		WrittenRows: c.lib.writtenRows(result), WrittenBytes: c.lib.writtenBytes(result),
		ResultRows: c.lib.resultRows(result), ResultBytes: c.lib.resultBytes(result),
		Elapsed: time.Duration(c.lib.elapsed(result) * float64(time.Second)),
	}
}

// bytes is the memory of the engine itself: it is gone with the result.
func (c *Conn) bytes(result unsafe.Pointer) []byte {
	n := c.lib.length(result)
	if n == 0 {
		return nil
	}
	return unsafe.Slice(c.lib.buffer(result), n) //nolint:gosec // the library tells pointer and length of one buffer
}

// orContext gives the end of ctx as the error of a statement that was killed
// for it.
func orContext(ctx context.Context, err error) error {
	var e *Exception
	if ctx.Err() != nil && errors.As(err, &e) && e.Code == CodeQueryWasCancelled {
		return ctx.Err()
	}
	return err
}

// Class says what a text would do, as the engine's own parser sees it.
type Class uint8

const (
	// ClassUnknown is a text that does not parse, or holds a statement that the
	// engine does not class.
	ClassUnknown Class = iota
	// ClassReads is one statement that leaves no trace.
	ClassReads
	// ClassOther is anything else: several statements, one that writes, KILL,
	// SYSTEM, INTO OUTFILE and their kin.
	ClassOther
)

// Classify judges a text without running it. A read may still call functions
// that reach outside, such as file('...').
func (c *Conn) Classify(sql string) Class {
	const readOnly, unknown = 0, 4
	a := analysis{size: uint32(unsafe.Sizeof(analysis{}))}
	if c.lib.classify(c.conn, start(sql), uintptr(len(sql)), nil, 0, &a) != 0 {
		return ClassOther
	}
	runtime.KeepAlive(sql)
	switch {
	case a.class == unknown && a.statements <= 1:
		return ClassUnknown
	case a.class == readOnly && a.statements == 1:
		return ClassReads
	default:
		return ClassOther
	}
}

// Query runs a statement and gives its whole result to use, which must not
// keep it: it is the engine's memory.
func (c *Conn) Query(ctx context.Context, st Statement, use func(result []byte) error) (Summary, error) {
	if err := ctx.Err(); err != nil {
		return Summary{}, err
	}
	over := c.watch(ctx)
	result, err := c.run(c.lib.query, st)
	over()
	if err != nil {
		return Summary{}, orContext(ctx, err)
	}
	defer c.lib.free(result)
	if use != nil {
		if err := use(c.bytes(result)); err != nil {
			return c.summary(result), err
		}
	}
	return c.summary(result), nil
}

// ErrNotStreamable is given by Stream for statements without rows of their
// own, such as SHOW or INSERT. Nothing has been run then.
var ErrNotStreamable = errors.New("stream a statement: the engine streams SELECT only")

// Stream runs a SELECT and gives its result to use in chunks of some 65,000
// rows, each of them a complete document of the format. Memory does not grow
// with the result. use must not keep a chunk; an error of use ends the
// statement.
func (c *Conn) Stream(ctx context.Context, st Statement, use func(chunk []byte) error) (Summary, error) {
	var total Summary
	if err := ctx.Err(); err != nil {
		return total, err
	}
	over := c.watch(ctx)
	defer over()
	stream, err := c.run(c.lib.streamQuery, st)
	if err != nil {
		var e *Exception
		if errors.As(err, &e) && e.Code == CodeBadArguments && strings.Contains(e.Text, "Streaming query is not supported") {
			return total, ErrNotStreamable
		}
		return total, orContext(ctx, err)
	}
	defer c.lib.free(stream)
	for {
		chunk := c.lib.fetch(c.conn, stream)
		if text := c.lib.failure(chunk); text != "" {
			c.lib.free(chunk)
			return total, orContext(ctx, parseException(text))
		}
		total.add(c.summary(chunk))
		data := c.bytes(chunk)
		if len(data) > 0 {
			err = use(data)
		} else {
			err = io.EOF
		}
		c.lib.free(chunk)
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			c.lib.cancelQuery(c.conn, stream)
			return total, err
		}
	}
}

func (s *Summary) add(o Summary) {
	s.ReadRows += o.ReadRows
	s.ReadBytes += o.ReadBytes
	s.WrittenRows += o.WrittenRows
	s.WrittenBytes += o.WrittenBytes
	s.ResultRows += o.ResultRows
	s.ResultBytes += o.ResultBytes
	s.Elapsed = max(s.Elapsed, o.Elapsed)
}
