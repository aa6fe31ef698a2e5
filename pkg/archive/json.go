package archive

import (
	"bytes"

	"github.com/go-faster/jx"
)

// The errors of the JSON library quote what they met. They stay inside this
// package: callers test them for nil and take a class instead.

// token reads a string or a number and gives its text; anything else is passed
// over and gives nil.
func token(d *jx.Decoder) ([]byte, error) {
	switch d.Next() {
	case jx.String:
		return d.StrBytes()
	case jx.Number:
		raw, err := d.Raw()
		return bytes.TrimSpace(raw), err
	default:
		return nil, d.Skip()
	}
}

// integer reads a whole number, also one in a string; anything else is passed
// over and gives -1.
func integer(d *jx.Decoder) (int64, error) {
	b, err := token(d)
	if err != nil {
		return -1, err
	}
	n, ok := decimal(b)
	if !ok {
		return -1, nil
	}
	return n, nil
}

// boolean reads true or false; anything else is passed over and gives false.
func boolean(d *jx.Decoder) (bool, error) {
	if d.Next() != jx.Bool {
		return false, d.Skip()
	}
	return d.Bool()
}

// members calls f for each member if an object comes next, and passes over
// anything else.
func members(d *jx.Decoder, f func(d *jx.Decoder, key []byte) error) error {
	if d.Next() != jx.Object {
		return d.Skip()
	}
	return d.ObjBytes(f)
}

// elements calls f for each element if an array comes next, and passes over
// anything else.
func elements(d *jx.Decoder, f func(d *jx.Decoder) error) error {
	if d.Next() != jx.Array {
		return d.Skip()
	}
	return d.Arr(f)
}

// arena keeps the strings of one record, unescaped, in one buffer. A slice
// stays right when the buffer grows: it then points to the old one.
type arena struct {
	buf []byte
}

func (a *arena) reset() { a.buf = a.buf[:0] }

// text reads a string; anything else is passed over and gives nil.
func (a *arena) text(d *jx.Decoder) ([]byte, error) {
	if d.Next() != jx.String {
		return nil, d.Skip()
	}
	start := len(a.buf)
	buf, err := d.StrAppend(a.buf)
	if err != nil {
		return nil, err
	}
	a.buf = buf
	return buf[start:len(buf):len(buf)], nil
}

// mendEscapes appends a record in which \xHH, which Telegram Desktop writes for
// control characters and JSON does not know, is rewritten to \u00HH.
func mendEscapes(out, record []byte) []byte {
	for {
		i := bytes.IndexByte(record, '\\')
		if i < 0 || i+1 == len(record) {
			return append(out, record...)
		}
		out = append(out, record[:i]...)
		if record[i+1] == 'x' && i+3 < len(record) && isHex(record[i+2]) && isHex(record[i+3]) {
			out = append(out, '\\', 'u', '0', '0', record[i+2], record[i+3])
			record = record[i+4:]
			continue
		}
		// The pair goes together, so that a backslash that is itself escaped
		// never begins an escape.
		out = append(out, record[i], record[i+1])
		record = record[i+2:]
	}
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
