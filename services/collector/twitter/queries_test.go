package twitter

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

var update = flag.Bool("update", false, "write golden files anew")

func stateKey(t *testing.T) *privacy.StateKey {
	t.Helper()
	ring, err := privacy.CreateRing(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return ring.StateKey()
}

// inOrder names things by their turn, so that golden files stay the same.
type inOrder struct{ names map[string]string }

func (n *inOrder) Name(_, value string) string {
	if n.names == nil {
		n.names = map[string]string{}
	}
	if n.names[value] == "" {
		n.names[value] = fmt.Sprintf("%032x", len(n.names)+1)[16:] + strings.Repeat("0", 16)
	}
	return n.names[value]
}

func effective(t *testing.T, list *watchlist.List) *watchlist.Effective {
	t.Helper()
	if err := list.Validate(); err != nil {
		t.Fatal(err)
	}
	next, _ := watchlist.Next(nil, list)
	return next
}

func exampleList(t *testing.T) *watchlist.Effective {
	t.Helper()
	return effective(t, &watchlist.List{
		Families: []watchlist.Family{
			{
				Label: "harbour", Sites: []string{"harbour-leaks.example", "cards.pier.example", "港口.test", "t.test"},
				Terms: []string{"港口資料", "#港口解密", `say "leak" OR -is:retweet`}, Patterns: []string{"harbour-*", "ab*"},
			},
			{Label: "pier", Sites: []string{"pier-cards.example"}},
		},
		Channels: []watchlist.Channel{
			{Label: "x-by-name", Platform: "twitter", Name: "@Pier_Watch"},
			{Label: "x-zero", Platform: "twitter", ID: "0"},
			{Label: "x-too-high", Platform: "twitter", ID: "99999999999999999999"},
			{Label: "x-by-id", Platform: "twitter", ID: "4711", Name: "pier_news"},
			{Label: "x-wrong", Platform: "twitter", Name: "robin)OR(from"},
			{Label: "tg", Platform: "telegram", Name: "pier_channel"},
		},
	})
}

// All that is asked for one list, as it goes to X.
func TestQueriesGolden(t *testing.T) {
	watches, out := watchesOf(exampleList(t), &inOrder{})
	var text strings.Builder
	rules, more := wantedRules(watches, 1000, 512)
	out = append(out, more...)
	for _, r := range rules {
		fmt.Fprintf(&text, "rule %s %s\n", r.Tag, r.Value)
	}
	queries, more := searches(watches, 1024)
	out = append(out, more...)
	for _, q := range queries {
		fmt.Fprintf(&text, "search %s %s\n", q.Watch.Label, q.Text)
	}
	for _, o := range out {
		fmt.Fprintf(&text, "left out %s: %s\n", o.Label, o.Why)
	}
	golden := filepath.Join("testdata", "queries.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Error(diff)
	}
}

func TestNothingThatIsTakenOffIsAskedFor(t *testing.T) {
	list := exampleList(t)
	for i := range list.Families {
		list.Families[i].Listed = false
	}
	for i := range list.Channels {
		list.Channels[i].Listed = false
	}
	if watches, out := watchesOf(list, &inOrder{}); len(watches)+len(out) != 0 {
		t.Errorf("%v, %v", watches, out)
	}
}

// grammar is what a query of ours is: atoms, joined by OR.
var grammar = func() *regexp.Regexp {
	const phrase = `"[^"\\\p{Cc}\p{Cf}\x{2028}\x{2029}]+"`
	const atom = `(?:(?:(?:url|url_contains):)?` + phrase + `|#[\p{L}\p{M}\p{N}_]+|(?:from|retweets_of):[A-Za-z0-9_]+)`
	return regexp.MustCompile(`^` + atom + `(?: OR ` + atom + `)*$`)
}()

// Whatever stands in a watch list, a query is atoms joined by OR and within its length.
func TestNoValueGetsOutOfItsQuotationMarks(t *testing.T) {
	bits := []string{`"`, "“", "”", "＂", "「", "'", `\`, " ", "\n", "\r\n", "\x00", "\u202e", "-", "(", ")", "OR", "is:retweet", "url:", "#", "a", "港", "😀", "*", "?", strings.Repeat("long ", 60)}
	value := rapid.Custom(func(rt *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(bits), rapid.String()), 1, 8).Draw(rt, "bits"), "")
	})
	rapid.Check(t, func(rt *rapid.T) {
		list := &watchlist.Effective{
			Families: []watchlist.EffectiveFamily{{
				Label: "family", Listed: true, Terms: rapid.SliceOfN(value, 0, 5).Draw(rt, "terms"), Patterns: rapid.SliceOfN(value, 0, 3).Draw(rt, "patterns"),
			}},
			Sites: []watchlist.EffectiveSite{{Family: "family", Host: value.Draw(rt, "host"), Listed: true}},
			Channels: []watchlist.EffectiveChannel{{Listed: true, Channel: watchlist.Channel{
				Label: "channel", Platform: "twitter", ID: value.Draw(rt, "id"), Name: value.Draw(rt, "name"),
			}}},
		}
		length := rapid.IntRange(128, 600).Draw(rt, "length")
		watches, out := watchesOf(list, &inOrder{})
		rules, more := wantedRules(watches, 1000, length)
		queries, again := searches(watches, length)
		for _, o := range slices.Concat(out, more, again) {
			if o.Label != "family" && o.Label != "channel" {
				rt.Fatalf("left out is named %q", o.Label)
			}
		}
		texts := []string{}
		for _, r := range rules {
			texts = append(texts, r.Value)
		}
		for _, q := range queries {
			texts = append(texts, q.Text)
		}
		for _, text := range texts {
			if !grammar.MatchString(text) || utf8.RuneCountInString(text) > length {
				rt.Fatalf("%d characters of %d: %q", utf8.RuneCountInString(text), length, text)
			}
		}
	})
}

// Chinese is counted in characters: 200 of them are 600 bytes and fit into 512.
func TestLengthIsCountedInCharacters(t *testing.T) {
	term := strings.Repeat("港", 200)
	queries, tooLong := packed([]string{quoted(term), quoted(term), quoted("a" + term)}, 512)
	if tooLong != 0 || len(queries) != 2 || utf8.RuneCountInString(queries[0]) != 408 {
		t.Errorf("%d queries, %d too long", len(queries), tooLong)
	}
	queries, tooLong = packed([]string{"a", strings.Repeat("港", 129), "b"}, 128)
	if diff := cmp.Diff([]string{"a OR b"}, queries); diff != "" || tooLong != 1 {
		t.Errorf("%s, %d too long", diff, tooLong)
	}
	if queries, _ := packed([]string{strings.Repeat("a", 62), strings.Repeat("b", 62)}, 128); len(queries) != 1 {
		t.Errorf("%d queries for what fits exactly into one", len(queries))
	}
}

func TestFamiliesGoBeforeAccountsAndAWatchIsLeftOutWhole(t *testing.T) {
	watches, _ := watchesOf(exampleList(t), &inOrder{})
	rules, out := wantedRules(watches, 3, 512)
	labels := map[string]int{}
	for _, r := range rules {
		id, ok := watchOf(r.Tag)
		i := slices.IndexFunc(watches, func(w watch) bool { return w.ID == id })
		if !ok || i < 0 {
			t.Fatalf("tag %s is nobody's", r.Tag)
		}
		labels[watches[i].Label]++
	}
	all, _ := wantedRules(watches, 1000, 512)
	if len(rules) > 3 || labels["harbour"]+labels["pier"] != len(all)-2 || len(out) != 2 {
		t.Errorf("%v of %d rules, left out %v", labels, len(all), out)
	}
}

func TestTagsTellNothingAndOthersAreNotOurs(t *testing.T) {
	watches, _ := watchesOf(exampleList(t), stateKey(t))
	for _, w := range watches {
		if !regexp.MustCompile(`^wl:[0-9a-f]{16}:v1$`).MatchString(w.tag()) {
			t.Errorf("tag %s", w.tag())
		}
		if id, ok := watchOf(w.tag()); !ok || id != w.ID {
			t.Errorf("tag %s is of %s", w.tag(), id)
		}
	}
	if id, ok := watchOf("wl:0123456789abcdef:v12"); !ok || id != "0123456789abcdef" {
		t.Error("a rule of another version is not ours")
	}
	for _, tag := range []string{"", "harbour", "wl:", "wl:0123456789abcdef", "wl:0123456789abcdef:v", "wl:0123456789abcdef:v0", "wl:0123456789abcdef:v01", "wl:0123456789ABCDEF:v1", "wl:01234567:v1", "x wl:0123456789abcdef:v1"} {
		if _, ok := watchOf(tag); ok {
			t.Errorf("%q is taken for ours", tag)
		}
	}
}
