package privacy

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// mostPasses bounds how often a text is gone over. What one pass takes out can
// leave a shape that the next one knows; two passes nearly always do.
const mostPasses = 8

// Scrub takes out of a text what may say something of a person: addresses of
// pages (loopback hosts stay, paths and queries never do), hosts, file paths
// and names, handles, hashtags, mail addresses, phone and identity numbers,
// long numbers without a word that explains them, characters apart from each
// other, spelled mail addresses, quoted input, escaped bytes, and every word with a letter outside ASCII. Each becomes [redacted]. Plain
// words, counts, ports, offsets, durations, times, hashes and keyed ids stay.
//
// It fails towards silence: what it cannot tell from an address or a phone
// number goes. A name in plain Latin letters it cannot know, see the package
// comment. Scrubbing twice changes nothing more. A plain text costs about a
// nanosecond a byte and no allocation.
func Scrub(s string) string {
	if isPlain(s) && !mayBeSpelled(s) {
		return s
	}
	for range mostPasses {
		scrubbed := scrubOnce(s)
		if scrubbed == s {
			return s
		}
		s = scrubbed
	}
	return redacted
}

// scrubOnce goes over a text once.
func scrubOnce(s string) string {
	r := redaction{text: s}
	for at := 0; at < len(s); {
		start, inside, end := nextOpaque(s[at:])
		r.segment(at, at+start)
		r.opaque(at+start, at+inside, at+end)
		at += end
	}
	return r.result()
}

// redaction is a text of which parts are replaced from left to right.
type redaction struct {
	text string
	out  strings.Builder
	done int
}

// replace puts the mark in place of a part, unless it stands there already.
func (r *redaction) replace(start, end int) {
	if start >= end || r.text[start:end] == redacted {
		return
	}
	r.out.WriteString(r.text[r.done:start])
	r.out.WriteString(redacted)
	r.done = end
}

func (r *redaction) result() string {
	if r.done == 0 {
		return r.text
	}
	r.out.WriteString(r.text[r.done:])
	return r.out.String()
}

// segment replaces what must go in a part without quotations.
func (r *redaction) segment(start, end int) {
	var room [8]span
	spans := tokenSpans(room[:0], r.text[start:end])
	spans = numberSpans(spans, r.text[start:end])
	spans = spreadSpans(spans, r.text[start:end])
	spans = spelledSpans(spans, r.text[start:end])
	for _, next := range mergeSpans(spans, r.text[start:end]) {
		r.replace(start+next.start, start+next.end)
	}
}

// opaque replaces what is quoted, leaving the quotes.
func (r *redaction) opaque(start, inside, end int) {
	opening, rest := r.text[start:inside], r.text[inside:end]
	switch last, size := utf8.DecodeLastRuneInString(rest); {
	case opening == "" || rest == "":
	case len(opening) == 1 && rest[len(rest)-1] == opening[0]:
		end--
	case closingQuote(firstRune(opening)) == string(last):
		end -= size
	}
	r.replace(inside, end)
}

// isPlain reports whether a text has nothing that any rule looks at.
func isPlain(s string) bool {
	digits, word := 0, 0
	for i := range len(s) {
		if word++; word > longestWord {
			return false
		}
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case c == ' ':
			word = 0
		case '0' <= c && c <= '9':
			if digits++; digits >= 6 || i > 0 && 'A' <= s[i-1] && s[i-1] <= 'Z' {
				return false
			}
		case c == ',' || c == '-' || c == '_' || c == '(' || c == ')' || c == ';' || c == '=':
		default:
			return false
		}
	}
	return true
}

// nextOpaque finds the next stretch that is not looked into: something quoted,
// or a mark that scrubbing left. It begins at start with an opening quote up to
// inside and ends before end; start is len(s) if there is none.
func nextOpaque(s string) (start, inside, end int) {
	for i := 0; i < len(s); {
		if strings.HasPrefix(s[i:], redacted) {
			return i, i, i + len(redacted)
		}
		size := 1
		closing := ""
		switch c := s[i]; {
		case c == '"' || c == '`':
			closing = s[i : i+1]
		case c == '\'':
			if i == 0 || !isAlnum(s[i-1]) {
				closing = "'"
			}
		case c >= utf8.RuneSelf:
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			closing = closingQuote(r)
		}
		if closing != "" {
			return i, i + size, i + size + quoteEnd(s[i+size:], closing)
		}
		if marker := quoteMarker(s[i:]); marker > 0 {
			return i, i + marker, i + marker + lineEnd(s[i+marker:])
		}
		i += size
	}
	return len(s), len(s), len(s)
}

// closingQuote gives what ends a quotation that a rune outside ASCII opens.
func closingQuote(r rune) string {
	switch r {
	case '“', '„', '‟':
		return "”"
	case '‘', '‚':
		return "’"
	case '«':
		return "»"
	case '「':
		return "」"
	case '『':
		return "』"
	case '《':
		return "》"
	case '〈':
		return "〉"
	}
	return ""
}

// quoteMarker gives the length of words after which ClickHouse prints the input
// it could not read up to the end of the line, or 0.
func quoteMarker(s string) int {
	for _, marker := range []string{"before: ", "parsed text: "} {
		if strings.HasPrefix(s, marker) {
			return len(marker)
		}
	}
	return 0
}

// quoteEnd gives the length of what is quoted with its closing quote; without
// one, everything is quoted.
func quoteEnd(s, closing string) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && closing != "`" {
			i++
			continue
		}
		if !strings.HasPrefix(s[i:], closing) {
			continue
		}
		after := i + len(closing)
		if closing == "'" && after < len(s) && isAlnum(s[after]) {
			continue // an apostrophe inside the quotation
		}
		return after
	}
	return len(s)
}

func lineEnd(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// span is a part of a segment that is to be redacted.
type span struct{ start, end int }

// mergeSpans sorts spans and joins those that overlap, touch, or have only a
// space between them.
func mergeSpans(spans []span, s string) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	merged := spans[:0]
	for _, next := range spans {
		if n := len(merged); n > 0 {
			last := &merged[n-1]
			if next.start <= last.end || s[last.end:next.start] == " " {
				last.end = max(last.end, next.end)
				continue
			}
		}
		merged = append(merged, next)
	}
	return merged
}

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
