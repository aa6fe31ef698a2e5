package privacy

import (
	"strings"
	"unicode/utf8"
)

// longestWord is the length from which a word of letters and digits is taken
// for encoded content rather than for a name of ours. A SHA-256 in hexadecimal
// is just that long and stays.
const longestWord = 64

// pieceEnds are the marks between which a word's parts are judged each by itself.
const pieceEnds = ",;|=(){}[]<>:"

// tokenSpans finds what must go among the words of a text.
func tokenSpans(spans []span, s string) []span {
	for i := 0; i < len(s); {
		if isSpace(s[i]) {
			i++
			continue
		}
		start := i
		for i < len(s) && !isSpace(s[i]) {
			i++
		}
		spans = tokenSpan(spans, s, start, i)
	}
	return spans
}

// tokenSpan judges one word between spaces.
func tokenSpan(spans []span, s string, start, end int) []span {
	start, end = trimPunctuation(s, start, end)
	token := s[start:end]
	switch {
	case token == "":
		return spans
	case isForeign(token), isEscaped(token), isDisguised(token):
		return append(spans, span{start, end})
	}
	if at := strings.Index(token, "://"); at >= 0 {
		return addressSpan(spans, s, start, start+at, end)
	}
	return partSpans(spans, s, start, end)
}

// partSpans judges the parts of a word, first those between commas and their
// like, where a part may be an IP address with colons and brackets, then the
// pieces of what is none.
func partSpans(spans []span, s string, start, end int) []span {
	for i := start; i < end; {
		next := strings.IndexAny(s[i:end], ",;|=(){}<>")
		if next < 0 {
			next = end - i
		}
		if addr, ok := parseHostAddr(s[i : i+next]); !ok {
			spans = pieceSpans(spans, s, i, i+next)
		} else if !isLocal(addr) {
			if i > 0 && s[i-1] == '[' {
				i-- // taken for punctuation before the word
				next++
			}
			spans = append(spans, span{i, i + next})
		}
		i += next + 1
	}
	return spans
}

// pieceSpans judges what stands between any punctuation.
func pieceSpans(spans []span, s string, start, end int) []span {
	for i := start; i < end; {
		next := strings.IndexAny(s[i:end], pieceEnds)
		if next < 0 {
			next = end - i
		}
		if from, to := trimPunctuation(s, i, i+next); from < to && mustGo(s[from:to], s[:from], s[i+next:]) {
			spans = append(spans, span{from, to})
		}
		i += next + 1
	}
	return spans
}

// mustGo says whether one part of a word may name a person, a page, a place in
// a file system or a host. before and after are what stands around it.
func mustGo(piece, before, after string) bool {
	for i := range len(piece) {
		switch piece[i] {
		case '@':
			if i+1 < len(piece) && (isAlnum(piece[i+1]) || piece[i+1] == '_') {
				return true
			}
		case '#':
			if i+1 < len(piece) && (isLetter(piece[i+1]) || piece[i+1] == '_') {
				return true
			}
		case '\\':
			return true
		}
	}
	switch {
	case isSource(piece):
		return false
	case strings.Contains(piece, "/"):
		return isPath(piece)
	case strings.Contains(piece, "."):
		return isHostOrFile(piece, before, after)
	}
	return len(piece) > longestWord && !isHex(piece)
}

// isForeign reports a character outside printable ASCII but for the few that
// our own messages use.
func isForeign(token string) bool {
	for i := 0; i < len(token); {
		if c := token[i]; c < utf8.RuneSelf {
			if c < ' ' || c == 0x7f {
				return true
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(token[i:])
		switch r {
		case 'µ', '–', '—', '…', '→', '×', '≤', '≥', '’', '”':
		default:
			return true
		}
		i += size
	}
	return false
}

// isEscaped reports bytes or characters in an escaped form, which hide text.
func isEscaped(token string) bool {
	percents := 0
	for i := range len(token) {
		switch {
		case token[i] == '%' && i+2 < len(token) && isHex(token[i+1:i+3]):
			percents++
		case token[i] == '\\' && i+3 < len(token) && (token[i+1]|0x20 == 'u' || token[i+1]|0x20 == 'x') && isHex(token[i+2:i+4]):
			return true
		case token[i] == '&' && i+2 < len(token) && token[i+1] == '#':
			return true
		}
	}
	return percents > 0
}

// isDisguised reports a dot or an at written out in brackets.
func isDisguised(token string) bool {
	if !strings.ContainsAny(token, "[({") {
		return false
	}
	lower := strings.ToLower(token)
	for _, mark := range []string{"[.", ".]", "(.)", "{.}", "[dot]", "(dot)", "{dot}", "[at]", "(at)", "{at}", "[/]", "[:"} {
		if strings.Contains(lower, mark) && !strings.Contains(lower, "[::") {
			return true
		}
	}
	return false
}

func isHex(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) && (s[i]|0x20 < 'a' || s[i]|0x20 > 'f') {
			return false
		}
	}
	return s != ""
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// trimPunctuation leaves out what a sentence puts around a word.
func trimPunctuation(s string, start, end int) (from, to int) {
	for start < end && strings.IndexByte("([{<,;:!?.", s[start]) >= 0 {
		if rest := s[start:end]; strings.HasPrefix(rest, "../") || strings.HasPrefix(rest, "./") || strings.HasPrefix(rest, "://") {
			break
		}
		start++
	}
	for start < end && strings.IndexByte(")]}>,;:!?.%", s[end-1]) >= 0 {
		end--
	}
	return start, end
}

// lastWord gives the word that ends a text, without what joins it to the next.
func lastWord(s string) string {
	s = strings.TrimRight(s, " =:#(\t")
	start := len(s)
	for start > 0 && isLetter(s[start-1]) {
		start--
	}
	return s[start:]
}
