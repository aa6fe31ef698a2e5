package cardlink

import "unicode/utf8"

// passedPunctuation says whether the byte 0x80 at i is of a character that is part of no
// link, as most of those in Chinese text are. The full stops in it are told by the Chinese
// words around them.
func passedPunctuation(text string, i int) bool {
	if i == 0 || i+2 >= len(text) {
		return true
	}
	switch uint16(text[i-1])<<8 | uint16(text[i+1]) {
	case 0xE390, 0xE394: // 【〔
		return false
	case 0xE382: // 。
		return han(text[i+2])
	}
	return text[i-1] != 0xE2
}

// passedWide says the same of the byte 0xEF at i.
func passedWide(text string, i int) bool {
	if i+2 >= len(text) {
		return true
	}
	switch b := text[i+2]; b {
	case 0x88, 0x8E, 0x9A: // （．：
		return false
	default:
		return text[i+1] == 0xBC && b < 0xA0
	}
}

// passedSign says the same of the byte 0xF0 at i: most such characters are emoji.
func passedSign(text string, i int) bool {
	if i+3 >= len(text) {
		return true
	}
	second, third := text[i+1], text[i+2]
	return second != 0x9D && (second != 0x9F || third != 0x84 && third != 0x85)
}

// wordNear returns where the word begins at the end of which, or at the beginning,
// nextWord stopped.
func wordNear(text string, i int) int {
	if text[i] < utf8.RuneSelf {
		return i
	}
	return wordEnding(text, i+1)
}

// spelledNear returns where the spelled dot may begin of which the stop of the scan at i
// is a byte, or which stands before the character that it is a byte of; -1 if there is
// none.
func spelledNear(text string, i int) int {
	if text[i] == 0x80 {
		i--
	}
	switch uint32(text[i])<<16 | uint32(text[i+1])<<8 | uint32(text[i+2]) {
	case 0xE38082, 0xE280A4, 0xEFBC8E, 0xEFBDA1, 0xEFB992: // 。․．｡﹒
		return spacedWide(text, i)
	}
	if i > 0 && (text[i-1] == ' ' || i > 1 && endsInvisible(text, i)) && styledWord(text, i, "dot") > 0 {
		return i
	}
	return wordEnding(text, i)
}

// spacedWide returns i, where a full stop of three bytes stands, if a space is beside it,
// or else -1.
func spacedWide(text string, i int) int {
	next := i + 3
	if hasSpace(text[next:next+blanksAt(text, next)]) || hasSpace(text[i-blanksBefore(text, 0, i):i]) {
		return i
	}
	return -1
}

// looseDot says whether the full stop at i has a space beside it.
func looseDot(text string, i int) bool {
	return i+1 < len(text) && text[i+1] == ' ' || i > 0 && text[i-1] == ' '
}

// hiddenSpace says whether the full stop at i has one beside it of which something
// invisible parts it.
func hiddenSpace(text string, i int) bool {
	wide := i+1 < len(text) && text[i+1] >= utf8.RuneSelf || i > 0 && text[i-1] >= utf8.RuneSelf
	return wide && (spaceBehind(text, i) || hasSpace(text[i-blanksBefore(text, 0, i):i]))
}

// spaceBehind says whether a space follows the ASCII character at i, or something
// invisible and then a space.
func spaceBehind(text string, i int) bool {
	return hasSpace(text[i+1 : i+1+blanksAt(text, i+1)])
}
