package privacytest

import (
	"slices"
	"strings"
)

// trap is a sort of phrase that looks like personal data and is none, with its
// patterns; see [expand].
type trap struct {
	name string
	// all are the patterns for Chinese texts, english those without Chinese.
	all, english []string
}

func readTraps() []trap {
	var traps []trap
	for name, patterns := range readSections("traps") {
		t := trap{name: name, all: patterns}
		for _, pattern := range patterns {
			if !holdsHan(pattern) {
				t.english = append(t.english, pattern)
			}
		}
		traps = append(traps, t)
	}
	slices.SortFunc(traps, func(a, b trap) int { return strings.Compare(a.name, b.name) })
	return traps
}

// trapPhrase draws a trap.
func (t *Texts) trapPhrase(speech language) (name, phrase string) {
	drawn := pick(t.draw, t.traps)
	patterns := drawn.all
	if speech == english && len(drawn.english) > 0 {
		patterns = drawn.english
	}
	phrase = expand(t.draw, pick(t.draw, patterns))
	before, rest, found := strings.Cut(phrase, "{")
	if found {
		figure, after, _ := strings.Cut(rest, "}")
		phrase = before + t.wrongFigure(figure) + after
	}
	return drawn.name, phrase
}

// wrongFigure draws a number of the right length whose check fails.
func (t *Texts) wrongFigure(of string) string {
	d := t.draw
	switch of {
	case "wrong card":
		n := pick(d, []string{"4", "51", "62"}) + d.digits(14)
		n = n[:15]
		return n + string('0'+(luhnDigit(n)[0]-'0'+byte(1+d.IntN(9)))%10)
	case "wrong mainland id":
		n := mainlandID(d)[:17]
		check := mainlandCheck(n)
		wrong := d.letter("0123456789X")
		for wrong == check || luhnDigit(n) == wrong { // nor may it be a bank card
			wrong = d.letter("0123456789X")
		}
		return n + wrong
	case "product":
		n := d.letter("ABCDEFGHKMPRSTVWZ") + d.digits(6)
		wrong := d.digits(1)
		for wrong == string(HKIDCheck(n)) {
			wrong = d.digits(1)
		}
		return n + wrong
	case "long run":
		n := "7" + d.digits(2) + hongKongNumber(d) + d.digits(2)
		return n + string('0'+(luhnDigit(n)[0]-'0'+byte(1+d.IntN(9)))%10)
	}
	panic("a trap names no figure of the generator: " + of)
}
