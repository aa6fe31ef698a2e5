package watchlist

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

func testRing(t testing.TB) *privacy.Ring {
	t.Helper()
	ring, err := privacy.CreateRing(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func parse(t testing.TB, text string) *List {
	t.Helper()
	list, err := Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestNextKeepsWhatWasTakenOff(t *testing.T) {
	first, _ := Next(nil, parse(t, sample))
	second, changed := Next(first, parse(t, "families: [{label: pier-cards, sites: [pier-cards.example]}]"))
	if !changed || second.Generation != 2 {
		t.Fatalf("changed %t, generation %d, want a second generation", changed, second.Generation)
	}
	want := &Effective{
		Generation: 2, RulesVersion: RulesVersion, RulesSince: 1,
		Families: []EffectiveFamily{
			// Still sensitive: its hosts are no less dangerous for being off.
			{Label: "harbour-leaks", Sensitive: true, Pages: []string{"/", "/about.html", "/list"}, Patterns: []string{"harbour-*"}, Terms: []string{"harbour"}},
			{Label: "pier-cards", Listed: true},
		},
		Sites: []EffectiveSite{
			{Family: "harbour-leaks", Host: "docs.hosting.test", Since: 2},
			{Family: "harbour-leaks", Host: "harbour-leaks.example", Whole: true, Since: 2},
			{Family: "pier-cards", Host: "pier-cards.example", Whole: true, Listed: true, Since: 1},
		},
		Channels: []EffectiveChannel{
			{Channel{Label: "tg-news-1", Platform: "telegram", ID: "1234", Reason: "carries cards since May"}, false},
			{Channel{Label: "x-1", Platform: "twitter", Name: "pier_watch"}, false},
			{Channel{Label: "x-2", Platform: "twitter", ID: "5678", Name: "pier_talk"}, false},
		},
	}
	if diff := cmp.Diff(second, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	third, changed := Next(second, parse(t, sample))
	if !changed || third.Generation != 3 {
		t.Fatalf("changed %t, generation %d, want a third generation", changed, third.Generation)
	}
	third.Generation = 1
	for i := range third.Sites {
		third.Sites[i].Since = first.Sites[i].Since // else they were off for a while
	}
	if diff := cmp.Diff(third, first); diff != "" {
		t.Errorf("listed again (-got +want):\n%s", diff)
	}
}

func TestASiteThatMovesHasOneRow(t *testing.T) {
	first, _ := Next(nil, parse(t, "families: [{label: a, sites: [m1.example]}, {label: b, sites: [m2.example]}]"))
	second, _ := Next(first, parse(t, "families: [{label: a, sites: [m3.example]}, {label: b, sites: [m2.example, m1.example]}]"))
	want := []EffectiveSite{
		{Family: "b", Host: "m1.example", Whole: true, Listed: true, Since: 2},
		{Family: "b", Host: "m2.example", Whole: true, Listed: true, Since: 1},
		{Family: "a", Host: "m3.example", Whole: true, Listed: true, Since: 2},
	}
	if diff := cmp.Diff(second.Sites, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestAHandleThatIsAddedIsNoOtherChannel(t *testing.T) {
	first, _ := Next(nil, parse(t, "channels: [{label: a, platform: telegram, id: 5}]"))
	second, changed := Next(first, parse(t, "channels: [{label: a, platform: telegram, id: 5, name: Pier_Cards}]"))
	want := []EffectiveChannel{{Channel{Label: "a", Platform: "telegram", ID: "5", Name: "pier_cards"}, true}}
	if diff := cmp.Diff(second.Channels, want); diff != "" || !changed {
		t.Errorf("changed %t (-got +want):\n%s", changed, diff)
	}
	third, _ := Next(second, parse(t, "channels: [{label: a, platform: telegram, id: 5, name: another}]"))
	if len(third.Channels) != 1 || third.Channels[0].Name != "another" {
		t.Error("a handle that changed is another channel")
	}
}

func TestOrderAndRepeatsAreNoChange(t *testing.T) {
	first, _ := Next(nil, parse(t, "families: [{label: a, sites: [x.example, y.example], pages: [/, /b]}, {label: b, sites: [z.example]}]"))
	same := parse(t, "families: [{label: b, sites: [www.z.example], patterns: []}, {label: a, sites: [Y.example, x.example.], pages: [/b/, /index.html, /b]}]\nchannels: []")
	if again, changed := Next(first, same); changed || again != first {
		t.Errorf("another order is a change:\n%s", cmp.Diff(again, first))
	}
}

func TestNewRulesAreANewGeneration(t *testing.T) {
	list := parse(t, sample)
	first, _ := Next(nil, list)
	older := *first
	older.RulesVersion = RulesVersion - 1
	next, changed := Next(&older, list)
	if !changed || next.Generation != 2 || next.RulesVersion != RulesVersion {
		t.Errorf("changed %t, generation %d, rules %d", changed, next.Generation, next.RulesVersion)
	}
}

func TestAnEmptyListIsAGenerationToo(t *testing.T) {
	first, changed := Next(nil, &List{})
	if !changed || first.Generation != 1 {
		t.Errorf("changed %t, generation %d", changed, first.Generation)
	}
	if !NewMatcher(first, testRing(t).Keyer()).Empty() {
		t.Error("matcher of an empty list is not empty")
	}
}

func TestTheListTravelsSealed(t *testing.T) {
	ring := testRing(t)
	list, _ := Next(nil, parse(t, sample))
	sealed, err := list.Seal(ring.StateKey())
	if err != nil {
		t.Fatal(err)
	}
	for _, clear := range []string{"harbour", "pier_watch", "1234", "families"} {
		if strings.Contains(string(sealed), clear) {
			t.Errorf("sealed list shows %q", clear)
		}
	}
	back, err := Unseal(ring.StateKey(), sealed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(back, list); diff != "" || back.Digest() != list.Digest() {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if _, err := Unseal(testRing(t).StateKey(), sealed); !errors.Is(err, privacy.ErrSealed) {
		t.Errorf("another ring: error is %v, want ErrSealed", err)
	}
	if _, err := Unmarshal([]byte(`{"generation":"s3cret"}`)); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error is %v, want one without content", err)
	}
}

func TestTheLabelFindsTheChannel(t *testing.T) {
	list, _ := Next(nil, parse(t, sample))
	if c, ok := list.ChannelByLabel("tg-news-1"); !ok || c.ID != "1234" {
		t.Errorf("found %t", ok)
	}
	off, _ := Next(list, &List{})
	if _, ok := off.ChannelByLabel("tg-news-1"); ok {
		t.Error("found a channel that was taken off")
	}
}

// twin keeps what was ever listed in maps, the plainest way there is.
type twin struct {
	generation uint64
	sites      map[string]string // host to family, with "-" before it when off
	channels   map[string]string // identity to label
	families   map[string]string // label to flags
	bounty     bool
}

func (w *twin) next(list *List) bool {
	sites, channels, families := map[string]string{}, map[string]string{}, map[string]string{}
	for host, family := range w.sites {
		sites[host] = "-" + strings.TrimPrefix(family, "-")
	}
	for id, label := range w.channels {
		channels[id] = "-" + strings.TrimPrefix(label, "-")
	}
	for label, flags := range w.families {
		families[label] = "-" + strings.TrimPrefix(flags, "-")
	}
	for _, f := range list.Families {
		families[f.Label] = fmt.Sprint(f.Sensitive)
		for _, s := range f.Sites {
			sites[s] = f.Label
		}
	}
	for _, c := range list.Channels {
		channels[c.Platform+c.ID] = c.Label
	}
	bounty := len(list.Signals.Bounty) > 0
	if w.generation > 0 && bounty == w.bounty && maps.Equal(sites, w.sites) && maps.Equal(channels, w.channels) && maps.Equal(families, w.families) {
		return false
	}
	w.sites, w.channels, w.families, w.bounty = sites, channels, families, bounty
	w.generation++
	return true
}

func mark(listed bool, value string) string {
	if listed {
		return value
	}
	return "-" + value
}

func drawList(t *rapid.T) *List {
	list := &List{}
	sites := []string{"a.example", "b.example", "c.d.example", "e.test"}
	for _, label := range []string{"f1", "f2", "f3"} {
		f := Family{Label: label, Sensitive: rapid.Bool().Draw(t, "sensitive")}
		for _, s := range slices.Clone(sites) {
			if rapid.IntRange(0, 3).Draw(t, "site") == 0 {
				f.Sites = append(f.Sites, s)
				sites = slices.DeleteFunc(sites, func(other string) bool { return other == s })
			}
		}
		if len(f.Sites) > 0 {
			list.Families = append(list.Families, f)
		}
	}
	for _, id := range []string{"1", "2", "3"} {
		if rapid.Bool().Draw(t, "channel") {
			list.Channels = append(list.Channels, Channel{Label: rapid.SampledFrom([]string{"c", "d"}).Draw(t, "label") + id, Platform: "telegram", ID: id})
		}
	}
	if rapid.Bool().Draw(t, "signals") {
		list.Signals = Signals{Bounty: []string{"reward"}, CallToAction: []string{"go and find"}}
	}
	list.Families = rapid.Permutation(list.Families).Draw(t, "order")
	return list
}

func TestNextDoesWhatItsNaiveTwinDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list *Effective
		naive := &twin{}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			drawn := drawList(t)
			if err := drawn.Validate(); err != nil {
				t.Fatal(err)
			}
			var changed bool
			list, changed = Next(list, drawn)
			if want := naive.next(drawn); changed != want {
				t.Fatalf("changed %t, want %t", changed, want)
			}
			got := &twin{list.Generation, map[string]string{}, map[string]string{}, map[string]string{}, len(list.Signals.Bounty) > 0}
			for _, s := range list.Sites {
				got.sites[s.Host] = mark(s.Listed, s.Family)
			}
			for _, c := range list.Channels {
				got.channels[c.Platform+c.ID] = mark(c.Listed, c.Label)
			}
			for _, f := range list.Families {
				got.families[f.Label] = mark(f.Listed, fmt.Sprint(f.Sensitive))
			}
			if diff := cmp.Diff(got, naive, cmp.AllowUnexported(twin{})); diff != "" {
				t.Fatalf("(-got +want):\n%s", diff)
			}
			if len(list.Sites) != len(got.sites) || len(list.Channels) != len(got.channels) {
				t.Fatal("an entry stands twice")
			}
			back, err := Unmarshal(list.Marshal())
			if err != nil || back.Digest() != list.Digest() {
				t.Fatalf("differs after a round trip: %v", err)
			}
			if again, changed := Next(back, drawn); changed || again != back {
				t.Fatal("the same list is a change after a round trip")
			}
		}
	})
}
