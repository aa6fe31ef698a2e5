package cardlink

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// watched are the labels of an invented watch list, as its sites spell them.
func watched() *Labels {
	return NewLabels(slices.Values([]string{"hkleaks", "harbour-leaks", "pier", ""}))
}

func TestVectorsOfWatchedLabels(t *testing.T) {
	checkFinder(t, NewWatching(watched()), []vector{
		{"hkleaks dot org", tagged("hkleaks.org/", spacedTag)},
		{"hkleaks DOT ru/card/1", tagged("hkleaks.ru/card/1", spacedTag)},
		{"hkleaks 點 org", tagged("hkleaks.org/", spacedTag)},
		{"hkleaks 点 org", tagged("hkleaks.org/", spacedTag)},
		{"hkleaks點org", tagged("hkleaks.org/", spacedTag)},
		{"hkleaks点org", tagged("hkleaks.org/", spacedTag)},
		{"hkleaks·org", tagged("hkleaks.org/", middleTag)},
		{"hkleaks・org hkleaks•org", []found{{"hkleaks.org/", disguises{middleTag}}, {"hkleaks.org/", disguises{middleTag}}}},
		{"hkleaks‧org/1 hkleaks∙org/2 hkleaks⋅org/3 hkleaks･org/4 hkleaks\u0387org/5", []found{
			{"hkleaks.org/1", disguises{middleTag}},
			{"hkleaks.org/2", disguises{middleTag}},
			{"hkleaks.org/3", disguises{middleTag}},
			{"hkleaks.org/4", disguises{middleTag}},
			{"hkleaks.org/5", disguises{middleTag}},
		}},
		{"hkleaks. org", tagged("hkleaks.org/", spacedTag)},
		{"hkleaks .org/card", tagged("hkleaks.org/card", spacedTag)},
		{"hkleaks . org", tagged("hkleaks.org/", spacedTag)},
		{"hkleakѕ.ru", plain("xn--hkleak-nvf.ru/")},
		{"һkleaks.org/card/1", plain("xn--kleaks-vgg.org/card/1")},
		// Letters apart, and signs that nobody reads as a dot.
		{"h k l e a k s . o r g", nil},
		{"hkleaks dot o r g", nil},
		{"hkleaks-dot-org hkleaks , org", nil},
		{"the dot me and dot is fine", nil},
		{"connect the dots dot com", nil},
		{"v1.2.3 and file.doc", nil},
		{"myhkleaks dot fan", nil},
	})
}

func TestSpelledHosts(t *testing.T) {
	checkFinder(t, NewWatching(watched()), []vector{
		{"Harbour-Leaks dot example", tagged("harbour-leaks.example/", spacedTag)},
		{"harbourleaks Dot com dot hk", tagged("harbourleaks.com.hk/", spacedTag)},
		{"harbour1eaks dot com.hk/card", tagged("harbour1eaks.com.hk/card", spacedTag)},
		{"pier·com·hk", tagged("pier.com.hk/", middleTag)},
		{"pier dot com[.]hk", tagged("pier.com.hk/", bracketTag, spacedTag)},
		{"pier dot github dot io", tagged("pier.github.io/", spacedTag)},
		{"www.pier dot example", tagged("www.pier.example/", spacedTag)},
		{"https://pier dot example/a", tagged("pier.example/a", spacedTag)},
		{"hxxps://cards.pier點example/a", tagged("cards.pier.example/a", schemeTag, spacedTag)},
		{"pi\u200Ber \u200Bdot\u200B example", tagged("pier.example/", invisibleTag, spacedTag)},
		{"pier  dot  example", tagged("pier.example/", spacedTag)},
		{"ｐｉｅｒ點example", tagged("pier.example/", nfkcTag, spacedTag)},
		{"pier dot ｅｘａｍｐｌｅ", tagged("pier.example/", nfkcTag, spacedTag)},
		{"ріег dot example", tagged("xn--c1ad6a2f.example/", spacedTag)},
		{"pier dot example:8080/x?y=1", tagged("pier.example:8080/x?y=1", spacedTag)},
		// Only the suffix that exists is read.
		{"pier dot org dot and so on", tagged("pier.org/", spacedTag)},
		{"go to pier dot com. in the evening", tagged("pier.com/", spacedTag)},
		{"pier dot example. Then", tagged("pier.example/", spacedTag)},
		{"https://www dot pier dot com dot hk/a", tagged("www.pier.com.hk/a", spacedTag)},
		{"www點pier.example www dot quay dot org", tagged("www.pier.example/", spacedTag)},
		// Another label in front of the watched one is left out.
		{"cards dot pier dot example", tagged("pier.example/", spacedTag)},
	})
}

// Disguises hide each other: whatever is undone first must not keep a spelled dot from
// being seen.
func TestSpelledHostsInOtherDisguises(t *testing.T) {
	checkFinder(t, NewWatching(watched()), []vector{
		{"pier點ｅｘａｍｐｌｅ pier·ｏｒｇ/a", []found{{"pier.example/", disguises{nfkcTag, spacedTag}}, {"pier.org/a", disguises{nfkcTag, middleTag}}}},
		{"pier點\u200Bexample pier\u200B·\uFEFForg", []found{{"pier.example/", disguises{invisibleTag, spacedTag}}, {"pier.org/", disguises{invisibleTag, middleTag}}}},
		{"pier \u200B.example pier.\u200B org", []found{{"pier.example/", disguises{invisibleTag, spacedTag}}, {"pier.org/", disguises{invisibleTag, spacedTag}}}},
		{"pier dot example／card", tagged("pier.example/card", nfkcTag, spacedTag)},
		{"https：／／pier dot example/a", tagged("pier.example/a", nfkcTag, spacedTag)},
		{"https：／／mirror.example／pier點org", tagged("mirror.example/pier", nfkcTag)},
		{"http__pier dot example/a", tagged("pier.example/a", schemeTag, spacedTag)},
		{"\u200Fhxxps__pier·example", tagged("pier.example/", schemeTag, middleTag)},
		{"my__pier dot example", nil},
		{"他·ｐ pier・新聞 pier點\u200B解", nil},
	})
}

func TestSpelledHostsAreFewInProse(t *testing.T) {
	checkFinder(t, NewWatching(watched()), []vector{
		{"pier dot pier dot", nil},
		{"pier dot unknown pier dot 5 pier dot", nil},
		{"pierdot com pier dotcom pier adot com pier dots com", nil},
		{"mypier dot com pier2 dot com pi-er-s dot com", nil},
		{"we met at the pier. is it still open", nil},
		{"we met at the pier. In the evening", nil},
		{"we met at the pier. Org charts are dull", nil},
		{"the pier. it was closed. news at ten", nil},
		{"pier · news, pier • live", nil},
		{"pier點解 pier 點 解 我點了pier", nil},
		{"pier\ndot\norg pier\tdot\torg", nil},
		{"info@pier dot org #pier dot org", nil},
		{"https://mirror.example/a/pier dot org", plain("mirror.example/a/pier")},
		{"https://mirror.example/pier·org", plain("mirror.example/pier")},
		{"mirror.example/x,pier. org", plain("mirror.example/x,pier")},
		{"смотритеpierѕ.ru pierѕ.ru ріегы.ru слово.слово", nil},
		{"pier.слово пиер.ru", nil},
	})
}

func TestSpelledNeighbours(t *testing.T) {
	checkFinder(t, NewWatching(watched()), []vector{
		{"請看pier點example謝謝", tagged("pier.example/", spacedTag)},
		{"請看 pier dot example，謝謝", tagged("pier.example/", spacedTag)},
		{"請看pier·example。快看", tagged("pier.example/", middleTag)},
		{"「pier 點 example」（pier. org）", []found{{"pier.example/", disguises{spacedTag}}, {"pier.org/", disguises{spacedTag}}}},
		{"請看hkleakѕ.ru，謝謝", plain("xn--hkleak-nvf.ru/")},
		{"🔥pier dot example🔥", tagged("pier.example/", spacedTag)},
		{"\u200Fpier dot example\u200F", tagged("pier.example/", spacedTag)},
		{"\u202Apier·example\u202C \u202Bhkleakѕ.ru\u202C", []found{{"pier.example/", disguises{middleTag}}, {"xn--hkleak-nvf.ru/", nil}}},
		{"pier dot example\u200BJoin us", tagged("pier.example/", spacedTag)},
		{"(pier dot example) [pier dot org] *pier dot com*", []found{
			{"pier.example/", disguises{spacedTag}},
			{"pier.org/", disguises{spacedTag}},
			{"pier.com/", disguises{spacedTag}},
		}},
		{"pier dot example,pier dot org", []found{{"pier.example/", disguises{spacedTag}}, {"pier.org/", disguises{spacedTag}}}},
		{"pier dot example pier dot org", []found{{"pier.example/", disguises{spacedTag}}, {"pier.org/", disguises{spacedTag}}}},
		{"pier dot examplehttps://mirror.example/2", []found{{"pier.example/", disguises{spacedTag}}, {"mirror.example/2", nil}}},
		{"mirror.example pier dot org mirror.test", []found{{"mirror.example/", nil}, {"pier.org/", disguises{spacedTag}}, {"mirror.test/", nil}}},
		{"https://mirror.example/1 pier點org", []found{{"mirror.example/1", nil}, {"pier.org/", disguises{spacedTag}}}},
		{"pier" + strings.Repeat(".", 10_000) + " org", nil},
		{"pier dot org" + strings.Repeat(".", 10_000), tagged("pier.org/", spacedTag)},
		{strings.Repeat(".", 10_000) + "pier dot org", tagged("pier.org/", spacedTag)},
		{"pier" + strings.Repeat("·", 10_000) + "org", nil},
	})
}

func TestPlaceOfASpelledLink(t *testing.T) {
	for text, want := range map[string]string{
		"去 pier dot example/a 看":    "pier dot example/a",
		"請看pier點example。":           "pier點example",
		"(pier. org)":               "pier. org",
		"hkleakѕ.ru!":               "hkleakѕ.ru",
		"a pier dot com. in b":      "pier dot com",
		"\u200Fpier·example\u200F.": "pier·example",
	} {
		links := NewWatching(watched()).Text(nil, text)
		if len(links) != 1 {
			t.Fatalf("%d links in %q, want 1", len(links), text)
		}
		if got := text[links[0].Start:links[0].End]; got != want {
			t.Errorf("place of the link in %q is %q, want %q", text, got, want)
		}
	}
}

func TestMarkedMayBeSpelled(t *testing.T) {
	links := NewWatching(watched()).Marked(nil, " pier dot example/a ", 0, 0)
	if len(links) != 1 || links[0].URL != "pier.example/a" {
		t.Errorf("links %+v", links)
	}
}

func TestLabels(t *testing.T) {
	labels := watched()
	for label, want := range map[string]bool{
		"hkleaks": true, "HK-Leaks": true, "hk1eaks": true, "hkleakѕ": true, "xn--hkleak-nvf": true, "ｐｉｅｒ": true,
		"hkleak": false, "myhkleaks": false, "": false, "p": false, "卡片卡片卡片": false,
	} {
		if got := labels.Holds(label); got != want {
			t.Errorf("holds %q: %t", label, got)
		}
	}
	var none *Labels
	if !none.Empty() || !NewLabels(slices.Values([]string{"", "-"})).Empty() || labels.Empty() || none.Holds("") {
		t.Error("a set is wrong about being empty")
	}
}

func TestEveryLabelMayBeWatched(t *testing.T) {
	checkFinder(t, NewWatching(EveryLabel()), []vector{
		{"see quay dot example/a", tagged("quay.example/a", spacedTag)},
		{"quay點example", tagged("quay.example/", spacedTag)},
		{"the dot me and dot is fine", []found{{"the.me/", disguises{spacedTag}}, {"and.is/", disguises{spacedTag}}}},
		{" dot example", nil},
	})
	if every := EveryLabel(); every.Empty() || every.Holds("") || !every.Holds("q") {
		t.Error("the set of all labels is wrong about one")
	}
}

// TestWatchingAddsOnly says that a watch list changes nothing about links of
// texts in which nothing of it stands.
func TestWatchingAddsOnly(t *testing.T) {
	f, w := New(), NewWatching(NewLabels(slices.Values([]string{"absentlabel"})))
	rapid.Check(t, func(rt *rapid.T) {
		text := joined(rt, "text")
		checkSame(t, text, f.Text(nil, text), w.Text(nil, text))
	})
}

func TestScanStopsAtWords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := joined(rt, "text")
		from := rapid.IntRange(0, len(text)).Draw(rt, "from")
		want := from
		for ; want < len(text); want++ {
			rest, before := text[want:], text[:want+1]
			_, last := utf8.DecodeLastRuneInString(before)
			if len(rest) > 2 && strings.EqualFold(rest[:3], "dot") ||
				len(rest) > 1 && rest[1] < 0x80 && last > 1 && strings.Contains("點点・•‧∙⋅･·\u0387", before[len(before)-last:]) {
				break
			}
		}
		if got := nextWord(text, from); got != want {
			rt.Fatalf("next word of %q from %d is %d, want %d", text, from, got, want)
		}
	})
}

// anyDot is whatever is read as the dot of a watched label, and more.
var anyDot = regexp.MustCompile(`(?i)\s*(\[\.|\.\]|\]\.|\\\.)\s*|[ \x{A0}]+dot +| *[點点] *|[·•‧∙⋅・･\x{387}]| *\. *`)

// checkSpelled asserts that a link with a spelled dot is one of a watched label
// and that its host stands in the text.
func checkSpelled(t *testing.T, text string, l Link) {
	t.Helper()
	if !slices.Contains(l.Disguises, spacedTag) && !slices.Contains(l.Disguises, middleTag) || l.Role == doxtrailv1.LinkRole_LINK_ROLE_EMBEDDED {
		return
	}
	if !watched().Holds(l.Label) {
		t.Errorf("spelled link of label %q in %q, which nobody watches", l.Label, text)
	}
	if len(l.Disguises) > 1 || !plainASCII(l.Host) || strings.Contains(l.Host, "xn--") {
		return
	}
	if stood := strings.ToLower(anyDot.ReplaceAllString(text[l.Start:l.End], ".")); !strings.Contains(stood, l.Host) {
		t.Errorf("host %q of %q does not stand in it", l.Host, text)
	}
}

func checkSame(t *testing.T, text string, got, want []Link) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("links of %q (-got +want):\n%s", text, diff)
	}
}
