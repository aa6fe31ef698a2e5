package privacytest

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestTheSameSeedGivesTheSameTexts(t *testing.T) {
	first := NewTexts(5).Take(2000)
	if diff := cmp.Diff(first, NewTexts(5).Take(2000)); diff != "" {
		t.Errorf("texts differ (-got +want):\n%s", diff)
	}
	if cmp.Equal(first, NewTexts(6).Take(2000)) {
		t.Error("another seed gives the same texts")
	}
}

func TestEveryKindFormAndTrapOccurs(t *testing.T) {
	kinds, forms, traps := map[doxtrailv1.PersonalDataKind]int{}, map[string]int{}, map[string]int{}
	for _, text := range NewTexts(1).Take(20_000) {
		for _, span := range text.Spans {
			kinds[span.Kind]++
			forms[span.Form]++
		}
		for _, trap := range text.Traps {
			traps[trap.Name]++
		}
	}
	for number := range doxtrailv1.PersonalDataKind_name {
		kind := doxtrailv1.PersonalDataKind(number)
		if kind != doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_UNSPECIFIED && kinds[kind] < 200 {
			t.Errorf("%s occurs %d times, want 200 or more", kindName(kind), kinds[kind])
		}
	}
	for _, f := range allForms() {
		if forms[f.name] < 5 {
			t.Errorf("form %q occurs %d times, want 5 or more", f.name, forms[f.name])
		}
	}
	for _, trap := range readTraps() {
		if traps[trap.name] < 100 {
			t.Errorf("trap %q occurs %d times, want 100 or more", trap.name, traps[trap.name])
		}
	}
}

func TestMostTextsAreChatterAndTheOthersHoldOneToSixValues(t *testing.T) {
	texts := NewTexts(2).Take(5000)
	clean, numbers := 0, map[int]int{}
	for _, text := range texts {
		if len(text.Spans) == 0 {
			clean++
			continue
		}
		numbers[len(text.Spans)]++
	}
	if clean*2 < len(texts) {
		t.Errorf("%d of %d texts are chatter, want most", clean, len(texts))
	}
	for n := 1; n <= 6; n++ {
		if numbers[n] == 0 {
			t.Errorf("no text holds %d values", n)
		}
		delete(numbers, n)
	}
	if len(numbers) > 0 {
		t.Errorf("texts hold other numbers of values: %v", numbers)
	}
}

func TestTemplatesAreMostlyChinese(t *testing.T) {
	all, inChinese := 0, 0
	for _, speech := range []language{cantonese, mandarin, english} {
		templates := readTemplates("personal")[speech]
		all += len(templates)
		if speech != english {
			inChinese += len(templates)
		}
	}
	if all < 60 || inChinese*2 < all {
		t.Errorf("%d templates, %d of them Chinese, want 60 and half of them", all, inChinese)
	}
}

func TestSpansAndTrapsLieInTheTextApartFromEachOther(t *testing.T) {
	for _, text := range NewTexts(3).Take(5000) {
		if !utf8.ValidString(text.Text) {
			t.Fatalf("text is not UTF-8: %q", text.Text)
		}
		taken := make([]bool, len(text.Text))
		mark := func(what string, start, end int) {
			if start < 0 || end <= start || end > len(text.Text) {
				t.Fatalf("%s lies at %d to %d of %d bytes", what, start, end, len(text.Text))
			}
			for i := start; i < end; i++ {
				if taken[i] {
					t.Fatalf("%s overlaps another value or trap in %q", what, text.Text)
				}
				taken[i] = true
			}
		}
		for _, span := range text.Spans {
			mark(span.Form, span.Start, span.End)
		}
		for _, trap := range text.Traps {
			mark(trap.Name, trap.Start, trap.End)
		}
	}
}

// A letter or a digit right beside a value would make it unclear where the
// value ends. Telephone numbers may follow a word: WhatsApp91234567.
func TestNoLetterOrDigitTouchesAValue(t *testing.T) {
	blurs := func(r rune) bool {
		return r != utf8.RuneError && !unicode.Is(unicode.Han, r) && (unicode.IsLetter(r) || unicode.IsDigit(r))
	}
	for _, text := range NewTexts(4).Take(20_000) {
		for _, span := range text.Spans {
			before, _ := utf8.DecodeLastRuneInString(text.Text[:span.Start])
			after, _ := utf8.DecodeRuneInString(text.Text[span.End:])
			word := span.Kind == doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE && unicode.IsLetter(before)
			if blurs(before) && !word || blurs(after) {
				t.Fatalf("%s is touched in %q", span.Form, text.Text)
			}
		}
	}
}

func TestValuesAreGluedToChineseInAboutHalfOfTheCases(t *testing.T) {
	glued, spaced := 0, 0
	for _, text := range NewTexts(8).Take(10_000) {
		for _, span := range text.Spans {
			before := text.Text[:span.Start]
			cue, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(before, " "))
			switch {
			case !unicode.Is(unicode.Han, cue):
			case strings.HasSuffix(before, " "):
				spaced++
			default:
				glued++
			}
		}
	}
	if share := float64(glued) / float64(glued+spaced); share < 0.4 || share > 0.6 {
		t.Errorf("%d of %d values after Chinese are glued to it, want about half", glued, glued+spaced)
	}
}

func TestEverySlotAndCueIsKnown(t *testing.T) {
	texts := NewTexts(1)
	check := func(slot string, alone bool) {
		for _, f := range texts.forms[slot] {
			if f.alone || !alone {
				return
			}
		}
		t.Errorf("no form fits the slot %q, alone: %t", slot, alone)
	}
	for _, file := range []string{"personal", "chatter"} {
		for speech, templates := range readTemplates(file) {
			for _, sentence := range templates {
				if file == "chatter" && sentence.values > 0 {
					t.Errorf("chatter in %s holds a value", speech)
				}
				for _, piece := range sentence.pieces {
					if piece.slot != "" && piece.slot != trapSlot {
						check(piece.slot, piece.alone)
					}
				}
			}
		}
	}
	for slot := range texts.forms {
		if len(texts.cues[slot]) == 0 {
			t.Errorf("no cue announces %q", slot)
		}
	}
}
