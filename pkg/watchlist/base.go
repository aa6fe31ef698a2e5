package watchlist

import (
	"slices"
	"strings"
)

// shortestNear is how many letters a label has at least that is near another: shorter
// words are one edit away from too many others.
const shortestNear = 6

// What campaigns put before and behind their label when they move. Top-level names
// are among them: who loses a name under one takes the next name after it.
const (
	prefixes = "the my new real go get www all our true hello join"
	endings  = "new info org net com cc tv io co me pw pk ru hk kz tk top xyz site web online live app now news " +
		"official real backup archive mirror data list cards page home blog"
)

// bases are a label as it is, and what is left of it without its hyphens, and without
// the numbers and words that it begins or ends with, as long as that is enough to be
// told by: a campaign at theharbourleaks-pk is next at harbourleaks-ru.
func bases(label string) []string {
	all := []string{label}
	add := func(base string) {
		if base = strings.Trim(base, "-"); len(base) >= shortestNear && !slices.Contains(all, base) {
			all = append(all, base)
		}
	}
	add(strings.ReplaceAll(label, "-", ""))
	for i := 0; i < len(all); i++ { // what is left of what is left, too
		add(strings.TrimRight(all[i], "0123456789"))
		for word := range strings.FieldsSeq(prefixes) {
			add(strings.TrimPrefix(all[i], word))
		}
		for word := range strings.FieldsSeq(endings) {
			add(strings.TrimSuffix(all[i], word))
		}
	}
	return all
}
