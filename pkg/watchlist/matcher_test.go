package watchlist

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestRecords(t *testing.T) {
	keyer := testRing(t).Keyer()
	first, _ := Next(nil, parse(t, sample))
	list, _ := Next(first, parse(t, strings.ReplaceAll(sample, ", docs.hosting.test", "")))
	got := map[string]string{}
	for _, s := range list.SiteRecords(keyer) {
		got[s.GetHost()] = fmt.Sprintf("%s %s sensitive %t listed %t pages %d generation %d", s.GetFamily(), s.GetMatch(), s.GetSensitive(), s.GetListed(), len(s.GetPageKeys()), s.GetGeneration())
	}
	want := map[string]string{
		"docs.hosting.test":     "harbour-leaks SITE_MATCH_HOST sensitive true listed false pages 3 generation 2",
		"harbour-leaks.example": "harbour-leaks SITE_MATCH_SITE sensitive true listed true pages 3 generation 2",
		"pier-cards.example":    "pier-cards SITE_MATCH_SITE sensitive false listed true pages 0 generation 2",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("sites (-got +want):\n%s", diff)
	}
	keys := map[string]privacy.Key{}
	for _, d := range list.DecisionRecords(keyer) {
		key, err := privacy.KeyFromBytes(d.GetTargetKey())
		if err != nil || !d.GetInForce() {
			t.Errorf("in force %t, %v", d.GetInForce(), err)
		}
		keys[d.GetLabel()] = key
	}
	wantKeys := map[string]privacy.Key{
		"tg-news-1": keyer.Channel(doxtrailv1.Platform_PLATFORM_TELEGRAM, "1234"),
		"x-1":       keyer.ChannelName(doxtrailv1.Platform_PLATFORM_TWITTER, "Pier_Watch"),
		"x-2":       keyer.Channel(doxtrailv1.Platform_PLATFORM_TWITTER, "5678"),
	}
	if diff := cmp.Diff(keys, wantKeys); diff != "" {
		t.Errorf("decisions (-got +want):\n%s", diff)
	}
}

func TestMatcher(t *testing.T) {
	keyer := testRing(t).Keyer()
	first, _ := Next(nil, parse(t, sample+"  - {label: old, platform: web, id: x}\n"))
	list, _ := Next(first, parse(t, strings.Replace(sample, "pier-cards.example", "m.pier-cards.example\n      - docs.pier-cards.example", 1)))
	off, _ := Next(list, parse(t, "families: [{label: other, sites: [other.example]}]"))
	matcher, taken := NewMatcher(list, keyer), NewMatcher(off, keyer)
	for link, want := range map[string]string{
		"harbour-leaks.example/card":       "harbour-leaks",
		"www.harbour-leaks.example":        "harbour-leaks",
		"a.b.harbour-leaks.example":        "harbour-leaks",
		"docs.hosting.test/x":              "harbour-leaks",
		"hosting.test/x":                   "",
		"a.docs.hosting.test":              "",
		"xharbour-leaks.example":           "",
		"harbour-leaks.test":               "",
		"docs.pier-cards.example":          "pier-cards",
		"other.test/harbour-leaks.example": "",
	} {
		l, err := cardlink.Canonicalise("https://" + link)
		if err != nil {
			t.Fatal(err)
		}
		host, site := keyer.Host(l.Host), keyer.Site(l.Site)
		if got, ok := matcher.Match(host, site); got != want || ok != (want != "") {
			t.Errorf("%s: family %q, want %q", link, got, want)
		}
		if got, ok := taken.Match(host, site); ok {
			t.Errorf("%s: family %q after it was taken off", link, got)
		}
	}
	if _, ok := matcher.Match(privacy.Key{}, privacy.Key{}); ok {
		t.Error("an absent host belongs to a family")
	}
	for page, want := range map[string]bool{"/": true, "/list": true, "/about.html": true, "/card": false} {
		if got := matcher.IsPage("harbour-leaks", keyer.Path(page)); got != want {
			t.Errorf("%s: page %t, want %t", page, got, want)
		}
	}
	if matcher.IsPage("pier-cards", keyer.Path("/list")) || taken.IsPage("harbour-leaks", keyer.Path("/list")) {
		t.Error("a page of another family, or of one taken off, counts")
	}
	if matcher.Empty() || taken.Empty() {
		t.Error("a matcher with sites is empty")
	}
}
