package cardlink

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// publicSuffix says whether hosts below it belong to somebody.
func publicSuffix(suffix string) bool {
	const label = "x."
	host := label + suffix
	if len(host) > maxHost || !wellFormed(host) {
		return false
	}
	d := domainOf(host)
	return d.public && d.site == host
}

// suffixLabel returns the label of a public suffix at i in lower case, which
// follows the labels before it, and where it ends: before the punctuation, the
// next link or the invisible character that is glued to it.
func suffixLabel(s string, i int, before string) (end int, label string) {
	end, gap := i, 0
	for end < len(s) && end-i <= maxTyped {
		if s[end] < utf8.RuneSelf {
			if !alphanumeric(s[end]) && s[end] != '-' && s[end] != '_' {
				break
			}
			end++
			continue
		}
		r, n := runeAt(s, end)
		if !inLabel(r) {
			break
		}
		if gap == 0 && invisible(r) {
			gap = end
		}
		end += n
	}
	if strings.HasPrefix(s[end:], "://") {
		if scheme := schemeIn(s[i:end]); scheme > 0 {
			end = i + scheme
		}
	}
	end = i + len(strings.TrimRight(s[i:end], "-_"))
	label = strings.ToLower(fold(s[i:end]))
	if gap > i && gap < end && !publicSuffix(before+label) {
		end, label = gap, strings.ToLower(fold(s[i:gap]))
	}
	if label == "" || !letter(label[0]) || !plainASCII(label) {
		return i, ""
	}
	return end, label
}

// endsLoosely says whether a label behind a full stop and a space is the rest of
// a host and not the first word of a sentence: it is not typed like one, and no
// further word follows, unless the label is none that sentences begin with.
func endsLoosely(s string, end int, label, typed string) bool {
	if titled(typed) {
		return false
	}
	next := end + blanksAt(s, end)
	return next == end || next >= len(s) || s[next] < utf8.RuneSelf && !alphanumeric(s[next]) || !readsLikeWord(label)
}

// opensSentence says whether what stands at i, behind a full stop and a space, is no
// label: most sentences begin with a capital or a quotation mark.
func opensSentence(s string, i int) bool {
	return i >= len(s) || titled(s[i:]) || s[i] < utf8.RuneSelf && s[i] != ' ' && !letter(s[i])
}

// wordGoesOn says whether a label behind an ideographic full stop is a word of a
// sentence in which Chinese words stand behind English ones without a space.
func wordGoesOn(s string, end int, label string) bool {
	if end >= len(s) || s[end] < utf8.RuneSelf || !readsLikeWord(label) {
		return false
	}
	r, _ := runeAt(s, end)
	return unicode.IsLetter(r)
}

// readsLikeWord says whether a top-level name reads like a word of a sentence: names of
// two letters that are English words, and all long ones but the oldest.
func readsLikeWord(label string) bool {
	switch label {
	case "com", "net", "org", "info", "biz", "edu", "gov", "mobi", "xyz", "onion", "example", "test", "invalid":
		return false
	case "ad", "ai", "am", "as", "at", "be", "by", "do", "in", "is", "it", "me", "my", "no", "so", "tv", "us", "to":
		return true
	}
	return len(label) > 2
}
