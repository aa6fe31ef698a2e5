package watchlist

import (
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
)

// eachForm calls do with the forms that a readable label may take when its site moves,
// itself first; some come twice. They are what there are keys of; what each is to a
// family [Levels] say, which know every one.
//
//   - its bases, with a hyphen between any two letters, too;
//   - words and numbers: one behind a base, or one word in front of it, with a hyphen
//     and without;
//   - edits: those whose skeleton is one edit from the label's. There are none where one
//     of the two has fewer than six letters. Swapping two letters is two edits.
//
// Two words, or a word and a number, are no form: each step more multiplies the forms
// by hundreds.
func eachForm(label string, do func(form string)) {
	plain := strings.ReplaceAll(label, "-", "")
	do(label)
	do(plain)
	behind := slices.Concat(numbers(), wordsBehind())
	for _, base := range bases(label) {
		do(base)
		for i := range base {
			if i > 0 && base[i] != '-' && base[i-1] != '-' {
				do(base[:i] + "-" + base[i:])
			}
		}
		for _, last := range behind {
			do(base + last)
			do(base + "-" + last)
		}
		for front := range strings.FieldsSeq(frontWords) {
			do(front + base)
			do(front + "-" + base)
		}
	}
	skeleton := cardlink.Skeleton(label)
	spellings := []string{label, plain, skeleton}
	slices.Sort(spellings)
	for _, spelled := range slices.Compact(spellings) {
		eachEdit(spelled, func(form string) {
			if isNear(cardlink.Skeleton(form), skeleton) {
				do(form)
			}
		})
	}
}

// readableLabel gives a label in small letters, an A-label as what it stands for.
func readableLabel(label string) string {
	label = strings.ToLower(label)
	if strings.HasPrefix(label, "xn--") {
		if plain, err := idna.Punycode.ToUnicode(label); err == nil {
			return plain
		}
	}
	return label
}
