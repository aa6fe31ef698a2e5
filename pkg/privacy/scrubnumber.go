package privacy

import "strings"

const (
	// phoneDigits is the least number of digits that may be a phone number, a
	// bank card or an identity number.
	phoneDigits = 8
	// plainDigits is the most digits that a number explained by a word beside
	// it may have.
	plainDigits = 12
)

// numberSpans finds identity numbers, phone numbers, bank cards and long
// numbers that no word explains, also where spaces or hyphens part them.
func numberSpans(spans []span, s string) []span {
	for i := 0; i < len(s); {
		if !isAlnum(s[i]) && s[i] != '+' {
			i++
			continue
		}
		if end := identityEnd(s[i:]); end > 0 {
			whole := widen(s, i, i+end)
			spans = append(spans, whole)
			i = whole.end
			continue
		}
		if kept := keptNumber(s, i); kept > 0 {
			i += kept
			continue
		}
		end, private := numberEnd(s, i)
		if private {
			whole := widen(s, i, end)
			spans = append(spans, whole)
			end = whole.end
		}
		i = end
	}
	return spans
}

// widen takes in what is joined to a number without punctuation between, since
// the rest of a name or path that holds a number is no better than the number.
func widen(s string, start, end int) span {
	for start > 0 && !isSpace(s[start-1]) && strings.IndexByte(pieceEnds, s[start-1]) < 0 {
		start--
	}
	for end < len(s) && !isSpace(s[end]) && strings.IndexByte(pieceEnds, s[end]) < 0 {
		end++
	}
	from, to := trimPunctuation(s, start, end)
	if s[end-1] == ')' {
		to = end // of an identity number's check character
	}
	return span{from, to}
}

// identityEnd gives the length of a Hong Kong identity number's shape at the
// beginning of a text, or 0: one or two letters, six digits (the last three may
// be masked), and perhaps a check character. Letters and digits may be apart
// only if the letters are capitals, since "at 123456" is no identity.
func identityEnd(s string) int {
	i, capitals := 0, true
	for i < 2 && i < len(s) && isLetter(s[i]) {
		capitals = capitals && s[i] <= 'Z'
		i++
	}
	if i == 0 || i < len(s) && isLetter(s[i]) {
		return 0
	}
	digits := 0
	for digits < 6 && i < len(s) {
		switch c := s[i]; {
		case isDigit(c), digits >= 3 && (c == 'X' || c == 'x' || c == '*'):
			digits++
		case capitals && (c == ' ' || c == '-') && i+1 < len(s) && isDigit(s[i+1]):
		default:
			return 0
		}
		i++
	}
	if digits < 6 {
		return 0
	}
	i += checkEnd(s[i:])
	if i < len(s) && isAlnum(s[i]) {
		return 0
	}
	return i
}

// checkEnd gives the length of a check character with what surrounds it, or 0.
func checkEnd(s string) int {
	trimmed := strings.TrimLeft(s, " -")
	skipped := len(s) - len(trimmed)
	switch {
	case skipped > 1 || trimmed == "":
		return 0
	case len(trimmed) >= 3 && trimmed[0] == '(' && isCheck(trimmed[1]) && trimmed[2] == ')':
		return skipped + 3
	case skipped == 0 && isCheck(trimmed[0]):
		return 1
	}
	return 0
}

func isCheck(c byte) bool {
	return isDigit(c) || c == 'A' || c == 'a' || c == 'X' || c == 'x' || c == '*'
}

// keptNumber gives the length of a keyed id, a hash or a date at i, or 0.
func keptNumber(s string, i int) int {
	if len(s)-i >= 36 && isUUID(s[i:i+36]) {
		return 36
	}
	if len(s)-i >= 10 && isDate(s[i:i+10]) {
		return 10
	}
	word := wordEnd(s, i)
	if n := word - i; n >= 16 && n <= longestWord && isHex(s[i:word]) && !isPlainWord(s[i:word]) {
		return n
	}
	return 0
}

func isUUID(s string) bool {
	return s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		isHex(s[:8]) && isHex(s[9:13]) && isHex(s[14:18]) && isHex(s[19:23]) && isHex(s[24:])
}

func isDate(s string) bool {
	return (s[:2] == "19" || s[:2] == "20") && s[4] == '-' && s[7] == '-' &&
		allDigits(s[2:4]) && allDigits(s[5:7]) && allDigits(s[8:10])
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func wordEnd(s string, i int) int {
	for i < len(s) && isAlnum(s[i]) {
		i++
	}
	return i
}

// numberEnd reads the word or number at i and says whether it must go.
func numberEnd(s string, i int) (end int, private bool) {
	if s[i] == '+' {
		end, digits := chainEnd(s, i+1, " -().", 1)
		if digits >= phoneDigits-1 {
			return wordEnd(s, end), true
		}
		return i + 1, false
	}
	end = wordEnd(s, i)
	if !allDigits(s[i:end]) {
		return end, longestDigits(s[i:end]) >= phoneDigits && !isMeasure(s[i:end])
	}
	if isFraction(s, i) {
		return end, false
	}
	if isDottedPhone(s, i, end) {
		return end + len(".0000"), true
	}
	if isPairedPhone(s, i, end) {
		return i + len("00 00 00 00"), true
	}
	chain, digits := chainEnd(s, i, " -", 3)
	if digits < phoneDigits || digits <= plainDigits && isExplained(s, i, chain) {
		return max(end, chain), false
	}
	return max(wordEnd(s, chain), end), true
}

// chainEnd reads groups of digits that single separators part, each of at least
// shortest digits.
func chainEnd(s string, i int, separators string, shortest int) (end, digits int) {
	end = i
	for i < len(s) {
		group := i
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		if i-group < shortest || i < len(s) && isLetter(s[i]) && digits > 0 {
			break
		}
		digits += i - group
		end = i
		skipped := 0
		for i < len(s) && skipped < len(separators)-1 && strings.IndexByte(separators, s[i]) >= 0 {
			i++
			skipped++
		}
		if skipped == 0 {
			break
		}
	}
	return end, digits
}

// isFraction reports digits after a decimal point.
func isFraction(s string, i int) bool {
	return i >= 2 && s[i-1] == '.' && isDigit(s[i-2])
}

// isDottedPhone tells 9123.4567 from a decimal fraction.
func isDottedPhone(s string, i, end int) bool {
	after := end + len(".0000")
	return end-i == 4 && s[i] >= '2' && after <= len(s) && s[end] == '.' && allDigits(s[end+1:after]) &&
		(after == len(s) || !isAlnum(s[after])) && !isExplained(s, i, after)
}

// isPairedPhone knows 91 23 45 67, with whatever one separator a phone number has.
func isPairedPhone(s string, i, end int) bool {
	last := i + len("00 00 00 00")
	if end-i != 2 || s[i] < '2' || last > len(s) || last < len(s) && isAlnum(s[last]) || strings.IndexByte(" -.", s[end]) < 0 {
		return false
	}
	for pair := i + 3; pair < last; pair += 3 {
		if s[pair-1] != s[end] || !allDigits(s[pair:pair+2]) {
			return false
		}
	}
	return !isExplained(s, i, last)
}

// isExplained says whether the words beside a number say that it is a count, a
// place in a file or a measure.
func isExplained(s string, start, end int) bool {
	switch strings.ToLower(lastWord(s[:start])) {
	case "offset", "byte", "bytes", "row", "rows", "line", "record", "records", "count", "port", "seq", "sequence",
		"size", "position", "index", "ordinal", "column", "code", "generation", "limit", "total", "posts", "links":
		return true
	}
	after := strings.TrimLeft(s[end:], " ")
	return isUnit(after[:wordEnd(after, 0)])
}

// isMeasure accepts a number with its unit, like 12345678ms.
func isMeasure(word string) bool {
	digits := 0
	for digits < len(word) && isDigit(word[digits]) {
		digits++
	}
	return digits > 0 && digits <= plainDigits && isUnit(word[digits:])
}

func isUnit(word string) bool {
	switch strings.ToLower(word) {
	case "b", "kb", "mb", "gb", "kib", "mib", "gib", "ns", "us", "ms", "s", "m", "h",
		"bytes", "rows", "records", "posts", "links", "lines", "files", "messages", "batches", "sightings", "seconds":
		return true
	}
	return false
}

func longestDigits(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if run++; !isDigit(s[i]) {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
