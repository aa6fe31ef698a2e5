package api

import (
	"bytes"
	"errors"
	"io"
)

// errLongLine is a line over the limit. It was passed over, and the next can be
// read.
var errLongLine = errors.New("read a line: it is too long")

// lines splits what is read at line feeds, with or without a carriage return before
// them. What it holds grows with the longest line, up to the limit.
type lines struct {
	from  io.Reader
	limit int

	buf        []byte
	head, tail int
	searched   int // of the bytes from head on, no line feed is in the first ones
	skipping   bool
	err        error
}

const (
	firstBuffer = 2 * readAhead
	lineEnd     = 2 // bytes
	// mostEmptyReads is how often a reader may bring nothing and no error.
	mostEmptyReads = 100
)

func newLines(from io.Reader, limit int) *lines {
	return &lines{from: from, limit: limit, buf: make([]byte, min(firstBuffer, limit+lineEnd))}
}

// next returns a line without its end, good until the next call. Its error is
// errLongLine or the reader's; with the reader's comes what stood after the last
// line feed.
func (l *lines) next() ([]byte, error) {
	for {
		if i := bytes.IndexByte(l.buf[l.head+l.searched:l.tail], '\n'); i >= 0 {
			line := bytes.TrimSuffix(l.buf[l.head:l.head+l.searched+i], []byte("\r"))
			l.head, l.searched = l.head+l.searched+i+1, 0
			if l.skipping || len(line) > l.limit {
				l.skipping = false
				return nil, errLongLine
			}
			return line, nil
		}
		l.searched = l.tail - l.head
		if l.searched > l.limit+1 {
			l.skipping = true
		}
		if l.skipping {
			l.head, l.searched = l.tail, 0
		}
		if l.err != nil {
			return l.last()
		}
		l.fill()
	}
}

// last gives what stands after the last line feed.
func (l *lines) last() ([]byte, error) {
	if l.skipping {
		l.skipping = false
		return nil, errLongLine
	}
	rest := l.buf[l.head:l.tail]
	l.head, l.searched = l.tail, 0
	return rest, l.err
}

// fill reads a little more, however much room there is: a buffer that has grown with a
// long line is not for reading ahead.
func (l *lines) fill() {
	if l.head > 0 {
		l.tail = copy(l.buf, l.buf[l.head:l.tail])
		l.head = 0
	}
	if l.tail == len(l.buf) {
		l.buf = append(l.buf, make([]byte, min(len(l.buf), l.limit+lineEnd-len(l.buf)))...)
	}
	for range mostEmptyReads {
		n, err := l.from.Read(l.buf[l.tail:min(l.tail+readAhead, len(l.buf))])
		l.tail += n
		l.err = err
		if n > 0 || err != nil {
			return
		}
	}
	l.err = io.ErrNoProgress
}
