package archive

import "bytes"

type pairingKind uint8

const (
	pairingNew pairingKind = iota
	pairingNested
	pairingString
	pairingScalar
)

// pairing finds the end of one JSON value in a stream that comes in pieces, by
// pairing quotes and braces. It checks nothing else: the parser that gets the
// value does.
type pairing struct {
	kind     pairingKind
	inString bool
	// odd is true where the piece before ended in an odd run of backslashes.
	odd bool
	// broken is set where a brace closes a bracket or the other way round. The
	// value then ends before it.
	broken bool
	depth  int
	// arrays has a bit for each level, set for an array. In a value of more
	// than 64 levels, which is deep, any brace may close any.
	arrays uint64
	deep   bool
}

// structure marks the bytes outside strings that matter.
var structure = [256]bool{'"': true, '{': true, '[': true, '}': true, ']': true} //nolint:gochecknoglobals // a constant table

// next reads a piece and gives how much of it belongs to the value, and whether
// the value ends there.
func (p *pairing) next(b []byte) (n int, done bool) {
	if p.kind == pairingNew && len(b) > 0 {
		n = p.begin(b[0])
	}
	if p.kind == pairingScalar {
		return scalarEnd(b, n)
	}
	for n < len(b) {
		if p.inString {
			n += p.closeString(b[n:])
			if !p.inString && p.depth == 0 {
				return n, true
			}
			continue
		}
		for n < len(b) && !structure[b[n]] {
			n++
		}
		if n == len(b) {
			break
		}
		if !p.structural(b[n]) {
			p.broken = true
			return n, true
		}
		n++
		if p.depth == 0 {
			return n, true
		}
	}
	return n, false
}

// structural takes a byte of the structure. It gives false for one that closes
// what is not open.
func (p *pairing) structural(c byte) bool {
	switch c {
	case '"':
		p.inString = true
	case '{', '[':
		p.depth++
		p.deep = p.deep || p.depth > 64
		p.arrays <<= 1
		if c == '[' {
			p.arrays |= 1
		}
	default:
		if !p.deep && (c == ']') != (p.arrays&1 == 1) {
			return false
		}
		p.depth--
		p.arrays >>= 1
	}
	return true
}

// begin tells the kind of value from its first byte and gives how many bytes
// that used up. A scalar has at least one, so that a stray byte cannot hold up
// the reader.
func (p *pairing) begin(c byte) int {
	switch c {
	case '{', '[':
		p.kind = pairingNested
		return 0
	case '"':
		p.kind = pairingString
		p.inString = true
		return 1
	default:
		p.kind = pairingScalar
		return 1
	}
}

// closeString looks for the end of the string that b begins in and gives how
// far it came.
func (p *pairing) closeString(b []byte) int {
	i := bytes.IndexByte(b, '"')
	end := i
	if i < 0 {
		end = len(b)
	}
	// The run of backslashes before the quote decides whether it is escaped.
	run := 0
	for run < end && b[end-1-run] == '\\' {
		run++
	}
	odd := run%2 == 1
	if run == end {
		odd = odd != p.odd
	}
	if i < 0 {
		p.odd = odd
		return len(b)
	}
	p.odd = false
	if !odd {
		p.inString = false
	}
	return i + 1
}

// scalarEnd gives where a number or word ends.
func scalarEnd(b []byte, n int) (end int, done bool) {
	for i := n; i < len(b); i++ {
		switch b[i] {
		case ',', ']', '}', '{', '[', '"', ':', ' ', '\n', '\t', '\r':
			return i, true
		}
	}
	return len(b), false
}
