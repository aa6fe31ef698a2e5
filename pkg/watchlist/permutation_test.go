package watchlist

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestOneEditIsWhatIsOneEditAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.StringMatching(`[a-c1]{5,7}`).Draw(t, "label")
		all := slices.Collect(OneEdit(label))
		if slices.Sort(all); len(slices.Compact(slices.Clone(all))) != len(all) {
			t.Fatal("a label is given twice")
		}
		for _, form := range all {
			if distance(label, form) != 1 || len(form) < 6 {
				t.Fatalf("%q is given for %q", form, label)
			}
		}
		other := rapid.StringMatching(`[a-c1]{5,8}`).Draw(t, "other")
		want := distance(label, other) == 1 && min(len(label), len(other)) >= 6
		if _, ok := slices.BinarySearch(all, other); ok != want {
			t.Fatalf("%q is given for %q: %t, want %t", other, label, ok, want)
		}
	})
	if len(slices.Collect(OneEdit("cards"))) != 0 {
		t.Error("a short label is near something")
	}
}

func TestPermutationsOfALabel(t *testing.T) {
	for label, want := range map[string]string{
		"harbour-leaks": "harbourleaks harbour-leaks2 harbour-leaks-2 theharbour-leaks the-harbour-leaks harbour-leaks-pk harbour-leaks2019 h-arbour-leaks",
		"hkleaks3":      "hk-leaks3 hkleaks3-pk myhkleaks3",
	} {
		all := slices.Collect(Permutations(label))
		for form := range strings.FieldsSeq(want) {
			if !slices.Contains(all, form) {
				t.Errorf("%s is not among the permutations of %s", form, label)
			}
		}
		if slices.Contains(all, label) || slices.Contains(all, "myhkleaksfan") {
			t.Errorf("among the permutations of %s is what is none", label)
		}
		slices.Sort(all)
		if n := len(all); len(slices.Compact(all)) != n || n > 4000 {
			t.Errorf("%s has %d permutations, or one twice", label, n)
		}
	}
	for range Permutations("harbour-leaks") {
		break // it may be left early
	}
}
