package privacytest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sheet is a text as it is being written.
type sheet struct {
	language language
	// ascii writes the punctuation of Chinese sentences in ASCII.
	ascii bool
	text  strings.Builder
	spans []LabelledSpan
	traps []LabelledTrap
}

// written is a value in one of its forms.
type written struct {
	form
	text, value string
}

// begin ends the sentence before, if there is one.
func (s *sheet) begin(d draw, speech language) {
	if s.text.Len() == 0 {
		return
	}
	if n := len(s.spans); n > 0 && s.spans[n-1].End == s.text.Len() {
		s.text.WriteString("\n") // a value has an end that can be seen
		return
	}
	if speech == english {
		s.text.WriteString(pick(d, []string{" ", "\n", "\n\n"}))
		return
	}
	s.text.WriteString(pick(d, []string{"\n", "\n", " ", "\n\n"}))
}

// value writes a value and labels it.
func (s *sheet) value(v written) {
	start := s.text.Len()
	s.text.WriteString(v.text)
	s.spans = append(s.spans, LabelledSpan{
		Kind: v.kind, Start: start, End: s.text.Len(),
		Form: v.name, Value: v.value, Apart: v.apart,
	})
}

// trap writes a phrase that is no personal data.
func (s *sheet) trap(name, phrase string) {
	start := s.text.Len()
	s.text.WriteString(phrase)
	s.traps = append(s.traps, LabelledTrap{name, start, s.text.Len()})
}

// literal writes the words around values.
func (s *sheet) literal(words string) {
	if s.ascii {
		words = asciiPunctuation(words)
	}
	s.text.WriteString(words)
}

// endsInHan says whether the last character so far is Chinese.
func (s *sheet) endsInHan() bool {
	last, _ := utf8.DecodeLastRuneInString(s.text.String())
	return unicode.Is(unicode.Han, last)
}

// fill writes a sentence. Values are glued to the Chinese beside them in half
// of the cases, as people write them.
func (t *Texts) fill(s *sheet, speech language, sentence template) {
	loose := false
	for _, piece := range sentence.pieces {
		if piece.slot == "" {
			words := expand(t.draw, piece.words)
			if first, _ := utf8.DecodeRuneInString(words); loose && unicode.Is(unicode.Han, first) && t.draw.chance(50) {
				s.text.WriteString(" ")
			}
			s.literal(words)
			loose = false
			continue
		}
		if s.endsInHan() && t.draw.chance(50) {
			s.text.WriteString(" ")
		}
		if piece.slot == trapSlot {
			name, phrase := t.trapPhrase(speech)
			s.trap(name, phrase)
		} else {
			s.value(t.value(speech, piece.slot, piece.alone))
		}
		loose = true
	}
}

func asciiPunctuation(words string) string {
	return strings.NewReplacer(
		"：", ":", "，", ", ", "。", ". ", "！", "!", "？", "?", "（", "(", "）", ")", "；", "; ", "、", ", ",
	).Replace(words)
}

func holdsHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
