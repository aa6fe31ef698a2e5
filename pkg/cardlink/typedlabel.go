package cardlink

import (
	"strings"
	"unicode/utf8"
)

// typedLabel returns where the label begins that ends at i.
func typedLabel(s string, floor, i int) int {
	begin := i
	for begin > floor && i-begin <= maxTyped {
		b := s[begin-1]
		if b < utf8.RuneSelf {
			if !alphanumeric(b) && b != '-' && b != '_' {
				break
			}
			begin--
			continue
		}
		r, n := utf8.DecodeLastRuneInString(s[floor:begin])
		if !inLabel(r) {
			break
		}
		begin -= n
	}
	return begin
}

// startsHost says whether the label at begin can be part of a host: whether
// no single slash, which begins a path, stands before it in its run.
func startsHost(s string, floor, begin int) bool {
	for i := begin; i > floor; {
		if begin-i > maxHost {
			return false
		}
		b := s[i-1]
		switch {
		case b == '.' && i > floor+1 && s[i-2] == '.':
			return true // between words
		case b == '/':
			return slashBefore(s, floor, openingBefore(s, floor, i-1))
		case b == '\\' && s[i] != '.':
			return slashBefore(s, floor, i-1)
		case b < utf8.RuneSelf:
			if !runByte(b) {
				return true
			}
			i--
		case strings.HasSuffix(s[floor:i], wideSlash):
			return slashBefore(s, floor, i-len(wideSlash))
		default:
			r, n := utf8.DecodeLastRuneInString(s[floor:i])
			if !joins(r) {
				return true
			}
			i -= n
		}
	}
	return true
}

// slashBefore says whether a slash or a backslash ends at i, which may have brackets
// around it and something invisible behind it.
func slashBefore(s string, floor, i int) bool {
	i = max(floor, i-invisibleBefore(s, i))
	if i > floor && (s[i-1] == ']' || s[i-1] == ')') {
		i = max(floor, i-1-invisibleBefore(s, i-1))
	}
	return i > floor && (s[i-1] == '/' || s[i-1] == '\\') || strings.HasSuffix(s[floor:i], wideSlash)
}

// openingBefore returns the place of the bracket in front of the slash at i if one closes
// behind it, and otherwise i.
func openingBefore(s string, floor, i int) int {
	opening := i - invisibleBefore(s, i) - 1
	closing := i + 1 + invisibleAt(s, i+1)
	if opening < floor || closing >= len(s) || s[opening] != '[' && s[opening] != '(' || s[closing] != ']' && s[closing] != ')' {
		return i
	}
	return opening
}
