package watchlist

import (
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// edits is the number of edits from one label to another.
func edits(a, b string) int { return distance([]rune(a), []rune(b)) }

func TestLookalikesLookAlike(t *testing.T) {
	all := slices.Collect(Lookalikes("hkleaks"))
	for _, want := range []string{"xn--hkleak-nvf", "xn--kleaks-vgg", "hk1eaks", "hkieaks", "hkl3ak5", "hk13aks"} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is not among them", want)
		}
	}
	if !slices.Contains(slices.Collect(Lookalikes("mirror")), "rnirror") {
		t.Error("rn does not look like m")
	}
	slices.Sort(all)
	if n := len(all); len(slices.Compact(all)) != n || n > 1000 {
		t.Errorf("%d look-alikes, or one twice", n)
	}
}

// The list is the table that the program splits hosts with, and says so.
func TestTheSuffixesAreThoseOfTheLibrary(t *testing.T) {
	if !strings.Contains(strings.SplitN(suffixList, "\n", 2)[0], publicsuffix.List.String()) {
		t.Error("golang.org/x/net has a newer table: run `go generate ./pkg/watchlist`")
	}
	n := 0
	for suffix := range suffixes([]string{"example"}) {
		n++
		link, err := cardlink.Canonicalise("http://label." + suffix + "/x")
		if err != nil || link.Site != "label."+suffix {
			t.Fatalf("label.%s is no site", suffix)
		}
	}
	if n < 9000 {
		t.Errorf("only %d suffixes", n)
	}
	if _, err := os.Stat("suffixes_gen.go"); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "vet", "suffixes_gen.go").CombinedOutput(); err != nil {
		t.Errorf("the program that writes the list: %v\n%s", err, out)
	}
}

// found asks for a host as the command does: by keys alone.
func found(c *Candidates, keyer *privacy.Keyer, host string) (family string, level Level, name string) {
	link, err := cardlink.Canonicalise("http://" + host)
	if err != nil {
		return "", LevelNone, ""
	}
	label, site := keyer.Label(link.Label), keyer.Site(link.Site)
	family, level, ok := c.Find(label)
	if !ok {
		return "", LevelNone, ""
	}
	if named, ok := c.Name(label, []privacy.Key{site})[site]; ok {
		return family, named.Level, named.Host
	}
	return family, level, ""
}

func TestCandidates(t *testing.T) {
	list, _ := Next(nil, parse(t, `families:
  - {label: harbour, sites: [harbour-leaks.example, harbourleaks.example, docs.hosting.test, 192.0.2.7]}
  - {label: pier, sites: [thepiercards-pk.test, piercards2.test, pier.test]}
`))
	keyer := testRing(t).Keyer()
	c := NewCandidates(list, "", keyer)
	for host, want := range map[string]string{
		"harbour-leaks.org":        "harbour permutation harbour-leaks.org",
		"www.harbourleaks.com.hk":  "harbour permutation harbourleaks.com.hk",
		"harbourleaks.github.io":   "harbour permutation harbourleaks.github.io",
		"harbour-leaks2.onion":     "harbour permutation harbour-leaks2.onion",
		"the-harbourleaks.ru":      "harbour permutation the-harbourleaks.ru",
		"piercards-ru.test":        "pier permutation piercards-ru.test",
		"HarbourLeaks-PK.example":  "harbour permutation harbourleaks-pk.example",
		"harb0ur1eaks.pw":          "harbour lookalike harb0ur1eaks.pw",
		"harbourIeaks.test":        "harbour lookalike harbourieaks.test",
		"hаrbourleaks.org":         "harbour lookalike xn--hrbourleaks-yij.org",
		"harbourleak.org":          "harbour near harbourleak.org",
		"harbourleeks.co.uk":       "harbour near harbourleeks.co.uk",
		"piercards3.test":          "pier permutation piercards3.test",
		"pierr.test":               "none",              // a short label is near nothing
		"hаrbourlеаks.org":         "harbour lookalike", // two letters of another alphabet: nobody can name it
		"hosting.example":          "none",
		"myharbourleaksfan.org":    "none",
		"harbourleaks.example.org": "none",
		"192.0.2.8":                "none",
	} {
		family, level, name := found(c, keyer, host)
		if got := strings.TrimSpace(family + " " + level.String() + " " + name); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
	if family, _, _ := found(NewCandidates(list, "pier", keyer), keyer, "harbour-leaks.org"); family != "" {
		t.Error("another family's label is found")
	}
}

// What is found by keys is what is found by looking at the labels.
func TestCandidatesAreWhatBruteForceSays(t *testing.T) {
	list, _ := Next(nil, parse(t, "families: [{label: harbour, sites: [hkleaks.example, hk-cards3.test]}]"))
	keyer := testRing(t).Keyer()
	c := NewCandidates(list, "harbour", keyer)
	byWord := map[string]Level{}
	for _, label := range []string{"hkleaks", "hk-cards3", "hkcards3", "hk-cards", "hkcards"} {
		byWord[cardlink.Skeleton(label)] = LevelPermutation
		for form := range Permutations(label) {
			byWord[cardlink.Skeleton(form)] = LevelPermutation
		}
	}
	for _, label := range []string{"hkleaks", "hk-cards3"} {
		byWord[cardlink.Skeleton(label)] = LevelLookalike
	}
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.SampledFrom([]string{"hkleaks", "hkcards3", "hkleaks2", "my-hkleaks", "hkcards"}).Draw(t, "label")
		for range rapid.IntRange(0, 2).Draw(t, "edits") {
			at := rapid.IntRange(0, len(label)-1).Draw(t, "at")
			label = label[:at] + rapid.StringMatching(`[a-z0-9]{0,2}`).Draw(t, "instead") + label[at+1:]
		}
		skeleton := cardlink.Skeleton(label)
		want := byWord[skeleton]
		if want == LevelNone && slices.ContainsFunc([]string{"hkleaks", "hkcardse", "hkcards3"}, func(own string) bool {
			return len(label) >= 6 && len(skeleton) >= 6 && len(own) >= 6 && edits(own, label) == 1
		}) {
			want = LevelNear
		}
		_, got, _ := c.Find(keyer.Label(skeleton))
		if want != LevelNone && got == LevelNone || want < LevelNear && want != LevelNone && got != want {
			t.Fatalf("%q is %v, want %v", label, got, want)
		}
		if got == LevelNear && min(edits("hkleaks", skeleton), edits("hkcardse", skeleton), edits("hkcards3", skeleton)) > 1 {
			t.Fatalf("%q is near", label)
		}
	})
	if n := len(slices.Collect(maps.Keys(c.byKey))); n < 1000 || n > 30_000 {
		t.Errorf("%d candidates", n)
	}
}

func TestBases(t *testing.T) {
	for label, want := range map[string]string{
		"thehkleaks-pk": "thehkleaks-pk thehkleakspk hkleaks-pk thehkleaks hkleakspk hkleaks",
		"hk-leaks3":     "hk-leaks3 hkleaks3 hk-leaks hkleaks",
		"the-news":      "the-news thenews", // what is left tells nothing
		"hk":            "hk",
	} {
		if got := strings.Join(bases(label), " "); got != want {
			t.Errorf("%s: %s, want %s", label, got, want)
		}
	}
}
