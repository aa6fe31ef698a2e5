package cardlink

import (
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// schemeLength is the number of letters of "http", with or without an s.
const schemeLength = 4

// mendSchemes is the step scheme: every form of http:// becomes that.
func mendSchemes(v *view) {
	const tag = doxtrailv1.LinkDisguise_LINK_DISGUISE_SCHEME
	s := string(v.bytes)
	kept := 0
	for i := 0; i < len(s); i++ {
		sep, end := oddScheme(s, i)
		if end == 0 {
			continue
		}
		v.keep(kept, i)
		name := "https"[:sep-i]
		for k := range name {
			v.put(name[k:k+1], i+k, i+k+1, tag)
		}
		v.put("://", sep, end, tag)
		kept = end
		if s[sep] == '%' {
			kept = unescapeRest(v, s, end)
		}
		i = kept - 1
	}
	v.keep(kept, len(s))
}

// oddScheme returns where the separator begins and ends of a scheme at i that
// is not just http:// or https://, or zeros.
func oddScheme(s string, i int) (sep, end int) {
	if i+schemeLength >= len(s) || s[i]|0x20 != 'h' || s[i+3]|0x20 != 'p' {
		return 0, 0
	}
	sep = i + schemeLength
	if s[sep]|0x20 == 's' {
		if n, _ := separator(s, sep+1); n > 0 {
			sep++
		}
	}
	n, odd := separator(s, sep)
	if n == 0 {
		return 0, 0
	}
	middle := strings.ToLower(s[i+1 : i+3])
	if middle != "tt" {
		// Any two characters, but not in the middle of a word, and a
		// separator that does not need the scheme to be one.
		if i > 0 && alphanumeric(s[i-1]) || strings.ContainsAny(middle, " /:") || s[sep] == '_' && middle != "xx" {
			return 0, 0
		}
		odd = true
	}
	if s[sep] == '%' && i > 0 && (alphanumeric(s[i-1]) || strings.IndexByte("=/?&#:%", s[i-1]) >= 0) {
		// A carrier's target, which is read with the carrier.
		return 0, 0
	}
	if !odd {
		return 0, 0
	}
	return sep, sep + n
}

// underscoredScheme returns the length of the scheme with two underscores at the
// beginning of a label as it was typed, or 0.
func underscoredScheme(label string) int {
	end := strings.IndexByte(label, '_') + 1
	if end == 0 {
		return 0
	}
	end += invisibleAt(label, end)
	if end >= len(label) || label[end] != '_' {
		return 0
	}
	end++
	end += invisibleAt(label, end)
	typed := fold(label[:end])
	if _, n := oddScheme(typed, 0); n < len(typed) {
		return 0
	}
	return end
}

// separator returns the length of what stands for "://" at i with the blanks
// behind it, or 0, and whether it is anything else than "://".
func separator(s string, i int) (n int, odd bool) {
	switch {
	case i >= len(s):
		return 0, false
	case s[i] == ':' && slashes(s, i+1) == 2:
		n, odd = 3, s[i+1] == '\\' || s[i+2] == '\\'
	case bracketedColon(s, i) > 0:
		n, odd = bracketedColon(s, i), true
	case strings.HasPrefix(s[i:], "__"):
		n, odd = 2, true
	case escapedSeparator(s, i):
		return len("%3A%2F%2F"), true
	default:
		return 0, false
	}
	if blanks := blanksAt(s, i+n); blanks > 0 {
		return n + blanks, true
	}
	return n, odd
}

// unescapeRest passes on an address that was escaped as a whole, from i to the
// end of the run, and returns where it ended. Escapes of what cannot stand in
// an address stay.
func unescapeRest(v *view, s string, i int) int {
	kept := i
	for ; i < len(s); i++ {
		b, ok := unescape(s, i)
		if !ok || b < 0x80 && !runByte(b) {
			continue
		}
		v.keep(kept, i)
		v.put(string([]byte{b}), i, i+3, doxtrailv1.LinkDisguise_LINK_DISGUISE_SCHEME)
		kept = i + 3
		i += 2
	}
	v.keep(kept, len(s))
	return len(s)
}

// unescape returns the byte that is escaped at i.
func unescape(s string, i int) (byte, bool) {
	if i+2 >= len(s) || s[i] != '%' || !hexDigit(s[i+1]) || !hexDigit(s[i+2]) {
		return 0, false
	}
	return nibble(s[i+1])<<4 | nibble(s[i+2]), true
}

func nibble(b byte) byte {
	if digit(b) {
		return b - '0'
	}
	return b | 0x20 - 'a' + 10
}

// schemeIn returns where http or https begins that ends a string, or -1.
func schemeIn(s string) int {
	if n := len(s); n > schemeLength && s[n-1]|0x20 == 's' {
		if strings.EqualFold(s[n-1-schemeLength:n-1], "http") {
			return n - 1 - schemeLength
		}
	}
	if n := len(s); n >= schemeLength && strings.EqualFold(s[n-schemeLength:], "http") {
		return n - schemeLength
	}
	return -1
}

// endsInScheme says whether a string ends in a scheme that needs no mending.
func endsInScheme(s string) bool {
	return schemeIn(s) >= 0 || telegramScheme(s)
}

// telegramScheme says whether a string ends in the scheme of Telegram's own
// links.
func telegramScheme(s string) bool {
	n := len(s)
	return n >= 2 && strings.EqualFold(s[n-2:], "tg") && (n == 2 || !alphanumeric(s[n-3]))
}
