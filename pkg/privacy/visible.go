package privacy

import (
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// VisibleJSON gives a JSON text with every character escaped that shows nothing of itself
// and may do something: controls of terminals, which encoding/json leaves as they are
// from 0x7f on, marks that turn the direction of writing, and characters without width.
// Names and addresses are made up by those who are followed. It stays the same value; a
// line's own end stays too.
func VisibleJSON(text []byte) []byte {
	shown := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch high, low := utf16.EncodeRune(r); {
		case r == '\n' || unicode.IsPrint(r) || r == utf8.RuneError && size == 1:
			shown = append(shown, text[i:i+size]...)
		case high != utf8.RuneError:
			shown = fmt.Appendf(shown, `\u%04x\u%04x`, high, low)
		default:
			shown = fmt.Appendf(shown, `\u%04x`, r)
		}
		i += size
	}
	return shown
}
