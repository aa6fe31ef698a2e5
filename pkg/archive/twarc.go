package archive

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-faster/jx"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// twarc reads what twarc2 writes: pages of the API, lines of its streams, or
// flattened posts, one object a line. Objects that span lines (a page that was
// saved by hand) and arrays of objects are read too.
type twarc struct {
	*intake
	desk
	decoder jx.Decoder
	// query and retrievedAt are those of the look that was told last.
	query       []byte
	retrievedAt int64
	looked      bool
}

func newTwarc(in *intake) *twarc {
	return &twarc{intake: in}
}

// read reads the file to its end.
func (t *twarc) read() error {
	if t.spansLines() {
		return t.readValues()
	}
	for {
		line, offset, tooLong, ok := t.window.line()
		if !ok {
			return nil
		}
		if tooLong {
			t.reject(ClassTooLong, offset)
			continue
		}
		// Where the content ends, the last line may be cut off.
		w := t.window
		last := w.err != nil && w.head == w.tail && (w.head == 0 || w.buf[w.head-1] != '\n')
		if err := t.line(line, offset, last); err != nil {
			return err
		}
	}
}

// spansLines says whether the first line is not a whole object.
func (t *twarc) spansLines() bool {
	c, ok := t.window.peek()
	if !ok || c == '[' {
		return ok
	}
	b := t.window.buf[t.window.head:t.window.tail]
	i := bytes.IndexByte(b, '\n')
	return i >= 0 && len(bytes.TrimSpace(b[:i])) == 1
}

// readValues cuts objects out of the stream by their braces.
func (t *twarc) readValues() error {
	for {
		c, ok := t.window.peek()
		if !ok {
			return nil
		}
		offset := t.window.offset()
		if c == '[' || c == ',' || c == ']' {
			t.window.head++
			continue
		}
		value, state := t.window.value(t.window.limit, nil)
		switch state {
		case valueCut:
			t.cut(offset, true)
			return nil
		case valueLong:
			t.reject(ClassTooLong, offset)
		case valueBroken:
			t.reject(ClassBrokenJSON, offset)
			t.window.head += min(1, t.window.tail-t.window.head)
		case valueWhole:
			if err := t.line(value, offset, false); err != nil {
				return err
			}
		}
	}
}

// line reads the object of a line, or several that were glued together.
func (t *twarc) line(line []byte, offset uint64, last bool) error {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return nil
	}
	t.decoder.ResetBytes(line)
	if line[0] != '{' {
		if jx.Valid(line) {
			t.reject(ClassWrongType, offset)
		} else {
			t.bad(offset, last)
		}
		return nil
	}
	for {
		if err := t.sheet.readLine(&t.decoder); err != nil {
			t.bad(offset, last)
			return nil
		}
		if err := t.page(offset); err != nil {
			return err
		}
		if t.decoder.Next() == jx.Object {
			continue
		}
		if err := t.decoder.Skip(); !errors.Is(err, io.EOF) {
			t.bad(offset, last)
		}
		return nil
	}
}

// bad rejects a line that is not JSON.
func (t *twarc) bad(offset uint64, last bool) {
	if last {
		t.cut(offset, true)
	} else {
		t.reject(ClassBrokenJSON, offset)
	}
}

// page hands over what one object holds: first the posts that were asked for,
// then those they refer to, so that of two copies the fuller comes first.
func (t *twarc) page(offset uint64) error {
	s := &t.sheet
	if err := t.lookChanged(); err != nil {
		return err
	}
	t.nonPosts(s.others + uint64(len(s.problems)))
	for range s.wrong {
		t.reject(ClassWrongType, offset)
	}
	for _, list := range [...][]*tweet{s.listed, s.included} {
		for _, tw := range list {
			if err := t.one(tw, offset); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *twarc) lookChanged() error {
	s := &t.sheet
	if t.looked && s.retrievedAt == t.retrievedAt && bytes.Equal(s.query, t.query) {
		return nil
	}
	t.looked = true
	t.query = append(t.query[:0], s.query...)
	t.retrievedAt = s.retrievedAt
	query, selection := parseQuery(string(s.query))
	return t.look(Look{Query: query, Selection: selection, LookedAt: s.retrievedAt})
}

// one hands over one post.
func (t *twarc) one(tw *tweet, offset uint64) error {
	if class := t.fill(tw); class != "" {
		t.reject(class, offset)
		return nil
	}
	if u, ok := t.sheet.users.find(tw.author); ok {
		if err := t.account(u.id, u.name, doxtrailv1.ChannelKind_CHANNEL_KIND_ACCOUNT, u.created); err != nil {
			return err
		}
	}
	return t.post(&t.draft, offset)
}
