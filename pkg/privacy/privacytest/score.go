package privacytest

import (
	"unicode/utf8"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Scores says how well a recogniser finds what is labelled. It holds figures
// and the names of forms and traps, no text and no value.
type Scores struct {
	// Kinds has an entry for every kind that was labelled or found.
	Kinds map[doxtrailv1.PersonalDataKind]KindScore
	// Forms says of every form of a value, [LabelledSpan].Form, how often it
	// occurred and was found; those that are counted apart are among them.
	Forms map[string]Share
	// Traps says of every sort of trap how often it occurred and how often
	// something was found in it.
	Traps map[string]Share
	// Taken counts values taken for another kind, as "form as KIND".
	Taken map[string]int
	// Clean are the texts without any personal data; found are those in which
	// the recogniser saw some, which should be none.
	Clean Share
}

// KindScore is the figures of one kind.
type KindScore struct {
	// Labelled values are those that a rule can be asked to see, Found those of
	// them that it saw.
	Labelled, Found int
	// Apart are the masked and spelled-out ones, ApartFound those seen.
	Apart, ApartFound int
	// Right and Spurious are what the recogniser gave: spans that lie on a value
	// of the kind, apart or not, and spans that do not.
	Right, Spurious int
}

// Recall is the share of the labelled values that were found; 1 if there are
// none.
func (k KindScore) Recall() float64 { return Share{k.Labelled, k.Found}.Ratio() }

// Precision is the share of what was given that is right; 1 if nothing was
// given.
func (k KindScore) Precision() float64 { return Share{k.Right + k.Spurious, k.Right}.Ratio() }

// Share is how many there were and how many of them were found.
type Share struct{ All, Found int }

// Ratio is Found of All; 1 if there are none.
func (s Share) Ratio() float64 {
	if s.All == 0 {
		return 1
	}
	return float64(s.Found) / float64(s.All)
}

func (s Share) and(found bool) Share {
	s.All++
	if found {
		s.Found++
	}
	return s
}

// Score runs a recogniser over texts and compares. Lengths are characters:
//
//   - a value is found if spans of its kind cover more than half of it, whether
//     one span or several, so that a cue or a country's code may be in or out;
//   - a span is right if half of it or more lies on values of its kind, so that
//     giving the whole text finds everything and is spurious.
func Score(texts []Labelled, find func(text string) []LabelledSpan) Scores {
	s := Scores{
		Kinds: map[doxtrailv1.PersonalDataKind]KindScore{},
		Forms: map[string]Share{},
		Traps: map[string]Share{},
		Taken: map[string]int{},
	}
	for _, text := range texts {
		found := find(text.Text)
		s.labels(text, found)
		s.spans(text, found)
		for _, trap := range text.Traps {
			s.Traps[trap.Name] = s.Traps[trap.Name].and(touches(text.Text, trap, found))
		}
		if len(text.Spans) == 0 {
			s.Clean = s.Clean.and(len(found) > 0)
		}
	}
	return s
}

// labels counts which labelled values were found.
func (s Scores) labels(text Labelled, found []LabelledSpan) {
	for _, label := range text.Spans {
		all, inside := covered(text.Text, label, found)
		seen := inside*2 > all
		kind := s.Kinds[label.Kind]
		given := Share{kind.Labelled, kind.Found}
		if label.Apart {
			given = Share{kind.Apart, kind.ApartFound}
		}
		given = given.and(seen)
		if label.Apart {
			kind.Apart, kind.ApartFound = given.All, given.Found
		} else {
			kind.Labelled, kind.Found = given.All, given.Found
		}
		s.Kinds[label.Kind] = kind
		s.Forms[label.Form] = s.Forms[label.Form].and(seen)
	}
}

// spans counts which of the spans given are right.
func (s Scores) spans(text Labelled, found []LabelledSpan) {
	for _, span := range found {
		kind := s.Kinds[span.Kind]
		all, inside := covered(text.Text, span, text.Spans)
		if all > 0 && inside*2 >= all {
			kind.Right++
		} else {
			kind.Spurious++
			for _, label := range text.Spans {
				if label.Kind != span.Kind && label.Start < span.End && span.Start < label.End {
					s.Taken[label.Form+" as "+kindName(span.Kind)]++
				}
			}
		}
		s.Kinds[span.Kind] = kind
	}
}

// covered counts the characters of a span and those of them that spans of its
// kind cover.
func covered(text string, span LabelledSpan, by []LabelledSpan) (all, inside int) {
	for at := max(span.Start, 0); at < min(span.End, len(text)); at++ {
		if !utf8.RuneStart(text[at]) {
			continue
		}
		all++
		for _, other := range by {
			if other.Kind == span.Kind && other.Start <= at && at < other.End {
				inside++
				break
			}
		}
	}
	return all, inside
}

// touches says whether a span that lies on a trap was given.
func touches(text string, trap LabelledTrap, found []LabelledSpan) bool {
	for _, span := range found {
		on := LabelledSpan{Kind: span.Kind, Start: trap.Start, End: trap.End}
		if all, inside := covered(text, span, []LabelledSpan{on}); all > 0 && inside*2 >= all {
			return true
		}
	}
	return false
}
