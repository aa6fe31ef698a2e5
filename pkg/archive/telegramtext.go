package archive

import (
	"github.com/go-faster/jx"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// pieceKind is what matters of a text entity's type.
type pieceKind uint8

const (
	piecePlain pieceKind = iota
	// pieceFormat only looks different: bold, code, a quote.
	pieceFormat
	pieceLink
	pieceTextLink
	piecePhone
	pieceEmail
	pieceCard
)

// piece is one entity: its kind and its place in the joined text.
type piece struct {
	kind       pieceKind
	start, end int
	href       []byte
}

func pieceKindOf(name []byte) pieceKind {
	switch string(name) {
	case "plain", "":
		return piecePlain
	case "link":
		return pieceLink
	case "text_link":
		return pieceTextLink
	case "phone":
		return piecePhone
	case "email":
		return pieceEmail
	case "bank_card":
		return pieceCard
	default:
		return pieceFormat
	}
}

// fillText joins the text, from text_entities if they are there and else from
// text, and keeps the links and the kinds of personal data that are marked.
func (t *telegram) fillText() Class {
	m, d := &t.message, &t.draft
	raw := m.entities
	if raw.Type() != jx.Array || isEmptyArray(raw) {
		raw = m.text
	}
	var text []byte
	if len(raw) > 0 {
		m.textDecoder.ResetBytes(raw)
		start := len(m.arena.buf)
		if err := m.readText(&m.textDecoder); err != nil {
			return ClassBrokenJSON
		}
		text = m.arena.buf[start:]
		t.fillMarks(text, start)
	}
	d.setText(text)
	for _, url := range m.buttons {
		d.addLink(link{
			url:        url,
			source:     doxtrailv1.LinkSource_LINK_SOURCE_BUTTON,
			expandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE,
		})
	}
	return ""
}

func isEmptyArray(raw jx.Raw) bool {
	for _, c := range raw {
		switch c {
		case '[', ' ', '\n', '\t', '\r':
		default:
			return c == ']'
		}
	}
	return true
}

// readText reads a text in any of its shapes: a string, or an array of strings
// and entities.
func (m *message) readText(d *jx.Decoder) error {
	if d.Next() != jx.Array {
		return m.readPlain(d)
	}
	return d.Arr(func(d *jx.Decoder) error {
		if d.Next() != jx.Object {
			return m.readPlain(d)
		}
		p := piece{start: len(m.arena.buf), end: len(m.arena.buf)}
		err := d.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
			switch string(key) {
			case "type":
				var name []byte
				name, err = token(d)
				p.kind = pieceKindOf(name)
			case "text":
				_, err = m.arena.text(d)
				p.end = len(m.arena.buf)
			case "href":
				p.href, err = token(d)
			default:
				err = d.Skip()
			}
			return err
		})
		m.pieces = append(m.pieces, p)
		return err
	})
}

func (m *message) readPlain(d *jx.Decoder) error {
	start := len(m.arena.buf)
	_, err := m.arena.text(d)
	m.pieces = append(m.pieces, piece{start: start, end: len(m.arena.buf)})
	return err
}

// fillMarks takes what the entities mark. The pieces count from the arena's
// beginning, the text from start.
func (t *telegram) fillMarks(text []byte, start int) {
	m, d := &t.message, &t.draft
	var before pieceKind
	for i, p := range m.pieces {
		switch p.kind {
		case pieceLink:
			// A link that formatting cuts into pieces is left to the text.
			if !m.touches(i-1, i) && !m.touches(i, i+1) {
				d.addLink(link{
					url:        text[p.start-start : p.end-start],
					source:     doxtrailv1.LinkSource_LINK_SOURCE_ENTITY,
					expandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE,
				})
			}
		case pieceTextLink:
			d.addLink(link{
				url:        p.href,
				source:     doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK,
				expandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE,
			})
		case piecePhone, pieceEmail, pieceCard:
			// So is a number, which still is one number.
			if p.kind != before {
				d.countMark(p.kind)
			}
		case piecePlain, pieceFormat:
		}
		before = p.kind
	}
}

func (d *draft) countMark(kind pieceKind) {
	switch kind {
	case piecePhone:
		d.phones++
	case pieceEmail:
		d.emails++
	case pieceCard:
		d.cards++
	case piecePlain, pieceFormat, pieceLink, pieceTextLink:
	}
}

// touches says whether the pieces i and j, one of them a link, are two parts of
// one address: both are marked, and no space stands between them.
func (m *message) touches(i, j int) bool {
	if i < 0 || j >= len(m.pieces) {
		return false
	}
	a, b := m.pieces[i], m.pieces[j]
	for _, p := range [...]piece{a, b} {
		if p.kind != pieceLink && p.kind != pieceFormat || p.start == p.end {
			return false
		}
	}
	return isAddress(m.arena.buf[a.end-1]) && isAddress(m.arena.buf[b.start])
}

// isAddress says whether an ASCII character can stand inside an address.
func isAddress(c byte) bool {
	return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"'
}
