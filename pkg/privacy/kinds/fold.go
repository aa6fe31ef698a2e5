package kinds

import (
	"unicode"
	"unicode/utf8"
)

// end is what readers return where a text has no further character.
const end rune = -1

// next reads the character at i: what is invisible is passed over, what stands
// for an ASCII character is read as that. It lies between from and to.
func next(text string, i int) (r rune, from, to int) {
	for i < len(text) {
		if c := text[i]; c < utf8.RuneSelf {
			return plainBlank(rune(c)), i, i + 1
		}
		if r := hanAt(text, i); r != 0 {
			return r, i, i + 3
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !invisible(r) {
			return fold(r), i, i + size
		}
		i += size
	}
	return end, i, i
}

// before reads the character that ends at or before i, as next does.
func before(text string, i int) (r rune, from, to int) {
	for i > 0 {
		if c := text[i-1]; c < utf8.RuneSelf {
			return plainBlank(rune(c)), i - 1, i
		}
		if r := hanAt(text, i-3); r != 0 {
			return r, i - 3, i
		}
		r, size := utf8.DecodeLastRuneInString(text[:i])
		if !invisible(r) {
			return fold(r), i - size, i
		}
		i -= size
	}
	return end, i, i
}

// hanAt gives the common Chinese character at i, 0 if there is none, for a third
// of what decoding costs.
func hanAt(text string, i int) rune {
	if i < 0 || i+3 > len(text) || text[i]-0xE5 > 0xE9-0xE5 {
		return 0
	}
	b, c := text[i+1]^utf8.RuneSelf, text[i+2]^utf8.RuneSelf
	if b|c >= 0x40 {
		return 0
	}
	return rune(text[i]&15)<<12 | rune(b)<<6 | rune(c)
}

// plainBlank takes tabs for what they are in lists, the end of an item.
func plainBlank(r rune) rune {
	if r == '\t' || r == '\r' {
		return '\n'
	}
	return r
}

// invisible says whether a character leaves no trace between two others, so that
// it may stand inside a number to hide it. Marks that are put upon a character,
// as the box around a keycap, count too.
func invisible(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case 0x4E00 <= r && r <= 0x9FFF:
		return false
	case r == 0xAD, 0x300 <= r && r <= 0x36F, r == 0x61C, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5:
		return true
	case 0x180B <= r && r <= 0x180F, 0x200B <= r && r <= 0x200F, 0x202A <= r && r <= 0x202E, 0x2060 <= r && r <= 0x206F:
		return true
	case 0x20D0 <= r && r <= 0x20F0, r == 0x3164, 0xFE00 <= r && r <= 0xFE0F, r == 0xFEFF, r == 0xFFA0, 0xFFF0 <= r && r <= 0xFFFB:
		return true
	}
	return 0x1BCA0 <= r && r <= 0x1BCA3 || 0x1D173 <= r && r <= 0x1D17A || 0xE0000 <= r && r <= 0xE0FFF
}

// fold gives the ASCII character that one outside ASCII stands for: full-width
// forms, digits of any script, letters and digits in circles, squares and styles
// of mathematics, blanks, dashes, and signs that hide a digit (an asterisk).
// Others stay what they are.
func fold(r rune) rune {
	switch {
	case r < 0xA0, 0x3040 <= r && r <= 0x9FFF:
		return r
	case 0xFF01 <= r && r <= 0xFF5E:
		return r - 0xFEE0
	case r == 0xA0, r == 0x3000, 0x2000 <= r && r <= 0x200A, r == 0x202F, r == 0x205F:
		return ' '
	case 0x2010 <= r && r <= 0x2015, r == 0x2212, r == 0xFE58, r == 0xFE63:
		return '-'
	case r == 0xB7:
		return '.'
	case r == 0x2028, r == 0x2029, r == 0x85:
		return '\n'
	case r == '×', r == '●', r == '○', r == '■', r == '□', r == '✕', r == '✖', r == '█', r == '▇':
		return '*'
	case r < 0x660:
		return r
	}
	return foldStyle(r)
}

// foldStyle is fold for letters and digits in other shapes.
func foldStyle(r rune) rune {
	switch {
	case 0x1D400 <= r && r <= 0x1D6A3:
		n := (r - 0x1D400) % 52
		if n >= 26 {
			n += 'a' - 'A' - 26
		}
		return 'A' + n
	case 0x2460 <= r && r <= 0x2468:
		return '1' + r - 0x2460
	case 0x2776 <= r && r <= 0x277E:
		return '1' + r - 0x2776
	case 0x2780 <= r && r <= 0x2788:
		return '1' + r - 0x2780
	case 0x278A <= r && r <= 0x2792:
		return '1' + r - 0x278A
	case r == 0x24EA, r == 0x24FF:
		return '0'
	case 0x24B6 <= r && r <= 0x24CF:
		return 'A' + r - 0x24B6
	case 0x24D0 <= r && r <= 0x24E9:
		return 'a' + r - 0x24D0
	case 0x1F130 <= r && r <= 0x1F189 && (r-0x1F130)%32 < 26:
		return 'A' + (r-0x1F130)%32
	case r < 0x660, 0x2000 <= r && r <= 0xA61F, 0xAC00 <= r && r <= 0xFFFF, 0x1F000 <= r && r <= 0x1F1FF:
		return r
	}
	return foldDigit(r)
}

// foldDigit reads a decimal digit of any script. Unicode lays them out in tens.
func foldDigit(r rune) rune {
	if !unicode.Is(unicode.Nd, r) {
		return r
	}
	for _, t := range unicode.Nd.R16 {
		if lo := rune(t.Lo); lo <= r && r <= rune(t.Hi) {
			return '0' + (r-lo)%10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if lo := rune(t.Lo); lo <= r && r <= rune(t.Hi) {
			return '0' + (r-lo)%10
		}
	}
	return r
}

// isHan says whether a character is a Chinese one.
func isHan(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FFF || 0x3400 <= r && r <= 0x4DBF || 0x20000 <= r && r <= 0x3FFFF || 0xF900 <= r && r <= 0xFAFF
}

// known says whether a character belongs to a script whose numbers, words and
// limits of words the rules know, or to none (punctuation, symbols, emoji).
// Braille is drawn with.
func known(r rune) bool {
	switch {
	case r < 0x3E2, 0x3F0 <= r && r < 0x530, 0x2000 <= r && r <= 0x2BFF, 0x2E80 <= r && r <= 0x9FFF, 0xAC00 <= r && r <= 0xD7A3, 0xFE10 <= r && r <= 0xFE6F,
		0xFF00 <= r && r <= 0xFFEF, 0x1F000 <= r && r <= 0x1FBFF, 0x20000 <= r && r <= 0x3FFFF:
		return true
	}
	return unicode.In(r, unicode.Common, unicode.Inherited, unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Bopomofo, unicode.Hangul, unicode.Cyrillic, unicode.Greek, unicode.Braille) || unicode.Is(unicode.Nd, r)
}
