package watchlist

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
)

// The words that campaigns put before and behind their label when they move. Where a
// listed label has one itself, it may go, but for topicWords and single letters: what was
// left would be anybody's word (harbourleaks is not harbour).
const (
	frontWords = `a all en find free get go hello join la le m my new news now official old original our real save
		see stop team the true visit web welcome www your`
	backWords = `app archive backup bis copy en free home info live mirror net network new news next now official old online
		org original page pages plus portal pro real reborn returns site tv two web x`
	topicWords = `base blog book box card cards channel chat club data db docs file files forum group hq hub
		index leak leaks link list media post press project search storage store team wiki world zone`
	// Who loses a name under one top-level name takes the next with it in the label.
	topNames = `ac am at be biz by cc ch cn co com de edu eu fi fm fr gg gov hk id il in io ir is it jp kg kr kz la
		li ltd lv md me mo ms mx my nl no nu nz ph pk pl pm pw ro ru se sg sh sk st su th tk to top tw ua uk us
		vc vip vn ws xyz`
)

// wordsBehind are all that stand behind a label.
func wordsBehind() []string { return strings.Fields(backWords + " " + topicWords + " " + topNames) }

// numbers are what is counted behind a label: 0 to 99, and years.
func numbers() (all []string) {
	for n := range 100 {
		all = append(all, strconv.Itoa(n))
	}
	for year := 2014; year <= 2035; year++ {
		all = append(all, strconv.Itoa(year))
	}
	return all
}

// affixes are the skeletons of words and numbers.
type affixes struct{ front, back, numbers map[string]bool }

func newAffixes() affixes {
	a := affixes{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, word := range strings.Fields(frontWords) {
		a.front[cardlink.Skeleton(word)] = true
	}
	for _, word := range wordsBehind() {
		a.back[cardlink.Skeleton(word)] = true
	}
	for _, number := range numbers() {
		a.numbers[cardlink.Skeleton(number)] = true
	}
	return a
}

// shortest is how many letters a label has at least that is told by itself: shorter
// words are one edit away from too many others.
const shortest = 6

// bases are a label as it is, and what is left of it without its hyphens, and without
// the numbers and words that it begins or ends with, as long as that is enough to be
// told by: a campaign at theharbourleaks-pk is next at harbourleaks-ru.
func bases(label string) []string {
	all := []string{label}
	add := func(base string) {
		if base = strings.Trim(base, "-"); utf8.RuneCountInString(base) >= shortest && !slices.Contains(all, base) {
			all = append(all, base)
		}
	}
	add(strings.ReplaceAll(label, "-", ""))
	for i := 0; i < len(all); i++ { // what is left of what is left, too
		add(strings.TrimRight(all[i], "0123456789"))
		for word := range strings.FieldsSeq(frontWords) {
			if len(word) > 1 {
				add(strings.TrimPrefix(all[i], word))
			}
		}
		for word := range strings.FieldsSeq(backWords + " " + topNames) {
			if len(word) > 1 {
				add(strings.TrimSuffix(all[i], word))
			}
		}
	}
	return all
}
