package watchlist

import (
	"iter"
	"strings"
	"unicode"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
)

// maxMixed bounds the letters of a label that are digits in some of its look-alikes
// and letters in others.
const maxMixed = 8

// lookalikes gives labels that look like a label, in the form that hosts have (xn--...
// where they are not ASCII), each once and without the label: its skeleton, those with
// one letter exchanged, with all of a kind exchanged, and with every mixture of digits
// for letters. Other mixtures of several alphabets are not among them.
func lookalikes(label string) iter.Seq[string] {
	return func(yield func(string) bool) {
		label, skeleton := readableLabel(label), cardlink.Skeleton(label)
		own, _ := hostForm(label)
		given := map[string]bool{own: true}
		give := func(typed string) bool {
			form, ok := hostForm(typed)
			if !ok || given[form] || cardlink.Skeleton(typed) != skeleton {
				return true
			}
			given[form] = true
			return yield(form)
		}
		if !give(skeleton) {
			return
		}
		alike := alikes()
		for i, letter := range label {
			for _, other := range alike[letter] {
				if !give(label[:i]+other+label[i+len(string(letter)):]) || !give(strings.ReplaceAll(label, string(letter), other)) {
					return
				}
			}
		}
		for _, mixed := range digitMixtures(label) {
			if !give(mixed) {
				return
			}
		}
	}
}

// hostForm gives the label of a host as links have it.
func hostForm(label string) (string, bool) {
	link, err := cardlink.Canonicalise("http://" + label + ".example")
	if err != nil {
		return "", false
	}
	return strings.CutSuffix(link.Site, ".example")
}

// alikes gives for each small Latin letter what looks like it: the table of
// cardlink.Skeleton the other way round, as far as hosts have such letters. A capital
// I, which links have as i, looks like an l.
func alikes() map[rune][]string {
	alike := map[rune][]string{'l': {"I"}, 'm': {"rn"}}
	for _, part := range [][2]rune{{'0', '9'}, {0xC0, 0x587}, {0x1D00, 0x1D7F}, {0x1E00, 0x1EFF}} {
		for r := part[0]; r <= part[1]; r++ {
			skeleton := cardlink.Skeleton(string(r))
			if len(skeleton) == 1 && skeleton != string(r) && !unicode.IsUpper(r) {
				letter := rune(skeleton[0])
				alike[letter] = append(alike[letter], string(r))
			}
		}
	}
	return alike
}

// digitMixtures writes digits for the first letters of a label that have one that
// looks like them, in every mixture.
func digitMixtures(label string) []string {
	digits := map[byte]byte{'o': '0', 'l': '1', 'e': '3', 's': '5'}
	mixed := []string{""}
	left := maxMixed
	for i := range len(label) {
		digit, ok := digits[label[i]]
		size := len(mixed)
		for j := range size {
			if ok && left > 0 {
				mixed = append(mixed, mixed[j]+string(digit))
			}
			mixed[j] += label[i : i+1]
		}
		if ok {
			left--
		}
	}
	return mixed
}
