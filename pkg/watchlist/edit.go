package watchlist

import (
	"slices"
	"unicode/utf8"
)

// eachEdit calls do with what has one letter more than a text, less or other, of a to z
// and the digits that look like no letter; some come twice.
func eachEdit(text string, do func(edited string)) {
	const letters = "abcdefghijklmnopqrstuvwxyz246789"
	for i := 0; i <= len(text); {
		_, n := utf8.DecodeRuneInString(text[i:])
		do(text[:i] + text[i+n:])
		for _, letter := range letters {
			do(text[:i] + string(letter) + text[i:])
			do(text[:i] + string(letter) + text[i+n:])
		}
		i += max(n, 1)
	}
}

// withoutOne gives a skeleton and all that is left of it without one letter, each once;
// nothing of one that is too short to be near another.
func withoutOne(skeleton string) []string {
	if utf8.RuneCountInString(skeleton) < shortest {
		return nil
	}
	forms := []string{skeleton}
	for i, r := range skeleton {
		forms = append(forms, skeleton[:i]+skeleton[i+utf8.RuneLen(r):])
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// isNear says whether two skeletons are long enough and one edit apart: one letter that
// is added, taken away or another.
func isNear(one, other string) bool {
	a, b := []rune(one), []rune(other)
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < shortest || len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i < len(a) && slices.Equal(a[i+1:], b[i+1:])
	}
	return slices.Equal(a[i:], b[i+1:])
}
