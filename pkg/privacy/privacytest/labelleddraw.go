package privacytest

import (
	"math/rand/v2"
	"strings"
)

// draw is where chance comes from.
type draw struct{ *rand.Rand }

// pick gives one of all.
func pick[T any](d draw, all []T) T { return all[d.IntN(len(all))] }

// chance is true in so many of a hundred cases.
func (d draw) chance(percent int) bool { return d.IntN(100) < percent }

// digits gives n digits.
func (d draw) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + d.IntN(10))
	}
	return string(b)
}

// letter gives one byte of those named.
func (d draw) letter(of string) string { return string(of[d.IntN(len(of))]) }

// han gives one character of those named.
func (d draw) han(of string) string { return string(pick(d, []rune(of))) }

// letters gives n capitals.
func (d draw) letters(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('A' + d.IntN(26))
	}
	return string(b)
}

// fullWidth writes ASCII in the characters as wide as Chinese ones.
func fullWidth(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '\u3000'
		case '!' <= r && r <= '~':
			return r - '!' + '！'
		}
		return r
	}, s)
}

// zeroWidth hides one to three characters without width inside.
func zeroWidth(d draw, s string) string {
	for range 1 + d.IntN(3) {
		at := 1 + d.IntN(len(s)-1)
		for s[at]&0xC0 == 0x80 { // inside a character
			at--
		}
		if at > 0 {
			s = s[:at] + pick(d, []string{"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"}) + s[at:]
		}
	}
	return s
}

// inFours puts a separator after every fourth character.
func inFours(s, separator string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// expand draws what a pattern leaves open: δ is a digit, ν one that is not 0,
// λ a small letter, Λ a capital, and ⟨a|b⟩ is a or b. None of them nests.
func expand(d draw, pattern string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(pattern, "⟨")
		expandLetters(d, &b, before)
		if !found {
			return b.String()
		}
		choices, after, _ := strings.Cut(rest, "⟩")
		expandLetters(d, &b, pick(d, strings.Split(choices, "|")))
		pattern = after
	}
}

func expandLetters(d draw, b *strings.Builder, pattern string) {
	for _, r := range pattern {
		switch r {
		case 'δ':
			b.WriteString(d.digits(1))
		case 'ν':
			b.WriteString(d.letter("123456789"))
		case 'λ':
			b.WriteString(strings.ToLower(d.letters(1)))
		case 'Λ':
			b.WriteString(d.letters(1))
		default:
			b.WriteRune(r)
		}
	}
}
