package redirect

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// statement is the beginning of a statement that sets location, up to the quotation
// mark of the string.
var statement = regexp.MustCompile(`(?:^|[^\w$.])(?:(?:window|document|self|top|parent)\s*\.\s*)*location\s*(?:(?:\.\s*href\s*)?=|\.\s*(?:replace|assign)\s*\()\s*["']`)

// scripted lists the strings that a script sets location to, by location = "...",
// location.href = "...", location.replace("...") and location.assign("..."). A
// string that is put together with others is left out.
func scripted(script string) []string {
	var refs []string
	for _, at := range statement.FindAllStringIndex(script, -1) {
		ref, rest, ok := literal(script[at[1]-1:])
		if rest = strings.TrimLeft(rest, " \t"); !ok || ref == "" || rest != "" && !strings.ContainsRune(");}\r\n", rune(rest[0])) {
			continue
		}
		refs = append(refs, ref)
	}
	return refs
}

// literal reads the string of JavaScript that s begins with, with its quotation mark,
// and what stands behind it.
func literal(s string) (text, rest string, ok bool) {
	quote := s[0]
	var b strings.Builder
	for i := 1; i < len(s); {
		switch c := s[i]; c {
		case quote:
			return b.String(), s[i+1:], true
		case '\n', '\r':
			return "", "", false
		case '\\':
			n, ok := escape(&b, s[i+1:])
			if !ok {
				return "", "", false
			}
			i += 1 + n
		default:
			b.WriteByte(c)
			i++
		}
	}
	return "", "", false
}

// escape reads what stands behind a backslash and says how long it is.
func escape(b *strings.Builder, s string) (n int, ok bool) {
	if s == "" {
		return 0, false
	}
	switch c := s[0]; c {
	case 'x':
		r, n, ok := hex(s[1:], 2)
		b.WriteRune(r)
		return 1 + n, ok
	case 'u':
		r, n, ok := unit(s)
		if low, m, pair := unit(strings.TrimPrefix(s[n:], `\`)); ok && pair && utf16.IsSurrogate(r) && strings.HasPrefix(s[n:], `\u`) {
			if whole := utf16.DecodeRune(r, low); whole != utf8.RuneError {
				r, n = whole, n+1+m
			}
		}
		b.WriteRune(r)
		return n, ok
	case '\r', '\n': // the string goes on in the next line
		if strings.HasPrefix(s, "\r\n") {
			return 2, true
		}
		return 1, true
	default:
		if plain := strings.IndexByte("nrtbfv0", c); plain >= 0 {
			c = "\n\r\t\b\f\v\x00"[plain]
		}
		b.WriteByte(c)
		return 1, true
	}
}

// unit reads a code unit, u0041 or u{41}, and says how long it is.
func unit(s string) (r rune, n int, ok bool) {
	if !strings.HasPrefix(s, "u") {
		return 0, 0, false
	}
	if braced, is := strings.CutPrefix(s[1:], "{"); is {
		end := strings.IndexByte(braced, '}')
		if end < 1 || end > 6 {
			return 0, 0, false
		}
		r, _, ok = hex(braced, end)
		return r, end + 3, ok
	}
	r, n, ok = hex(s[1:], 4)
	return r, 1 + n, ok
}

// hex reads n hexadecimal digits.
func hex(s string, n int) (rune, int, bool) {
	if len(s) < n {
		return 0, 0, false
	}
	r, err := strconv.ParseUint(s[:n], 16, 32)
	return rune(r), n, err == nil
}
