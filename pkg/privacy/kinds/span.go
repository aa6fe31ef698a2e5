package kinds

import (
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Span is one value that was recognised: where it stands, never what it says.
type Span struct {
	Kind doxtrailv1.PersonalDataKind
	// Start and End are offsets in bytes of the text as it was given; both lie
	// between characters.
	Start, End int
	Confidence Confidence
}

// Confidence says what a value was recognised by.
type Confidence uint8

// The confidences, from the weakest up. All of them count: a shape without a
// valid check digit may be a mistyped number of a real person.
const (
	// Shape is a value that looks like one of its kind and nothing more.
	Shape Confidence = iota
	// Likely is a shape with a word before it that says what it is, or one that
	// little else has.
	Likely
	// Sure is a value whose check digit is right, or whose form leaves no doubt.
	Sure
)

// String gives the word that commands print: shape, likely or sure.
func (c Confidence) String() string {
	switch c {
	case Sure:
		return "sure"
	case Likely:
		return "likely"
	default:
		return "shape"
	}
}

// Count gives what a post keeps of spans: how many there are of each kind, in
// the order of the kinds. It is nil for none.
func Count(spans []Span) []*doxtrailv1.PersonalData {
	var counts [doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_NAME + 1]uint32
	for _, s := range spans {
		counts[s.Kind]++
	}
	var records []*doxtrailv1.PersonalData
	for i, n := range counts {
		if n > 0 {
			kind := doxtrailv1.PersonalDataKind(i)
			records = append(records, doxtrailv1.PersonalData_builder{Kind: &kind, Count: &n}.Build())
		}
	}
	return records
}
