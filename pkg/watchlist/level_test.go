package watchlist

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
)

func effective(t testing.TB, text string) *Effective {
	t.Helper()
	e, _ := Next(nil, parse(t, text))
	return e
}

const watchedSites = `
families:
  - {label: harbour, sites: [harbour-leaks.example, harbourleaks.test, docs.hosting.test]}
  - {label: pier, sites: [pier.example, quay.github.io]}
  - {label: warnr, sites: [mirror.example]}
  - {label: wharf, sites: [thewharfcards-pk.example, wharfcards2.test, hkleakѕ-cards.test]}
`

func TestLevels(t *testing.T) {
	levels := NewLevels(effective(t, watchedSites))
	for address, want := range map[string]string{
		"harbour-leaks.example/card":     "exact harbour host",
		"www.harbour-leaks.example":      "exact harbour host",
		"a.b.harbourleaks.test":          "exact harbour site",
		"docs.hosting.test":              "exact harbour host",
		"quay.github.io":                 "exact pier host",
		"harbour-leaks.org":              "permutation harbour suffix",
		"harbourleaks.com.hk":            "permutation harbour suffix",
		"quay.pages.dev":                 "permutation pier suffix",
		"cards.harbourleaks.org":         "permutation harbour suffix",
		"harbour--leaks.org":             "lookalike harbour hyphens",
		"harb0urleaks.org":               "lookalike harbour letters",
		"harbourIeaks.org":               "lookalike harbour letters",
		"һarbourleaks.org":               "lookalike harbour letters",
		"rnirror.example":                "lookalike warnr letters",
		"p1er.example":                   "none  ",
		"harbourleaks2.org":              "permutation harbour number",
		"harbour-leaks-2020.example":     "permutation harbour number",
		"theharbourleaks.org":            "permutation harbour affix",
		"harbourleaks-ru.example":        "permutation harbour affix",
		"mirrornews.test":                "permutation warnr affix",
		"harbourleakz.org":               "near harbour edit",
		"harborleaks.org":                "near harbour edit",
		"xharbour-leaks.org":             "near harbour edit",
		"piers.example":                  "none  ",
		"mirror5.example":                "permutation warnr number",
		"mirrors.example":                "near warnr edit",
		"wharfcards-ru.example":          "permutation wharf affix",
		"wharfcards.example":             "permutation wharf affix",
		"wharfcards3.example":            "permutation wharf number",
		"hkleaks-cards2.example":         "permutation wharf number",
		"hkleakѕ-cards2.example":         "permutation wharf number",
		"harbour.example":                "none  ",
		"mirro.example":                  "none  ",
		"myharbourleaksfan.org":          "none  ",
		"harbourleaks.foreign.example":   "none  ",
		"foreign.example/harbourleaks":   "none  ",
		"foreign.example/?q=harbour":     "none  ",
		"hosting.test":                   "none  ",
		"hosting.example":                "none  ",
		"other.hosting.test":             "none  ",
		"192.0.2.1/harbourleaks.example": "none  ",
	} {
		link, err := cardlink.Canonicalise("https://" + address)
		if err != nil {
			t.Fatal(err)
		}
		match := levels.Of(link)
		if got := fmt.Sprintf("%s %s %s", match.Level, match.Family, match.Reason); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestLevelsOfWhatIsOff(t *testing.T) {
	first := effective(t, watchedSites)
	second, _ := Next(first, parse(t, "families: [{label: pier, sites: [pier.example]}]"))
	link, err := cardlink.Canonicalise("https://harbourleaks.test")
	if err != nil {
		t.Fatal(err)
	}
	if match := NewLevels(second).Of(link); match != (Match{}) {
		t.Errorf("a site that was taken off is %s", match.Level)
	}
	if second.Labels().Holds("harbourleaks") || !second.Labels().Holds("pier") {
		t.Error("labels are not those of listed sites")
	}
	if !effective(t, "families: []").Labels().Empty() {
		t.Error("an empty list watches labels")
	}
	if first.Labels().Holds("docs") || first.Labels().Holds("hosting") || first.Labels().Holds("github") || !first.Labels().Holds("quay") {
		t.Error("the label of a hosting service is watched")
	}
}

// forms are those of a label, each once.
func forms(label string) []string {
	var all []string
	eachForm(label, func(form string) { all = append(all, form) })
	slices.Sort(all)
	return slices.Compact(all)
}

func TestForms(t *testing.T) {
	all := forms("har-bour")
	for _, want := range []string{
		"har-bour", "harbour", "ha-r-bour", "har-bour0", "harbour-99", "har-bour2020", "theharbour", "the-har-bour", "har-bour-ru", "har-bournews", "harbourleaks",
		"har-bou", "har-bours", "harbous", "xhar-bour",
	} {
		if !slices.Contains(all, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, other := range []string{"hra-bour", "the-har-bour2", "har", "newtheharbour"} {
		if slices.Contains(all, other) {
			t.Errorf("%s is a form", other)
		}
	}
	if len(all) < 2000 || len(all) > 4000 {
		t.Errorf("%d forms", len(all))
	}
	if slices.ContainsFunc(forms("piers"), func(form string) bool { return !strings.Contains(strings.ReplaceAll(form, "-", ""), "piers") }) {
		t.Error("a short label has edits")
	}
}

func TestBases(t *testing.T) {
	for label, want := range map[string]string{
		"thehkleaks-pk": "thehkleaks-pk thehkleakspk hkleaks-pk thehkleaks hkleakspk hkleaks",
		"hk-leaks3":     "hk-leaks3 hkleaks3 hk-leaks hkleaks",
		"harbourleaks":  "harbourleaks",   // harbour is anybody's word
		"amirrorx":      "amirrorx",       // a letter is no word
		"the-old":       "the-old theold", // what is left tells nothing
		"hk":            "hk",
	} {
		if got := strings.Join(bases(label), " "); got != want {
			t.Errorf("%s: %s, want %s", label, got, want)
		}
	}
}

// distance is the edit distance by its definition.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range b {
			last := 1
			if a[i] == b[j] {
				last = 0
			}
			next[j+1] = min(row[j]+last, row[j+1]+1, next[j]+1)
		}
		row = next
	}
	return row[len(b)]
}

// drawLabel draws labels that are near each other, with the pairs of letters that
// look like one.
func drawLabel(t *rapid.T, name string) string {
	parts := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "r", "n", "m", "rn", "er", "ne", "pier", "-", "2", "5", "é", "ѕ", "港", "news", "ru"}), 1, 9).Draw(t, name)
	label := strings.Trim(strings.Join(parts, ""), "-")
	if label == "" || strings.HasPrefix(label, "xn") {
		return "pier"
	}
	return label
}

// brute says what a label is to a listed one: the definition of each level, tried in
// turn. Both are readable.
func brute(own, label string) Level {
	mine, its := cardlink.Skeleton(own), cardlink.Skeleton(label)
	if mine == its {
		if own == label {
			return LevelPermutation
		}
		return LevelLookalike
	}
	numbered := strings.ContainsAny(label[len(label)-1:], "0123456789")
	joined := func(words []string, join func(base, word string) string) bool {
		return slices.ContainsFunc(bases(own), func(base string) bool {
			return slices.ContainsFunc(words, func(word string) bool { return cardlink.Skeleton(join(base, word)) == its })
		})
	}
	behind := func(base, word string) string { return base + word }
	before := func(base, word string) string { return word + base }
	if joined([]string{""}, behind) || joined(wordsBehind(), behind) || joined(strings.Fields(frontWords), before) || numbered && joined(numbers(), behind) {
		return LevelPermutation
	}
	if a, b := []rune(mine), []rune(its); min(len(a), len(b)) >= shortest && distance(a, b) == 1 {
		return LevelNear
	}
	return LevelNone
}

// So it is for labels drawn at random and for forms. What has a level has a key, but for
// edits with rare letters, and no key says that it is farther than it is.
func TestLevelsAreWhatBruteForceSays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		own, other := drawLabel(rt, "label"), drawLabel(rt, "other")
		e := effective(t, "families: [{label: a, sites: ["+own+".example]}]")
		all := forms(e.siteLabels()[0].spelled)
		isForm := rapid.Bool().Draw(rt, "a form")
		if isForm {
			other = rapid.SampledFrom(all).Draw(rt, "form")
		}
		host, ok := hostForm(other)
		link, err := cardlink.Canonicalise("https://" + host + ".test")
		if !ok || err != nil {
			return // longer than a host may be
		}
		levels := NewLevels(e)
		got, want := levels.Of(link).Level, brute(own, other)
		if got != want || isForm && got == LevelNone {
			rt.Fatalf("%q is %s to %q, want %s; a form: %t", other, got, own, want, isForm)
		}
		keyed := levels.ofLabel(link.Label, "")
		if got != LevelNone && keyed.Level > got {
			rt.Fatalf("%q is %s, and its key says %s", other, got, keyed.Level)
		}
		rare := strings.Trim(link.Label, "abcdefghijklmnopqrstuvwxyz246789") != ""
		if got != LevelNone && (got != LevelNear || !rare) && !slices.ContainsFunc(all, func(form string) bool { return cardlink.Skeleton(form) == link.Label }) {
			rt.Fatalf("%q is %s to %q and no form of it", other, got, own)
		}
	})
}
