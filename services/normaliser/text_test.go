package normaliser

import (
	"testing"

	"github.com/google/go-cmp/cmp"
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
