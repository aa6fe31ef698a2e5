package cardlink

import (
	"math/bits"
	"unicode/utf8"
)

// nextWord returns the first place from i on where something stands for a dot
// that is no dot to stops: the first byte of "dot", or the last byte of
// a Chinese word or a middle dot with an ASCII character behind it. It is the
// length of the text if there is none.
func nextWord(text string, i int) int {
	const (
		ones     = 0x0101010101010101
		high     = utf8.RuneSelf * ones
		caseBits = 0x20 * ones
	)
	// Eight places at a time, each as the byte it has in three words that are
	// read one byte apart. The zero bytes of all are the places of "dot".
	for ; i+10 <= len(text); i += 8 {
		x, y := eightBytes(text, i), eightBytes(text, i+1)
		if x&y&high == high {
			continue
		}
		z := eightBytes(text, i+2)
		dot := (x | caseBits) ^ 'd'*ones | (y | caseBits) ^ 'o'*ones | (z | caseBits) ^ 't'*ones
		places := (dot-ones)&^dot&high | x&^y&high
		for ; places != 0; places &= places - 1 {
			if place := i + bits.TrailingZeros64(places)>>3; wordAt(text, place) {
				return place
			}
		}
	}
	for i < len(text) && !wordAt(text, i) {
		i++
	}
	return i
}

// eightBytes returns the eight bytes at i, the first one lowest.
func eightBytes(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// wordAt says whether nextWord stops at i.
func wordAt(text string, i int) bool {
	if text[i] < utf8.RuneSelf {
		return plainWord(text, i)
	}
	if i+1 >= len(text) || text[i+1] >= utf8.RuneSelf {
		return false
	}
	if i < 1 || i > 1 && han(text[i-2]) || !endsInvisible(text, i+1) {
		return wordBefore(text, i+1) > 0
	}
	return wordEnding(text, i+1) >= 0
}

// plainWord says whether "dot" stands at i.
func plainWord(text string, i int) bool {
	return text[i]|0x20 == 'd' && i+2 < len(text) && text[i+1]|0x20 == 'o' && text[i+2]|0x20 == 't'
}

// wordEnding returns where the Chinese word for a dot or the middle dot begins that ends
// at i, or in front of the invisible characters that end there, or "dot" if those stand
// inside it; -1 if there is none.
func wordEnding(text string, i int) int {
	end := i
	for range 1 + maxBlanks {
		if n := wordBefore(text, end); n > 0 {
			return end - n
		}
		if end < 2 || !endsInvisible(text, end) {
			break
		}
		r, n := utf8.DecodeLastRuneInString(text[:end])
		if !invisible(r) {
			break
		}
		end -= n
	}
	if end == i || end == 0 || text[end-1]|0x20 != 'd' && text[end-1]|0x20 != 'o' {
		return -1
	}
	// The "o" or the "t" may be what the invisible characters stand before.
	for begin := end - 1; begin >= 0 && begin >= end-2; begin-- {
		if begin+spelledWord(text, begin, "dot") > i {
			return begin
		}
	}
	return -1
}

// endsInvisible says whether something invisible may end at i. Nearly all that stands
// before an ASCII character is told from it by a byte.
func endsInvisible(text string, i int) bool {
	switch text[i-2] {
	case 0xC2, 0xCD, 0xD8:
		return true
	case 0x80, 0x81, 0x85, 0x9E, 0xA0, 0xB8, 0xBB, 0xBE:
		if i > 2 {
			switch text[i-3] {
			case 0xE1, 0xE2, 0xE3, 0xEF:
				return true
			}
		}
	}
	return i > 3 && text[i-4] == 0xF3
}

// wordBefore returns the length of the Chinese word for a dot or the middle dot
// that ends at i, or 0.
func wordBefore(text string, i int) int {
	if i < 2 {
		return 0
	}
	switch text[i-1] {
	case 0x9E, 0xB9, 0xBB, 0xA2, 0xA7, 0x99, 0x85, 0xA5: // 點点・•‧∙⋅･
		if i >= 3 {
			switch text[i-3 : i] {
			case "點", "点", "・", "•", "‧", "∙", "⋅", "･":
				return 3
			}
		}
	case 0xB7, 0x87: // · twice
		if text[i-2] == 0xC2 && text[i-1] == 0xB7 || text[i-2] == 0xCE && text[i-1] == 0x87 {
			return 2
		}
	}
	return 0
}
