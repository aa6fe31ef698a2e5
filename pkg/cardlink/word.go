package cardlink

import "unicode/utf8"

// spelledWord returns the length of a word of small ASCII letters at i, whatever its
// case there and whatever invisible stands inside it, or 0.
func spelledWord(s string, i int, word string) int {
	begin := i
	for k := range len(word) {
		if k > 0 {
			i += invisibleAt(s, i)
		}
		if i >= len(s) || s[i]|0x20 != word[k] {
			return 0
		}
		i++
	}
	return i - begin
}

// styledWord is spelledWord for a word that begins with another letter that stands for
// an ASCII one, as all letters of it may.
func styledWord(s string, i int, word string) int {
	begin := i
	for k := range len(word) {
		if k > 0 {
			i += invisibleAt(s, i)
		}
		b, n := styledLetter(s, i)
		if b|0x20 != word[k] {
			return 0
		}
		i += n
	}
	return i - begin
}

// styledLetter returns the ASCII letter that the letter at i is or stands for and its
// length, or zeros.
func styledLetter(s string, i int) (letter byte, n int) {
	if i >= len(s) {
		return 0, 0
	}
	if s[i] < utf8.RuneSelf {
		return s[i], 1
	}
	// Han is refused at once; the others are where such letters are.
	switch s[i] {
	case 0xE2, 0xEF, 0xF0:
	default:
		return 0, 0
	}
	r, n := runeAt(s, i)
	plain := ascii(s[i:i+n], r)
	if len(plain) != 1 {
		return 0, 0
	}
	return plain[0], n
}

// invisibleAt returns the length of the invisible characters at i, as far as they are
// looked at.
func invisibleAt(s string, i int) int {
	n := 0
	for range maxBlanks {
		if i+n >= len(s) || s[i+n] < utf8.RuneSelf {
			break
		}
		r, size := runeAt(s, i+n)
		if !invisible(r) {
			break
		}
		n += size
	}
	return n
}

// invisibleBefore is invisibleAt for those that end at i.
func invisibleBefore(s string, i int) int {
	begin := i
	for range maxBlanks {
		r, size := utf8.DecodeLastRuneInString(s[:begin])
		if !invisible(r) {
			break
		}
		begin -= size
	}
	return i - begin
}
