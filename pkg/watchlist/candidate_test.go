package watchlist

import (
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

func TestLookalikesLookAlike(t *testing.T) {
	all := slices.Collect(lookalikes("hkleaks"))
	for _, want := range []string{"xn--hkleak-nvf", "xn--kleaks-vgg", "hk1eaks", "hkieaks", "hkl3ak5", "hk13aks"} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is not among them", want)
		}
	}
	if !slices.Contains(slices.Collect(lookalikes("mirror")), "rnirror") {
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
func found(c *Candidates, keyer *privacy.Keyer, host string) (match Match, name string) {
	link, err := cardlink.Canonicalise("http://" + host)
	if err != nil {
		return Match{}, ""
	}
	label, site := keyer.Label(link.Label), keyer.Site(link.Site)
	name = c.Name([]KeyedSite{{site, label}})[site]
	return c.Match(label, name), name
}

func TestCandidates(t *testing.T) {
	list, _ := Next(nil, parse(t, `families:
  - {label: harbour, sites: [harbour-leaks.example, harbourleaks.example, docs.hosting.test, 192.0.2.7]}
  - {label: pier, sites: [thepiercards-pk.test, piercards2.test, pier.test]}
  - {label: quay, sites: [quаyed.example]} # with a Cyrillic letter
`))
	keyer := testRing(t).Keyer()
	c := NewCandidates(list, keyer)
	for host, want := range map[string]string{
		"harbour-leaks.org":        "harbour permutation harbour-leaks.org",
		"www.harbourleaks.com.hk":  "harbour permutation harbourleaks.com.hk",
		"harbourleaks.github.io":   "harbour permutation harbourleaks.github.io",
		"harbour-leaks2.onion":     "harbour permutation harbour-leaks2.onion",
		"the-harbourleaks.ru":      "harbour permutation the-harbourleaks.ru",
		"piercards-ru.test":        "pier permutation piercards-ru.test",
		"pier-cards.test":          "pier permutation pier-cards.test",
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
		// Where a key cannot tell, the host does.
		"ha-rbourleaks.org":  "harbour lookalike ha-rbourleaks.org",
		"piercardss.test":    "pier near piercardss.test",
		"piercards5.test":    "pier permutation piercards5.test",
		"harbour-leak.org":   "harbour near harbour-leak.org",
		"harb0ur-leaks2.org": "harbour permutation harb0ur-leaks2.org",
		"xn--quye-5cd.test":  "none",
		"quаyed2.test":       "quay permutation xn--quyed2-4nf.test",
		"quayed.test":        "quay lookalike quayed.test",
	} {
		match, name := found(c, keyer, host)
		if got := strings.TrimSpace(match.Family + " " + match.Level.String() + " " + name); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}

// What is found by keys is what is found by looking at the host, if it could be named.
func TestCandidatesAreWhatLevelsSay(t *testing.T) {
	list, _ := Next(nil, parse(t, "families: [{label: harbour, sites: [harbour-1eaks.example, hk-cards3.test, thepiercards.test]}, {label: other, sites: [harborleaks.example, piercard.test, hkleakѕ.test]}]"))
	keyer, levels := testRing(t).Keyer(), NewLevels(list)
	c := NewCandidates(list, keyer)
	rapid.Check(t, func(t *rapid.T) {
		own := rapid.SampledFrom(levels.labels).Draw(t, "own").spelled
		form, ok := hostForm(rapid.SampledFrom(forms(own)).Draw(t, "form"))
		if !ok {
			t.Fatal("a form makes no host")
		}
		host := form + rapid.SampledFrom([]string{".org", ".test", ".com.hk"}).Draw(t, "suffix")
		link, err := cardlink.Canonicalise("http://" + host)
		if err != nil {
			t.Fatal(err)
		}
		c.tries = maxTries
		want := levels.Of(link)
		got, name := found(c, keyer, host)
		if want.Level != LevelExact && name != host || name != "" && got != want || c.Match(keyer.Label(link.Label), "").Level > got.Level {
			t.Fatalf("%q is %v and called %q, want %v", host, got, name, want)
		}
	})
	if n := len(c.byKey); n < 3000 || n > 30_000 {
		t.Errorf("%d candidates", n)
	}
}

// All forms may be too long for a host where a look-alike is not: it has a key and no name.
func TestALabelAsLongAsAHostMayHave(t *testing.T) {
	rest := strings.Repeat("a", 60)
	list, _ := Next(nil, parse(t, "families: [{label: harbour, sites: [rn"+rest+".example]}]"))
	keyer := testRing(t).Keyer()
	if match, name := found(NewCandidates(list, keyer), keyer, "m"+rest+"77.test"); name != "" || match.Level != LevelPermutation {
		t.Errorf("it is %v and called %q", match, name)
	}
}

// What nobody can name takes no tries from what can be named.
func TestNamingTriesFormsFirst(t *testing.T) {
	list, _ := Next(nil, parse(t, "families: [{label: harbour, sites: [harbourleaks.example]}]"))
	keyer := testRing(t).Keyer()
	c := NewCandidates(list, keyer)
	var sites []KeyedSite
	for _, host := range []string{"h\u0430rbourl\u0435aks.org", "theh\u0430rbourl\u0435aks.org", "harbourleak.org"} { // Cyrillic
		link, err := cardlink.Canonicalise("http://" + host)
		if err != nil {
			t.Fatal(err)
		}
		sites = append(sites, KeyedSite{keyer.Site(link.Site), keyer.Label(link.Label)})
	}
	c.tries = 300_000 // fewer than the first one's look-alikes take
	if named := c.Name(sites); len(named) != 1 || named[sites[2].Site] != "harbourleak.org" || c.tries > 0 {
		t.Errorf("named are %q, and %d tries are left", named, c.tries)
	}
}
