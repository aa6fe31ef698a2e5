package cardlink

import (
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// halfDot returns the length of the dot at i with one square bracket beside it
// whose other one is missing, or with a backslash in front, and the step that
// undoes it; 0 if there is none, or nothing of a host on one of its sides.
func halfDot(s string, floor, i int) (n int, disguise doxtrailv1.LinkDisguise) {
	if i+3 >= len(s) {
		return 0, 0
	}
	disguise = doxtrailv1.LinkDisguise_LINK_DISGUISE_HALF_BRACKET
	switch s[i : i+2] {
	case `\.`:
		disguise = doxtrailv1.LinkDisguise_LINK_DISGUISE_BACKSLASH_DOT
	case "[.", ".]", "].":
	default:
		return 0, 0
	}
	switch {
	case !joinsBefore(s, floor, i) || !endsHost(s, i+2),
		s[i] == '[' && closes(s, i+2),
		(s[i] == ']' || s[i+1] == ']') && opened(s, floor, i):
		return 0, 0
	}
	return 2, disguise
}

// maxBracketed is how far the other bracket of a pair is looked for.
const maxBracketed = maxHost

// closes says whether a square bracket closes behind the host that begins at i.
func closes(s string, i int) bool {
	end := min(len(s), i+maxBracketed)
	for i < end && hostByte(s[i]) {
		i++
	}
	return i < len(s) && s[i] == ']'
}

// opened says whether a square bracket that stands before i was not closed
// before it.
func opened(s string, floor, i int) bool {
	before := s[max(floor, i-maxBracketed):i]
	return strings.LastIndexByte(before, '[') > strings.LastIndexByte(before, ']')
}

// slashBracket returns the length of the bracketed slash at i, or 0.
func slashBracket(s string, i int) int {
	if i+3 > len(s) || s[i+1] != '/' || s[i:i+3] != "[/]" && s[i:i+3] != "(/)" {
		return 0
	}
	return 3
}

// joinHalfBrackets is the steps half_bracket, backslash_dot and bracket_slash.
// What stands in a path belongs to it, unless the dots of the host have backslashes
// too: then the text was escaped as a whole.
func joinHalfBrackets(v *view) {
	const backslash = doxtrailv1.LinkDisguise_LINK_DISGUISE_BACKSLASH_DOT
	s := string(v.bytes)
	kept, escaped := 0, false
	pass := func(plain string, i, n int, disguise doxtrailv1.LinkDisguise) {
		v.keep(kept, i)
		v.put(plain, i, i+n, disguise)
		kept = i + n
	}
	for i := 0; i < len(s); i = max(i+1, kept) {
		switch s[i] {
		case '[', '(', '.', ']', '\\':
		default:
			continue
		}
		if n := slashBracket(s, i); n > 0 {
			pass("/", i, n, doxtrailv1.LinkDisguise_LINK_DISGUISE_BRACKET_SLASH)
			continue
		}
		n, disguise := halfDot(s, kept, i)
		if n == 0 || !startsHost(s, 0, i) && (!escaped || disguise != backslash) {
			continue
		}
		escaped = escaped || disguise == backslash
		pass(".", i, n, disguise)
	}
	v.keep(kept, len(s))
}

// oddHalf says whether the byte at i of a run is a sign of these steps.
func oddHalf(text string, start, i int) bool {
	return slashBracket(text, i) > 0 || halfDotAt(text, start, i)
}

// halfDotAt says whether halfDot finds one.
func halfDotAt(s string, floor, i int) bool {
	n, _ := halfDot(s, floor, i)
	return n > 0
}
