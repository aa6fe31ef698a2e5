package cardlink

import (
	"strings"
	"unicode/utf8"
)

// stops marks the bytes at which the scan looks closer: full stop, colon and
// opening brackets; 0x80, the middle byte of 。【〔 and ․; 0xEF, the first byte of
// the full-width forms; and 0xF0, that of the letters in other type faces, behind which
// a spelled dot may hide. Every other byte is passed over at one look-up.
// A constant string, since it is the one table that nothing can change.
const stops = "" +
	"----------------" +
	"----------------" +
	"--------x-----x-" +
	"----------x-----" +
	"----------------" +
	"-----------x----" +
	"----------------" +
	"-----------x----" +
	"x---------------" +
	"----------------" +
	"----------------" +
	"----------------" +
	"----------------" +
	"----------------" +
	"---------------x" +
	"x---------------"

// nextStop returns the first place from i on at which the scan has to look
// closer, or the length of the text.
func nextStop(text string, i int) int {
	// Four bytes at a time: the marks of the table or-ed are '-' only if all
	// four are.
	for ; i+4 <= len(text); i += 4 {
		four := text[i : i+4]
		if stops[four[0]]|stops[four[1]]|stops[four[2]]|stops[four[3]] != '-' {
			break
		}
	}
	for i < len(text) && stops[text[i]] == '-' {
		i++
	}
	return i
}

// candidate says whether the stop at i can belong to a link, and where the
// character begins that i is a byte of. What stands before floor was read
// already.
func candidate(text string, floor, i int) (int, bool) {
	switch text[i] {
	case '.':
		if endsHost(text, i+1) {
			if joinsBefore(text, floor, i) {
				return i, true
			}
			return i - 1, i > floor && (text[i-1] == '\\' || text[i-1] == ']') && halfDotAt(text, floor, i-1)
		}
		return i, i+1 < len(text) && text[i+1] == ']' && halfDotAt(text, floor, i)
	case ':':
		return i, slashes(text, i+1) == 2 && i > floor
	case '[':
		return i, dotJoint(text, floor, i) > 0 || i > floor && bracketedColon(text, i) > 0 || halfDotAt(text, floor, i)
	case '(', '{':
		return i, dotJoint(text, floor, i) > 0
	case 0x80:
		return candidatePunctuation(text, floor, i-1)
	case 0xF0:
		return i, false
	}
	return candidateWide(text, floor, i)
}

// candidatePunctuation is candidate for the characters of which 0x80 is the
// middle byte; i is where the character begins. Characters are told apart by
// their bytes, since Chinese text comes here twenty times in a kilobyte.
func candidatePunctuation(text string, floor, i int) (int, bool) {
	if i < floor || i+2 >= len(text) {
		return i, false
	}
	switch uint16(text[i])<<8 | uint16(text[i+2]) {
	case 0xE382, 0xE2A4: // 。․
		return i, endsHost(text, i+3) && joinsBefore(text, floor, i)
	case 0xE390, 0xE394: // 【〔
		return i, dotJoint(text, floor, i) > 0
	}
	return i, false
}

// candidateWide is candidate for the full-width forms.
func candidateWide(text string, floor, i int) (int, bool) {
	if i+2 >= len(text) {
		return i, false
	}
	switch uint16(text[i+1])<<8 | uint16(text[i+2]) {
	case 0xBC8E, 0xBDA1, 0xB992: // ．｡﹒
		return i, endsHost(text, i+3) && joinsBefore(text, floor, i)
	case 0xBC9A: // ：
		return i, i > floor && slashes(text, i+3) > 1
	case 0xBC88, 0xBCBB, 0xBD9B: // （［｛
		return i, dotJoint(text, floor, i) > 0
	}
	return i, false
}

// endsHost says whether the last label of a host can begin at i: with two
// letters, or a rune that joins. The other dots of a host need not be found
// first, since a run is read from its beginning; so the numbers and
// abbreviations of a sentence cost no more than this.
func endsHost(text string, i int) bool {
	if i+1 >= len(text) {
		return false
	}
	if text[i] < utf8.RuneSelf {
		return letter(text[i]) && (letter(text[i+1]) || text[i+1] >= utf8.RuneSelf)
	}
	if han(text[i]) {
		return false
	}
	r, _ := runeAt(text, i)
	return joins(r)
}

// slashes returns the length of the two slashes at i, full-width ones and
// backslashes included, or 0.
func slashes(s string, i int) int {
	n := 0
	for range 2 {
		rest := s[i+n:]
		switch {
		case rest != "" && (rest[0] == '/' || rest[0] == '\\'):
			n++
		case strings.HasPrefix(rest, wideSlash):
			n += len(wideSlash)
		default:
			return 0
		}
	}
	return n
}

// runStart returns where the run begins that holds place.
func runStart(text string, floor, place int) int {
	i := place
	if blanks := blanksBefore(text, floor, i); blanks > 0 && dotJoint(text, floor, place) > 0 {
		i -= blanks
	}
	for i > floor {
		b := text[i-1]
		if b < utf8.RuneSelf {
			if !runByte(b) {
				break
			}
			i--
			continue
		}
		r, n := utf8.DecodeLastRuneInString(text[floor:i])
		if !joins(r) {
			break
		}
		i -= n
	}
	return i
}

// runEnd returns where the run ends that begins at start, and whether it shows
// signs of a disguise.
func runEnd(text string, start int, labels *Labels) (end int, disguised bool) {
	for i := start; i < len(text); {
		b := text[i]
		if b >= utf8.RuneSelf {
			n := wideInRun(text, start, i)
			if n == 0 || fullStop(text, i) > 0 && spaceBehind(text, i+n-1) {
				if host, ok := labels.spelled(text, start, i); ok {
					n = host.end - i
				}
			}
			if n == 0 {
				return i, disguised
			}
			disguised = true
			i += n
			continue
		}
		switch b {
		case ' ', '(', '[', '{':
			if next := joint(text, start, i); next > 0 {
				disguised = true
				i = next
				continue
			}
		}
		if b == ' ' || b == '.' && spaceBehind(text, i) {
			if host, ok := labels.spelled(text, start, i); ok {
				disguised = true
				i = host.end
				continue
			}
		}
		if !runByte(b) {
			return i, disguised
		}
		disguised = disguised || oddByte(text, start, i)
		i++
	}
	return len(text), disguised
}

// oddByte says whether an ASCII byte of a run is a sign of a disguised scheme.
func oddByte(text string, start, i int) bool {
	switch text[i] {
	case ':':
		return strings.HasPrefix(text[i+1:], "//") && !endsInScheme(text[start:i])
	case '.', ']', '(':
		return oddHalf(text, start, i)
	case '[':
		return bracketedColon(text, i) > 0 || oddHalf(text, start, i)
	case '\\':
		return i > start && text[i-1] == ':' || oddHalf(text, start, i)
	case '_':
		return i+1 < len(text) && text[i+1] == '_'
	case '%':
		return escapedSeparator(text, i)
	}
	return false
}

// wideInRun returns the length of the non-ASCII character at i if it continues
// the run that begins at start, and 0 if it ends it.
func wideInRun(text string, start, i int) int {
	r, n := runeAt(text, i)
	switch r {
	case ideographicDot, '｡':
		if endsSentence(text, start, i, i+n) {
			return 0
		}
		return n
	case '：':
		if slashes(text, i+n) == 0 {
			return 0
		}
		return n
	case '【', '〔', '（', '［', '｛':
		if next := joint(text, start, i); next > 0 {
			return next - i
		}
		return 0
	}
	if !joins(r) {
		return 0
	}
	return n
}

// joint returns where a run goes on behind a bracketed dot or a spaced scheme
// that begins at i, or 0.
func joint(text string, start, i int) int {
	if next := dotJoint(text, start, i); next > 0 {
		return next
	}
	if text[i] == ' ' {
		return schemeJoint(text, start, i)
	}
	return 0
}
