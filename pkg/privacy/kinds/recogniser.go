package kinds

import (
	"cmp"
	"errors"
	"slices"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// What [Recogniser.Find] fails with. None says anything of the text.
var (
	// ErrUnknownScript: words in a script that the rules do not know.
	ErrUnknownScript = errors.New("recognise personal data: a script that the rules do not know")
	// ErrEncoding: what was given is not UTF-8.
	ErrEncoding = errors.New("recognise personal data: not UTF-8")
	// ErrFailed: a fault of the rules themselves.
	ErrFailed = errors.New("recognise personal data: a rule failed")
)

const (
	phone      = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE
	email      = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_EMAIL
	hkid       = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_HKID
	mainlandID = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_MAINLAND_ID
	bankCard   = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_BANK_CARD
	birth      = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_DATE_OF_BIRTH
	address    = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_ADDRESS
	plate      = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PLATE
	passport   = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PASSPORT
	personName = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_NAME
)

// Recogniser finds personal data in texts. It holds scratch memory and serves
// one goroutine. Make it with [New].
type Recogniser struct {
	rows []uint64 // a bit for each of the first 65,536 characters that the scan stops at
	cues [][]cue  // by their last byte

	text  string
	spans []Span
	line  stretch
	past  past
	chain addressChain
	// bare counts spans that are a phone by eight digits alone; numbers counts
	// those that are nothing.
	bare, numbers int
	// asked is the place for which a cue was looked for last, answer what it was.
	asked   int
	answer  cueKind
	unknown unknownWord
}

// New returns a recogniser.
func New() *Recogniser {
	return &Recogniser{rows: stopRows(), cues: cueIndex()}
}

// Find appends the personal data of a text to dst, in order and without
// overlaps, one span a value.
//
// It fails closed: on an error, which is one of this package's, nothing is
// appended, and nothing that was derived from the text but its length may be
// kept. A panic inside becomes [ErrFailed]. The text is not kept either way.
func (r *Recogniser) Find(dst []Span, text string) (found []Span, err error) {
	defer func() {
		if recover() != nil { // its value may quote the text
			found, err = dst, ErrFailed
		}
		clear(r.past.bytes[:])
		clear(r.line.c[:])
		r.text = ""
	}()
	r.text, r.spans = text, r.spans[:0]
	r.asked, r.answer = 0, noCue
	r.chain, r.bare, r.numbers, r.unknown = addressChain{}, 0, 0, unknownWord{}
	if err := r.scan(); err != nil {
		return dst, err
	}
	r.endChain()
	r.namesInWords()
	r.dropBare()
	return r.settle(dst), nil
}

// add notes a value between two places of the text.
func (r *Recogniser) add(kind doxtrailv1.PersonalDataKind, start, end int, c Confidence) {
	r.spans = append(r.spans, Span{kind, start, end, c})
}

// fullOfNumbers is how many other numbers make a text in which eight digits
// alone say nothing.
const fullOfNumbers = 3

// dropBare takes out phones that are nothing but eight digits from a text that
// is full of numbers.
func (r *Recogniser) dropBare() {
	if r.bare > 0 && r.numbers >= fullOfNumbers {
		r.spans = slices.DeleteFunc(r.spans, func(s Span) bool { return s.Kind == phone && s.Confidence == Shape })
	}
}

// settle appends the spans to dst in order. Of those that overlap the kind that
// says more stays.
func (r *Recogniser) settle(dst []Span) []Span {
	byStart := func(a, b Span) int { return cmp.Or(a.Start-b.Start, b.End-a.End) }
	if !slices.IsSortedFunc(r.spans, byStart) {
		slices.SortFunc(r.spans, byStart)
	}
	first := len(dst)
	for _, s := range r.spans {
		for len(dst) > first && dst[len(dst)-1].End > s.Start && rank(s.Kind) < rank(dst[len(dst)-1].Kind) {
			dst = dst[:len(dst)-1]
		}
		if len(dst) == first || dst[len(dst)-1].End <= s.Start {
			dst = append(dst, s)
		}
	}
	return dst
}

// rank orders kinds by how much they say: the first wins a place.
func rank(kind doxtrailv1.PersonalDataKind) int {
	return slices.Index([]doxtrailv1.PersonalDataKind{
		email, mainlandID, hkid, bankCard, passport, plate, birth, phone, address, personName,
	}, kind)
}
