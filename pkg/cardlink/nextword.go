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
		return text[i]|0x20 == 'd' && i+2 < len(text) && text[i+1]|0x20 == 'o' && text[i+2]|0x20 == 't'
	}
	return i+1 < len(text) && text[i+1] < utf8.RuneSelf && wordBefore(text, i+1) > 0
}

// wordBefore returns the length of the Chinese word for a dot or the middle dot
// that ends at i, or 0.
func wordBefore(text string, i int) int {
	switch text[i-1] {
	case 0x9E, 0xB9, 0xBB, 0xA2, 0xA7, 0x99, 0x85, 0xA5: // 點点・•‧∙⋅･
		if i >= 3 {
			switch text[i-3 : i] {
			case "點", "点", "・", "•", "‧", "∙", "⋅", "･":
				return 3
			}
		}
	case 0xB7, 0x87: // · twice
		if i >= 2 && (text[i-2] == 0xC2 && text[i-1] == 0xB7 || text[i-2] == 0xCE && text[i-1] == 0x87) {
			return 2
		}
	}
	return 0
}

// mayHide says whether the stop of the scan at i is a byte of a full-width letter or of
// an invisible character, behind which nextWord does not see a Chinese word for a dot or
// a middle dot.
func mayHide(text string, i int) bool {
	switch text[i] {
	case 0xEF: // 0xBC with less than 0xA0 is punctuation
		return i+2 < len(text) && (text[i+1] != 0xBC || text[i+2] >= 0xA0)
	case 0x80:
		return i > 0 && text[i-1] == 0xE2
	}
	return false
}

// hiddenWord returns where such a word ends right before the character of which the
// byte at i is one, or 0.
func hiddenWord(text string, i int) int {
	if text[i] == 0x80 {
		i--
	}
	if i > 1 && wordBefore(text, i) > 0 {
		return i
	}
	return 0
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
