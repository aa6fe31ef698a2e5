package cardlink

import (
	"strings"
	"unicode/utf8"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// view is a copy of a run in which disguises are undone, with the way back
// from each of its bytes to the text.
type view struct {
	bytes []byte
	cells []cell
	// What the step under way has written so far; a step reads bytes and
	// cells and writes these, and they change places at its end.
	nextBytes []byte
	nextCells []cell
	// Tags of what was removed since the last byte written.
	removed tags
	// hidden says that the run held invisible characters.
	hidden bool
	// labels are those that are watched; a view keeps them from run to run.
	labels *Labels
}

// cell says where a byte of a view comes from.
type cell struct {
	from, to int
	// changed are the steps that made this byte what it is.
	changed tags
	// gap are the steps that removed something between this byte and the one
	// before it.
	gap tags
}

// step undoes one kind of disguise. It reads the view from its beginning to its
// end and passes every byte on with keep, put or remove.
type step func(v *view)

// undo lists the steps in their order: what is invisible would hide a dot from
// the next step, a full-width dot its brackets from the third, and so on.
func (v *view) undo() {
	for _, s := range [...]step{removeInvisible, foldWide, joinBracketedDots, joinHalfBrackets, joinSpelledDots, mendSchemes} {
		s(v)
		v.bytes, v.nextBytes = v.nextBytes, v.bytes[:0]
		v.cells, v.nextCells = v.nextCells, v.cells[:0]
		v.removed = 0
	}
}

// fill begins a view of the part of a text.
func (v *view) fill(text string, start, end int) {
	v.bytes = append(v.bytes[:0], text[start:end]...)
	v.cells = v.cells[:0]
	for i := start; i < end; i++ {
		v.cells = append(v.cells, cell{from: i, to: i + 1})
	}
	v.nextBytes, v.nextCells, v.removed = v.nextBytes[:0], v.nextCells[:0], 0
	v.hidden = false
}

// keep passes the bytes from i to j on as they are.
func (v *view) keep(i, j int) {
	if i == j {
		return
	}
	first := len(v.nextCells)
	v.nextBytes = append(v.nextBytes, v.bytes[i:j]...)
	v.nextCells = append(v.nextCells, v.cells[i:j]...)
	v.nextCells[first].gap |= v.removed
	v.removed = 0
}

// put passes s on in place of the bytes from i to j.
func (v *view) put(s string, i, j int, d doxtrailv1.LinkDisguise) {
	c := cell{from: v.cells[i].from, to: v.cells[j-1].to, gap: v.cells[i].gap | v.removed}
	c.changed = tags(0).with(d)
	for k := i; k < j; k++ {
		c.changed |= v.cells[k].changed
		if k > i {
			c.changed |= v.cells[k].gap
		}
	}
	v.removed = 0
	for k := range len(s) {
		v.nextBytes = append(v.nextBytes, s[k])
		v.nextCells = append(v.nextCells, c)
		c.gap = 0
	}
}

// remove passes nothing on for the bytes from i to j.
func (v *view) remove(i, j int, d doxtrailv1.LinkDisguise) {
	v.removed = v.removed.with(d)
	for k := i; k < j; k++ {
		v.removed |= v.cells[k].gap | v.cells[k].changed
	}
}

// place returns where the bytes from i to j stood in the text and what was
// undone inside them.
func (v *view) place(i, j int) (start, end int, t tags) {
	for k := i; k < j; k++ {
		t |= v.cells[k].changed
		if k > i {
			t |= v.cells[k].gap
		}
	}
	return v.cells[i].from, v.cells[j-1].to, t
}

// removeInvisible is the step invisible.
func removeInvisible(v *view) {
	kept := 0
	for i, r := range string(v.bytes) {
		if !invisible(r) {
			continue
		}
		n := utf8.RuneLen(r)
		v.hidden = true
		v.keep(kept, i)
		v.remove(i, i+n, doxtrailv1.LinkDisguise_LINK_DISGUISE_INVISIBLE)
		kept = i + n
	}
	v.keep(kept, len(v.bytes))
}

// foldWide is the step nfkc. It works up to the path of a link: an ASCII slash
// behind a host begins a path, in which such characters belong to the name of
// the page. A full-width slash does not, since then the path is disguised too.
func foldWide(v *view) {
	s := string(v.bytes)
	kept, dotted, path := 0, false, false
	for i, r := range s {
		if r < 0x80 {
			switch {
			case r == ':' && strings.HasPrefix(s[i+1:], "//"):
				dotted, path = false, false
			case r == '.':
				dotted = true
			case r == '/' || r == '?' || r == '#':
				path = path || dotted
			case !path && !hostByte(byte(r)) && r != ':':
				dotted = false
			}
			continue
		}
		_, n := runeAt(s, i)
		plain := ascii(s[i:i+n], r)
		if plain == "" || path {
			continue
		}
		v.keep(kept, i)
		v.put(plain, i, i+n, doxtrailv1.LinkDisguise_LINK_DISGUISE_NFKC)
		kept = i + n
		dotted = dotted || plain == "."
	}
	v.keep(kept, len(s))
}

// joinBracketedDots is the step bracket_dot.
func joinBracketedDots(v *view) {
	s := string(v.bytes)
	kept := 0
	for i := 0; i < len(s); i++ {
		open := i + blanksAt(s, i)
		end := bracketedDot(s, open)
		if end == 0 {
			continue
		}
		end += blanksAt(s, end)
		v.keep(kept, i)
		v.put(".", i, end, doxtrailv1.LinkDisguise_LINK_DISGUISE_BRACKET_DOT)
		kept, i = end, end-1
	}
	v.keep(kept, len(s))
}
