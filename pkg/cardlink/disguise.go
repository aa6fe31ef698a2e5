package cardlink

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

// maxBlanks is how many spaces and invisible characters may stand on one side
// of a bracketed dot.
const maxBlanks = 3

// maxHost is the length of the longest host name.
const maxHost = 253

// blanksAt returns the length of the spaces and invisible characters at i, as
// far as they are looked at.
func blanksAt(s string, i int) int {
	n := 0
	for range maxBlanks {
		if i+n >= len(s) {
			break
		}
		if s[i+n] == ' ' {
			n++
			continue
		}
		if s[i+n] < 0x80 || han(s[i+n]) {
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

// blanksBefore is blanksAt for those that end at i and do not begin before floor.
func blanksBefore(s string, floor, i int) int {
	begin := i
	for range maxBlanks {
		r, size := utf8.DecodeLastRuneInString(s[floor:begin])
		if r != ' ' && !invisible(r) {
			break
		}
		begin -= size
	}
	return i - begin
}

// dotJoint returns where a host goes on behind the bracketed dot at i, which
// may have blanks around it, or 0 if there is none or nothing of a host on one
// of its sides.
func dotJoint(s string, floor, i int) int {
	end := bracketedDot(s, i+blanksAt(s, i))
	if end == 0 || !joinsBefore(s, floor, i-blanksBefore(s, floor, i)) {
		return 0
	}
	end += blanksAt(s, end)
	if !joinsAt(s, end) {
		return 0
	}
	return end
}

// bracketedDot returns the end of the bracketed dot that begins at i: a dot, or
// a word for it, in a pair of brackets. It is 0 if there is none.
func bracketedDot(s string, i int) int {
	closing, n := brackets(s, i)
	if n == 0 {
		return 0
	}
	i += n
	i += blanksAt(s, i)
	if n = dotWord(s, i); n == 0 {
		return 0
	}
	i += n
	i += blanksAt(s, i)
	if !strings.HasPrefix(s[i:], closing) {
		return 0
	}
	return i + len(closing)
}

// brackets returns the length of the opening bracket at i, or 0, and the
// bracket that closes it.
func brackets(s string, i int) (closing string, n int) {
	if i >= len(s) {
		return "", 0
	}
	switch s[i] {
	case '[':
		return "]", 1
	case '(':
		return ")", 1
	case '{':
		return "}", 1
	case "【"[0], "（"[0]:
	default:
		return "", 0
	}
	switch s[i:min(i+3, len(s))] {
	case "【":
		return "】", 3
	case "〔":
		return "〕", 3
	case "（":
		return "）", 3
	case "［":
		return "］", 3
	case "｛":
		return "｝", 3
	}
	return "", 0
}

// dotWord returns the length of the dot, or the word for it, at i, or 0.
func dotWord(s string, i int) int {
	if i >= len(s) {
		return 0
	}
	switch b := s[i]; {
	case b == '.':
		return 1
	case b < 0x80:
		return spelledWord(s, i, "dot")
	}
	switch s[i:min(i+3, len(s))] {
	case "。", "．", "｡", "﹒", "․", "點", "点":
		return 3
	}
	return styledWord(s, i, "dot")
}

// schemeJoint returns where a run goes on behind the blanks at i if a scheme
// stands before them and a host with a public suffix after them, or 0.
func schemeJoint(s string, start, i int) int {
	before := s[start:i]
	if !strings.HasSuffix(before, "//") && !strings.HasSuffix(before, `\\`) && !strings.HasSuffix(before, "//]") {
		return 0
	}
	host := i + blanksAt(s, i)
	end := host
	for end < len(s) && end-host <= maxHost && s[end] < 0x80 && hostByte(s[end]) {
		end++
	}
	if end == host || dotJoint(s, host, end) == 0 && !bareHost(strings.TrimRight(s[host:end], ".-_")) {
		return 0
	}
	return host
}

// bracketedColon returns the length of the bracketed colon of a scheme at i,
// with the slashes behind or inside it, or 0.
func bracketedColon(s string, i int) int {
	for _, form := range [...]string{"[:]//", `[:]\\`, "[://]"} {
		if strings.HasPrefix(s[i:], form) {
			return len(form)
		}
	}
	return 0
}

// escapedSeparator says whether "://" stands escaped at i.
func escapedSeparator(s string, i int) bool {
	const escaped = "%3A%2F%2F"
	return len(s)-i >= len(escaped) && strings.EqualFold(s[i:i+len(escaped)], escaped)
}

// endsSentence says whether the ideographic full stop between i and next ends
// a sentence, or else is a dot of a host. It is a dot where letters and digits
// stand on both sides, the host before it is not complete, and what follows
// does not look like the first word of a sentence.
func endsSentence(s string, start, i, next int) bool {
	if !joinsBefore(s, start, i) || !joinsAt(s, next) {
		return true
	}
	if titled(s[next:]) {
		return true
	}
	host := i
	for host > start && hostByte(s[host-1]) {
		if i-host > maxHost {
			return true
		}
		host--
	}
	if host > start && s[host] != '.' && !opensHost(s[start:host]) {
		return true
	}
	before := fold(s[host:i])
	// Whatever the label in front of a disguised dot is, it counts as one.
	switch {
	case s[host] == '.':
		before = "x" + before
	case disguisedDotBefore(s, start, host):
		before = "x." + before
	}
	return bareHost(before) && !longerSuffix(before, s[next:])
}

// disguisedDotBefore says whether a bracketed dot, or one with half a bracket, ends at i.
func disguisedDotBefore(s string, start, i int) bool {
	last := len(strings.TrimRight(s[start:i], " ")) + start - 1
	if last < start || s[last] < utf8.RuneSelf && strings.IndexByte(")]}", s[last]) < 0 {
		return false
	}
	for at := i - 1; at > start && i-at <= maxDotForm; at-- {
		if dotJoint(s, start, at) == i {
			return true
		}
	}
	return i-2 > start && halfDotAt(s, start, i-2)
}

// longerSuffix says whether a host and the first label of what follows it end
// in a public suffix of several labels, as com and hk do.
func longerSuffix(host, next string) bool {
	end := 0
	for end < len(next) && end <= maxLabel && (alphanumeric(next[end]) || next[end] == '-') {
		end++
	}
	suffix, icann := publicsuffix.PublicSuffix(strings.ToLower(host + "." + next[:end]))
	return icann && strings.IndexByte(suffix, '.') >= 0
}

// titled says whether a string begins with a word as a sentence does: a
// capital, then a small letter.
func titled(s string) bool { return len(s) > 1 && capital(s[0]) && letter(s[1]) && !capital(s[1]) }

// beforeSentence returns a host as typed without the word behind its last dot
// if that begins the next sentence: it has a capital, which no other label
// has, and the host is complete without it.
func beforeSentence(host string) string {
	dot := strings.LastIndexByte(host, '.')
	if dot < 0 || !titled(host[dot+1:]) || strings.IndexFunc(host[:dot], unicode.IsUpper) >= 0 || !bareHost(host[:dot]) {
		return host
	}
	return host[:dot]
}

// opensHost says whether a host can follow what stands in s: two slashes, or
// punctuation that is not part of a path or query.
func opensHost(s string) bool {
	// In a run spaces stand beside a bracketed dot, a scheme and a spelled dot.
	if s = strings.TrimRight(s, " "); s == "" {
		return false
	}
	switch s[len(s)-1] {
	case '/', '\\':
		return len(s) == 1 || slashBefore(s, 0, len(s)-1)
	case '(', '[', '\'', '*', ':', ',', ';', '!', ']', ')', '}':
		return true
	}
	return false
}

// fold returns s with the characters replaced that stand for ASCII ones.
func fold(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		_, n := runeAt(s, i)
		if plain := ascii(s[i:i+n], r); plain != "" {
			b.WriteString(plain)
		} else if !invisible(r) {
			b.WriteString(s[i : i+n])
		}
	}
	return b.String()
}
