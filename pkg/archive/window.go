package archive

import (
	"bytes"
	"context"
	"io"
)

// windowSize is the buffer a reader starts with; it grows only for a record
// that does not fit, up to the record limit.
const windowSize = 256 << 10

// window is a stream seen through a buffer, from which lines and JSON values
// are cut without copying them.
type window struct {
	ctx   context.Context //nolint:containedctx // the window lives as long as one call of Read
	r     io.Reader
	buf   []byte
	head  int // start of what is unread
	tail  int // end of what is in the buffer
	base  uint64
	err   error // why no more comes; io.EOF at the end
	limit int   // size of the largest line or value
}

func newWindow(ctx context.Context, r io.Reader, limit int) *window {
	return &window{ctx: ctx, r: r, buf: make([]byte, windowSize), limit: limit}
}

// offset is the place of the next unread byte in the stream.
func (w *window) offset() uint64 {
	return w.base + uint64(w.head)
}

// total is the number of bytes that were read from the stream.
func (w *window) total() uint64 {
	return w.base + uint64(w.tail)
}

// fill reads more behind what is unread. It gives false when nothing more
// comes.
func (w *window) fill() bool {
	if w.err != nil {
		return false
	}
	if err := w.ctx.Err(); err != nil {
		w.err = err
		return false
	}
	if w.head > 0 {
		copy(w.buf, w.buf[w.head:w.tail])
		w.base += uint64(w.head)
		w.tail -= w.head
		w.head = 0
	}
	if w.tail == len(w.buf) {
		// One byte more than the limit tells a full record from a longer one.
		size := min(2*len(w.buf), max(w.limit+1, windowSize))
		if size <= len(w.buf) {
			size = len(w.buf) + windowSize
		}
		w.buf = append(make([]byte, 0, size), w.buf...)[:size]
	}
	for range 100 {
		n, err := w.r.Read(w.buf[w.tail:])
		w.tail += n
		if err != nil {
			w.err = err
		}
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// drain reads the stream to its end and throws it away.
func (w *window) drain() {
	for w.err == nil {
		w.head = w.tail
		w.fill()
	}
	w.head = w.tail
}

// line cuts the next line, without its end. It gives false at the end of the
// stream. Of a line over the limit it gives the offset only and tooLong.
func (w *window) line() (line []byte, offset uint64, tooLong, ok bool) {
	offset = w.offset()
	scanned := 0
	for {
		unread := w.buf[w.head:w.tail]
		if i := bytes.IndexByte(unread[scanned:], '\n'); i >= 0 {
			end := scanned + i
			w.head += end + 1
			return unread[:end], offset, tooLong || end > w.limit, true
		}
		scanned = len(unread)
		if scanned > w.limit {
			// Too long: what was read goes, only the line's end matters.
			tooLong = true
			w.head = w.tail
			scanned = 0
		}
		if !w.fill() {
			line = w.buf[w.head:w.tail]
			w.head = w.tail
			return line, offset, tooLong, tooLong || len(line) > 0
		}
	}
}

// peek skips white space and gives the next byte without taking it.
func (w *window) peek() (c byte, ok bool) {
	for {
		for ; w.head < w.tail; w.head++ {
			switch c := w.buf[w.head]; c {
			case ' ', '\n', '\t', '\r':
			default:
				return c, true
			}
		}
		if !w.fill() {
			return 0, false
		}
	}
}

// valueState says how a value that was cut came out.
type valueState int

const (
	valueWhole valueState = iota
	// valueLong is a whole value over the limit, of which nothing was kept.
	valueLong
	// valueBroken is a value whose braces do not pair, up to where that shows.
	valueBroken
	// valueCut is a value that the end of the stream cuts off.
	valueCut
)

// value cuts the JSON value that begins at the next byte that is not white
// space: an object, an array, a string or a scalar. It pairs quotes and braces
// and checks nothing else. A limit of 0 skips the value without keeping it.
//
// Suspect, if given, looks at what was read of a value that gets longer than
// values are, and may call it broken.
func (w *window) value(limit int, suspect func([]byte) bool) (value []byte, state valueState) {
	if _, ok := w.peek(); !ok {
		return nil, valueCut
	}
	var scan pairing
	scanned, long, watch := 0, false, windowSize/4
	for {
		unread := w.buf[w.head:w.tail]
		n, done := scan.next(unread[scanned:])
		scanned += n
		switch {
		case done && (long || scanned > limit):
			w.head += scanned
			return nil, scan.state(valueLong)
		case done:
			w.head += scanned
			return unread[:scanned], scan.state(valueWhole)
		case scanned > limit:
			long = true
			w.head = w.tail
			scanned = 0
		case scanned > watch && suspect != nil:
			watch *= 2
			if suspect(unread) {
				w.head = w.tail
				return unread, valueBroken
			}
		}
		if w.fill() {
			continue
		}
		value = w.buf[w.head:w.tail]
		w.head = w.tail
		switch {
		case scan.kind != pairingScalar:
			return value, valueCut
		case long:
			return nil, valueLong
		default:
			return value, valueWhole
		}
	}
}

// state is the state of a value that ended, given the one it has if it is not
// broken.
func (p *pairing) state(sound valueState) valueState {
	if p.broken {
		return valueBroken
	}
	return sound
}

// skip passes over one value of any size. It gives false where the stream ends
// within.
func (w *window) skip() (more bool) {
	_, state := w.value(0, nil)
	return state != valueCut
}
