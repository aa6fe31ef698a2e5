package normaliser

import (
	"strings"
	"unicode/utf8"
)

// textFacts is all that is kept of a text: how long it is and in which script
// most of its letters are.
type textFacts struct {
	length uint32 // characters
	script string // ISO 15924; empty if there is no letter of a known script
}

// scriptRange maps a range of code points to the script that its letters
// belong to. Ranges are enough here: the question is which script fills the
// text, not where each letter belongs, and a table lookup per letter of
// package unicode costs more than the rest of a post.
type scriptRange struct {
	first, last rune
	script      int
}

// Scripts that are told apart, as ISO 15924 codes. Kana of both kinds counts
// as Japanese.
var scripts = [...]string{"Latn", "Hani", "Jpan", "Hang", "Cyrl", "Grek", "Arab", "Hebr", "Thai", "Deva"} //nolint:gochecknoglobals // a constant table

const (
	latn = iota
	hani
	jpan
	hang
	cyrl
	grek
	arab
	hebr
	thai
	deva
	none // of no letter
)

// scriptRanges is ordered by how often the ranges occur in what is collected.
var scriptRanges = [...]scriptRange{ //nolint:gochecknoglobals // a constant table
	{0x4E00, 0x9FFF, hani},
	{0x2000, 0x303F, none}, // punctuation and signs
	{0xFF00, 0xFF20, none},
	{0x3400, 0x4DBF, hani},
	{0x20000, 0x3FFFF, hani},
	{0xF900, 0xFAFF, hani},
	{0x3040, 0x30FF, jpan},
	{0xAC00, 0xD7AF, hang},
	{0x1100, 0x11FF, hang},
	{0x0400, 0x052F, cyrl},
	{0x0370, 0x03FF, grek},
	{0x0600, 0x06FF, arab},
	{0x0590, 0x05FF, hebr},
	{0x0E00, 0x0E7F, thai},
	{0x0900, 0x097F, deva},
	{0x00C0, 0x024F, latn},
	{0xFF21, 0xFF5A, latn},
}

// factsOf counts characters and letters by script in one pass.
func factsOf(text string) textFacts {
	var counts [none + 1]uint32
	var length uint32
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			length++
			if lower := c | 0x20; 'a' <= lower && lower <= 'z' {
				counts[latn]++
			}
			continue
		}
		if han3(text[i:]) {
			i += 3
			length++
			counts[hani]++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		length++
		for k := range scriptRanges {
			if s := &scriptRanges[k]; s.first <= r && r <= s.last {
				counts[s.script]++
				break
			}
		}
	}
	facts := textFacts{length: length}
	var most uint32
	for s, n := range counts[:none] {
		if n > most {
			most, facts.script = n, scripts[s]
		}
	}
	return facts
}

// han3 says whether a text begins with a Chinese letter of the most common
// block, U+4E00 to U+9FFF, which are most letters of what is collected. It
// answers without decoding the rune.
func han3(text string) bool {
	if len(text) < 3 || text[1]&0xC0 != 0x80 || text[2]&0xC0 != 0x80 {
		return false
	}
	return 0xE5 <= text[0] && text[0] <= 0xE9 || text[0] == 0xE4 && text[1] >= 0xB8
}

// primaryLanguage is the primary subtag of a language tag, in small letters:
// two or three letters, as all that platforms give. Anything else is dropped,
// because what an archive calls a language can be any text.
func primaryLanguage(tag string) string {
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		tag = tag[:i]
	}
	if len(tag) < 2 || len(tag) > 3 {
		return ""
	}
	for i := range len(tag) {
		if c := tag[i] | 0x20; c < 'a' || c > 'z' {
			return ""
		}
	}
	return strings.ToLower(tag)
}
