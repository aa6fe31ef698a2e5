package watchlist

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

func TestPermutations(t *testing.T) {
	forms := slices.Collect(Permutations("Har-bour"))
	for _, want := range []string{"harbour", "ha-r-bour", "har-bour0", "har-bour-99", "har-bour2020", "thehar-bour", "the-har-bour", "har-bour-ru", "har-bournews"} {
		if !slices.Contains(forms, want) {
			t.Errorf("no %s", want)
		}
	}
	if len(forms) < 400 || len(forms) > 700 {
		t.Errorf("%d forms", len(forms))
	}
	checkForms(t, "har-bour", forms)
	checkForms(t, "", slices.Collect(Permutations(strings.Repeat("a", 62))))
	if forms := slices.Collect(Permutations("xn--hkleak-nvf")); !slices.Contains(forms, "hkleakѕ2") {
		t.Error("an A-label is not read")
	}
	for range Permutations("pier") {
		break
	}
	if forms := slices.Collect(Permutations("")); len(forms) > 0 {
		t.Errorf("%d forms of nothing", len(forms))
	}
}

// checkForms asserts that forms are labels, each once, and not the label.
func checkForms(t *testing.T, label string, forms []string) {
	t.Helper()
	sorted := slices.Sorted(slices.Values(forms))
	if len(slices.Compact(sorted)) != len(forms) {
		t.Error("a form comes twice")
	}
	for _, form := range forms {
		if form == label || form == "" || len(form) > maxForm || strings.HasPrefix(form, "-") || strings.HasSuffix(form, "-") || strings.Contains(form, ".") {
			t.Errorf("%q is no form", form)
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
	parts := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "r", "n", "m", "rn", "er", "ne", "pier", "-", "2", "5", "é", "ѕ"}), 1, 9).Draw(t, name)
	label := strings.Trim(strings.Join(parts, ""), "-")
	if label == "" || strings.HasPrefix(label, "xn") {
		return "pier"
	}
	return label
}

// TestLevelsAgreeWithTheForms compares Of with the forms written out, which is
// what keys are made from.
func TestLevelsAgreeWithTheForms(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		label := drawLabel(rt, "label")
		e := effective(t, "families: [{label: a, sites: ["+label+".example]}]")
		base := cardlink.Skeleton(label)
		forms := map[string]struct{}{}
		other := drawLabel(rt, "other")
		if rapid.Bool().Draw(rt, "a form") {
			other = rapid.SampledFrom(slices.Collect(Permutations(label))).Draw(rt, "form")
		}
		link, err := cardlink.Canonicalise("https://" + other + ".test")
		if err != nil {
			rt.Fatalf("%q makes no host: %v", other, err)
		}
		spelled, _, _ := strings.Cut(link.Site, ".")
		for form := range Permutations(label) {
			number, behind := strings.CutPrefix(form, label)
			if behind && strings.Trim(number, "-0123456789") == "" && strings.Trim(spelled[len(spelled)-1:], "0123456789") != "" {
				continue // a number needs one
			}
			forms[cardlink.Skeleton(form)] = struct{}{}
		}
		edits := map[string]struct{}{}
		for form := range OneEdit(label) {
			edits[form] = struct{}{}
		}
		want := LevelNone
		_, isForm := forms[link.Label]
		_, isEdit := edits[link.Label]
		letters := len([]rune(base)) >= minNear && len([]rune(link.Label)) >= minNear
		near := letters && distance([]rune(base), []rune(link.Label)) == 1
		site, _, _ := strings.Cut(e.Sites[0].Host, ".")
		switch {
		case link.Label == base && spelled == site:
			want = LevelPermutation
		case link.Label == base:
			want = LevelLookalike
		case isForm:
			want = LevelPermutation
		case near:
			want = LevelNear
		}
		if got := NewLevels(e).Of(link).Level; got != want {
			rt.Fatalf("%q is %s to %q, want %s", other, got, label, want)
		}
		if isEdit && !near || near && !isEdit && strings.Trim(link.Label, "abcdefghijklmnopqrstuvwxyz246789") == "" && cardlink.Skeleton(link.Label) == link.Label {
			rt.Fatalf("%q is one edit from %q: %t, among the forms: %t", link.Label, base, near, isEdit)
		}
	})
}

func TestOneEdit(t *testing.T) {
	if forms := slices.Collect(OneEdit("piers")); len(forms) > 0 {
		t.Errorf("%d forms of a short label", len(forms))
	}
	var want []string
	const letters = "abcdefghijklmnopqrstuvwxyz246789"
	base := []rune("quayed")
	var try func(prefix []rune)
	try = func(prefix []rune) {
		for _, letter := range letters {
			form := append(slices.Clone(prefix), letter)
			rest := min(len(form), len(base))
			if distance(form[:rest], base[:rest]) > 2 {
				continue
			}
			if distance(form, base) == 1 && len(form) >= minNear && cardlink.Skeleton(string(form)) == string(form) {
				want = append(want, string(form))
			}
			if len(form) <= len(base) {
				try(form)
			}
		}
	}
	try(nil)
	got := slices.Sorted(OneEdit("Quayed"))
	slices.Sort(want)
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	for range OneEdit("quayed") {
		break
	}
}
