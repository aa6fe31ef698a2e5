package gateway

import "strings"

type tokenKind uint8

const (
	tokenWord tokenKind = iota + 1
	tokenSemicolon
	tokenOther
)

// lexer cuts a text into tokens by ClickHouse's rules for strings, quoted names
// and comments.
type lexer struct {
	text       string
	pos        int
	kind       tokenKind
	start, end int
	before     int // where the token before this one began
}

func (l *lexer) token() string { return l.text[l.start:l.end] }

// next moves to the next token; comments and blanks are none.
func (l *lexer) next() bool {
	l.skipBlanks()
	if l.pos >= len(l.text) {
		return false
	}
	l.before, l.start = l.start, l.pos
	c := l.text[l.pos]
	switch {
	case c == '\'' || c == '"' || c == '`':
		l.kind = tokenOther
		l.quoted(c)
	case c == '$' && l.heredoc():
		l.kind = tokenOther
	case strings.HasPrefix(l.text[l.pos:], "\u2018"):
		l.kind = tokenOther
		l.skipTo("\u2019", len("\u2018"))
	case strings.HasPrefix(l.text[l.pos:], "\u201c"):
		l.kind = tokenOther
		l.skipTo("\u201d", len("\u201c"))
	case isWordByte(c):
		l.kind = tokenWord
		for l.pos < len(l.text) && isWordByte(l.text[l.pos]) {
			l.pos++
		}
	case c == ';':
		l.kind = tokenSemicolon
		l.pos++
	default:
		l.kind = tokenOther
		l.pos++
	}
	l.end = l.pos
	return true
}

func (l *lexer) skipBlanks() {
	for l.pos < len(l.text) {
		rest := l.text[l.pos:]
		switch {
		case strings.IndexByte(" \t\n\r\f\v", rest[0]) >= 0:
			l.pos++
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "#!"), strings.HasPrefix(rest, "# "):
			l.skipTo("\n", 1)
		case strings.HasPrefix(rest, "/*"):
			l.skipTo("*/", 2)
		default:
			return
		}
	}
}

// skipTo moves behind the next end, which begins at least from bytes on.
func (l *lexer) skipTo(end string, from int) {
	i := strings.Index(l.text[min(l.pos+from, len(l.text)):], end)
	if i < 0 {
		l.pos = len(l.text)
		return
	}
	l.pos = min(l.pos+from, len(l.text)) + i + len(end)
}

// quoted moves behind a string or a quoted name. A doubled quote reads as the
// end of one and the beginning of the next, which comes to the same.
func (l *lexer) quoted(quote byte) {
	for l.pos++; l.pos < len(l.text); l.pos++ {
		switch l.text[l.pos] {
		case '\\':
			l.pos++
		case quote:
			l.pos++
			return
		}
	}
	l.pos = len(l.text)
}

// heredoc moves behind $tag$ ... $tag$, if one begins here.
func (l *lexer) heredoc() bool {
	i := l.pos + 1
	for i < len(l.text) && l.text[i] < 0x80 && isWordByte(l.text[i]) && l.text[i] != '$' {
		i++
	}
	if i >= len(l.text) || l.text[i] != '$' {
		return false
	}
	tag := l.text[l.pos : i+1]
	length := strings.Index(l.text[i+1:], tag)
	if length < 0 {
		return false
	}
	l.pos = i + 1 + length + len(tag)
	return true
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
