package cardlink

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ideographicDot is the full stop of Chinese and Japanese.
const ideographicDot = '。'

// wideSlash is a slash as it is typed among Chinese characters.
const wideSlash = "／"

func letter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

func capital(b byte) bool { return b >= 'A' && b <= 'Z' }

func digit(b byte) bool { return b >= '0' && b <= '9' }

func alphanumeric(b byte) bool { return letter(b) || digit(b) }

func hexDigit(b byte) bool { return digit(b) || b|0x20 >= 'a' && b|0x20 <= 'f' }

// hostByte says whether a byte can stand in a host as it is typed; every byte
// of a non-ASCII rune can.
func hostByte(b byte) bool {
	return alphanumeric(b) || b == '.' || b == '-' || b == '_' || b >= utf8.RuneSelf
}

// runByte says whether an ASCII byte can stand inside a link or its disguise.
func runByte(b byte) bool {
	switch b {
	case '<', '>', '"', '`', '|', '{', '}', 0x7F:
		return false
	}
	return b > ' '
}

// invisible says whether a rune shows nothing and takes no place of its own:
// what is hidden inside a host to keep it from being found.
func invisible(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case r < 0x2000:
		switch r {
		case 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E:
			return true
		}
		return false
	case r < 0x3000:
		return r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x206F
	case r < 0xFE00:
		return r == 0x3164
	case r < 0xE0000:
		return r <= 0xFE0F || r == 0xFEFF || r == 0xFFA0
	}
	return r <= 0xE0FFF
}

// boundary says whether a rune ends a link although it is a letter: scripts
// that are written without spaces between words, next to which a link stands
// glued. None of their letters looks like an ASCII one.
func boundary(r rune) bool {
	switch {
	case r < 0x0E00:
		return false
	case r < 0x2E80:
		return r <= 0x0EFF || // Thai, Lao
			r >= 0x1000 && r <= 0x109F || // Burmese
			r >= 0x1100 && r <= 0x11FF || // Hangul
			r >= 0x1780 && r <= 0x17FF // Khmer
	case r < 0xD800:
		// Radicals, kana, bopomofo, Han, Yi; then Hangul. Lisu and the
		// Latin and Cyrillic extensions between them are no boundary.
		return r < 0xA4D0 || r >= 0xA960 && r <= 0xA97F || r >= 0xAC00
	case r < 0xFB00:
		return r >= 0xF900
	case r < 0xFF01:
		return r >= 0xFE10 && r <= 0xFE4F
	case r <= 0xFFEF:
		return r >= 0xFF5F
	}
	return r >= 0x16FE0 && r <= 0x18DFF || r >= 0x1AFF0 && r <= 0x1B2FF || r >= 0x20000 && r <= 0x3FFFF
}

// dotRune says whether a non-ASCII rune is a full stop in disguise wherever it
// stands. The ideographic full stops are not among them, since they end
// sentences too.
func dotRune(r rune) bool { return r == '．' || r == '﹒' || r == '․' }

// joins says whether a non-ASCII rune can be part of a link as it is typed. The
// ideographic full stops and the full-width colon, which depend on what is
// around them, are not among them.
func joins(r rune) bool {
	switch {
	case invisible(r) || dotRune(r):
		return true
	case boundary(r) || r == utf8.RuneError:
		return false
	case r >= 0xFF01 && r <= 0xFF5E:
		return wideURLByte(byte(r - 0xFF01 + '!'))
	case enclosedLetter(r):
		return true
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.Is(unicode.Nd, r)
}

// inLabel says whether a non-ASCII rune can be part of one label of a host as it is
// typed.
func inLabel(r rune) bool {
	if r >= 0xFF01 && r <= 0xFF5E {
		b := byte(r - 0xFF01 + '!')
		return alphanumeric(b) || b == '-' || b == '_'
	}
	return joins(r) && !dotRune(r)
}

// enclosedLetter says whether a rune is a letter in a circle or a square.
// Digits in circles number the lines of a list and are no part of a link.
func enclosedLetter(r rune) bool {
	return r >= 0x24B6 && r <= 0x24E9 || r >= 0x1F130 && r <= 0x1F149
}

// wideURLByte says which ASCII bytes are part of a link in their full-width
// form too. Those that Chinese text uses as its own punctuation are not.
func wideURLByte(b byte) bool {
	return alphanumeric(b) || strings.IndexByte(".-_/%=&#+~@", b) >= 0
}

// ascii returns the ASCII characters a non-ASCII rune stands for, and nothing
// if it does not stand for letters, digits or a mark that a link can have.
func ascii(encoded string, r rune) string {
	switch {
	case r == ideographicDot || r == '｡' || dotRune(r):
		return "."
	case r == '：':
		return ":"
	}
	plain := norm.NFKC.PropertiesString(encoded).Decomposition()
	for _, b := range plain {
		if !alphanumeric(b) && (r < 0xFF01 || r > 0xFF5E) {
			return ""
		}
	}
	return string(plain)
}

// runeAt decodes the rune at a place that is known to hold a non-ASCII byte.
func runeAt(s string, i int) (rune, int) { return utf8.DecodeRuneInString(s[i:]) }

// han says whether a rune is Han by its first byte: U+4000 to U+9FFF, none of
// which joins. It is a short cut for the most frequent of all neighbours.
func han(lead byte) bool { return lead >= 0xE4 && lead <= 0xE9 }

// joinsAt says whether what stands at a place can continue a host: an ASCII
// letter or digit or a rune that joins.
func joinsAt(s string, i int) bool {
	if i >= len(s) {
		return false
	}
	if s[i] < utf8.RuneSelf {
		return alphanumeric(s[i])
	}
	r, _ := runeAt(s, i)
	return joins(r)
}

// joinsBefore says the same of what stands before a place and not before
// floor.
func joinsBefore(s string, floor, i int) bool {
	if i <= floor {
		return false
	}
	if b := s[i-1]; b < utf8.RuneSelf {
		return alphanumeric(b) || b == '-' || b == '_'
	}
	if i-floor >= 3 && han(s[i-3]) {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(s[floor:i])
	return joins(r)
}
