package watchlist

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
)

const (
	// minNear is how many letters a label must have to be one edit from another:
	// shorter ones are one edit from too many words.
	minNear = 6
	// maxForm is the length of the longest label of a host name.
	maxForm = 63
	// Numbers behind a label, and the years.
	maxNumber           = 99
	firstYear, lastYear = 2014, 2035
)

// frontWords and backWords are what campaigns that had to move put in front of
// their label and behind it, with or without a hyphen.
func frontWords() []string {
	return strings.Fields(`
		a all en find free get go join la le m my new news now official old original our real save see stop
		team the true visit web welcome www your`)
}

func backWords() []string {
	return strings.Fields(`
		app archive backup base bis blog book box card cards channel chat club copy data db docs en file files
		forum free group hq hub index info leak leaks link list live media mirror net network new news next
		now official old online org page pages plus portal post press pro project reborn returns search site
		storage store team tv two web wiki world x zone
		ac am at be biz by cc ch cn co com de edu eu fi fm fr gg gov hk id il in io ir is it jp kg kr kz la li
		ltd lv md me mo ms mx my nl no nu nz ph pk pl pm pw ro ru se sg sh sk st su th tk to top tw ua uk us
		vc vip vn ws xyz`)
}

// Permutations gives the forms that a label takes when its site moves, each once
// and without the label itself, in a fixed order; they are labels and no hosts:
//
//   - hyphens: the label without its hyphens, and with one between any two of
//     its letters;
//   - numbers: 0 to 99 and the years 2014 to 2035 behind it;
//   - affixes: one word of a small list in front of it or behind it, top-level
//     names among those behind.
//
// Numbers and affixes stand with a hyphen and without. Two affixes, or an affix
// and a number, are no form. Of an A-label the forms are those of what it stands
// for. Forms of more than 63 bytes are left out.
//
// Keys of links are made from skeletons, so [cardlink.Skeleton] of a form is what
// is looked for. The forms by hyphens have the skeleton of the label: a link of
// one is [LevelLookalike].
func Permutations(label string) iter.Seq[string] {
	return func(yield func(string) bool) {
		label := readableLabel(label)
		if label == "" {
			return
		}
		seen := map[string]struct{}{label: {}}
		give := func(form string) bool {
			if _, ok := seen[form]; ok || len(form) > maxForm {
				return true
			}
			seen[form] = struct{}{}
			return yield(form)
		}
		ok := give(strings.ReplaceAll(label, "-", ""))
		for i := range label {
			ok = ok && (i == 0 || label[i] == '-' || label[i-1] == '-' || give(label[:i]+"-"+label[i:]))
		}
		for _, behind := range slices.Concat(numbers(), backWords()) {
			ok = ok && give(label+behind) && give(label+"-"+behind)
		}
		for _, front := range frontWords() {
			ok = ok && give(front+label) && give(front+"-"+label)
		}
	}
}

// numbers gives what is counted behind a label.
func numbers() []string {
	var all []string
	for n := range maxNumber + 1 {
		all = append(all, strconv.Itoa(n))
	}
	for year := firstYear; year <= lastYear; year++ {
		all = append(all, strconv.Itoa(year))
	}
	return all
}

// OneEdit gives the skeletons that are one edit from that of a label, each once:
// one letter more, less or other, of a to z and the digits that look like no
// letter. There are none where one of the two has fewer than six letters.
// Swapping two letters is two edits.
func OneEdit(label string) iter.Seq[string] {
	const letters = "abcdefghijklmnopqrstuvwxyz246789"
	return func(yield func(string) bool) {
		skeleton := cardlink.Skeleton(label)
		if utf8.RuneCountInString(skeleton) < minNear {
			return
		}
		seen := map[string]struct{}{skeleton: {}}
		give := func(form string) bool {
			if _, ok := seen[form]; ok || utf8.RuneCountInString(form) < minNear || cardlink.Skeleton(form) != form {
				return true
			}
			seen[form] = struct{}{}
			return yield(form)
		}
		ok := true
		for i := 0; i <= len(skeleton); {
			_, n := utf8.DecodeRuneInString(skeleton[i:])
			ok = ok && give(skeleton[:i]+skeleton[i+n:])
			for _, letter := range letters {
				ok = ok && give(skeleton[:i]+string(letter)+skeleton[i:]) && give(skeleton[:i]+string(letter)+skeleton[i+n:])
			}
			i += max(n, 1)
		}
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

// affixes are the numbers and words of permutations as skeletons.
type affixes struct{ front, back []affix }

type affix struct {
	skeleton string
	reason   Reason
}

func newAffixes() affixes {
	var a affixes
	for _, number := range numbers() {
		a.back = append(a.back, affix{cardlink.Skeleton(number), ReasonNumber})
	}
	for _, word := range backWords() {
		a.back = append(a.back, affix{cardlink.Skeleton(word), ReasonAffix})
	}
	for _, word := range frontWords() {
		a.front = append(a.front, affix{cardlink.Skeleton(word), ReasonAffix})
	}
	return a
}

// base takes every affix off a skeleton, numbers only where its label ends in one,
// and gives the first label that is left. A skeleton has an m where an r of one
// part met an n of the other.
func (a affixes) base(skeleton string, numbered bool, labels map[string][]int) (place int, reason Reason, ok bool) {
	look := func(label string, why Reason) {
		if places := labels[label]; len(places) > 0 && (!ok || places[0] < place) {
			place, reason, ok = places[0], why, true
		}
	}
	for _, behind := range a.back {
		if behind.reason == ReasonNumber && !numbered {
			continue
		}
		if label, cut := strings.CutSuffix(skeleton, behind.skeleton); cut {
			look(label, behind.reason)
		}
		if rest, met := strings.CutPrefix(behind.skeleton, "n"); met {
			if label, cut := strings.CutSuffix(skeleton, "m"+rest); cut {
				look(label+"r", behind.reason)
			}
		}
	}
	for _, front := range a.front {
		if label, cut := strings.CutPrefix(skeleton, front.skeleton); cut {
			look(label, front.reason)
		}
		if rest, met := strings.CutSuffix(front.skeleton, "r"); met {
			if label, cut := strings.CutPrefix(skeleton, rest+"m"); cut {
				look("n"+label, front.reason)
			}
		}
	}
	return place, reason, ok
}
