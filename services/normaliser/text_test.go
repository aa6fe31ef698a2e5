package normaliser

import (
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFactsOf(t *testing.T) {
	tests := map[string]struct {
		text string
		want textFacts
	}{
		"nothing":                             {"", textFacts{}},
		"digits and signs have no script":     {"123 !?", textFacts{length: 6}},
		"english":                             {"Look here", textFacts{9, "Latn"}},
		"chinese counts characters not bytes": {"請看這裡", textFacts{4, "Hani"}},
		"chinese with a link in it":           {"請看這裡大家快來看看 x.example", textFacts{20, "Hani"}},
		"japanese":                            {"これはひみつ", textFacts{6, "Jpan"}},
		"korean":                              {"안녕", textFacts{2, "Hang"}},
		"cyrillic":                            {"привет", textFacts{6, "Cyrl"}},
		"accented letters are latin":          {"éàü", textFacts{3, "Latn"}},
		"rare chinese letters":                {"㐀𠀀豈", textFacts{3, "Hani"}},
		"the ends of the common block":        {"一鿿", textFacts{2, "Hani"}},
		"signs beside the common block":       {"䷀䷿ a", textFacts{4, "Latn"}},
		"signs of chinese are no letters":     {"「，。！？」—… a", textFacts{10, "Latn"}},
		"a cut chinese letter":                {"方\xe6\x96", textFacts{3, "Hani"}},
		"invalid bytes count as characters":   {"a\xff\xfe", textFacts{3, "Latn"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(factsOf(tc.text), tc.want, cmp.AllowUnexported(textFacts{})); diff != "" {
				t.Errorf("facts (-got +want)\n%s", diff)
			}
		})
	}
}

// The short cut for Chinese letters must not change an answer.
func TestTheShortCutAgreesWithTheTable(t *testing.T) {
	table := func(text string) (out textFacts) {
		counts := map[string]int{}
		for _, r := range text {
			out.length++
			for _, s := range scriptRanges {
				if s.first <= r && r <= s.last && s.script != none {
					counts[scripts[s.script]]++
				}
			}
			if r < 0x80 && unicode.IsLetter(r) {
				counts["Latn"]++
			}
		}
		most := 0
		for _, script := range scripts {
			if counts[script] > most {
				most, out.script = counts[script], script
			}
		}
		return out
	}
	for r := rune(0x2F00); r <= 0xA100; r++ {
		if got, want := factsOf(string(r)), table(string(r)); got != want {
			t.Fatalf("%U: got %v, want %v", r, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[一-鿿㐀-䷿a-zа-яぁ-ん\x{AC00}-\x{AC20}]*`), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		if got, want := factsOf(text), table(text); got != want {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestPrimaryLanguage(t *testing.T) {
	for tag, want := range map[string]string{
		"": "", "zh": "zh", "ZH": "zh", "zh-Hant-HK": "zh", "zh_TW": "zh", "und": "und", "yue": "yue",
		"z": "", "fong": "", "a1": "", "方": "", "-zh": "", "zh hk": "",
	} {
		if got := primaryLanguage(tag); got != want {
			t.Errorf("%q: got %q, want %q", tag, got, want)
		}
	}
}
