package privacy

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

func TestVisibleJSONIsTheSameValueAndDoesNothing(t *testing.T) {
	for _, value := range []string{
		"", "plain", "李小明 [31m", "a\x1b[2J", "a\u009b2J\u0085b", "\x7f", "na\u202eem\u2066x\u200bx\ufeff", "\U000e0041\U0001f600", "a\u00a0b\u2028c", "\xff",
	} {
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		shown := VisibleJSON(append(encoded, '\n'))
		var want, got string
		if json.Unmarshal(encoded, &want) != nil || json.Unmarshal(shown, &got) != nil || got != want {
			t.Errorf("%q is shown as %q", want, got)
		}
		if i := strings.IndexFunc(strings.TrimSuffix(string(shown), "\n"), func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q is shown with something that does not show", want)
		}
	}
}
