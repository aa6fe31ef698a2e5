package watchlist

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	// minSignal and maxSignal bound a term, in bytes: a single character stands in
	// nearly every post.
	minSignal, maxSignal = 4, 200
	// maxSignals bounds the terms of one signal.
	maxSignals = 500
)

// SignalFinder says which signals of a watch list stand in a text. It never changes
// and may be used by many goroutines.
//
// A term is found wherever it stands, also inside a longer word, since Chinese is
// written without spaces. Latin letters match in both cases; characters that show
// nothing do not hide a term. Nothing else is undone.
type SignalFinder struct {
	// starts are the pairs of bytes, folded, that a term begins with; of a character of
	// three bytes, as Chinese ones are, the last two, which tell more.
	starts pairs
	terms  []signalTerm
}

// pairs is a set of pairs of bytes.
type pairs [1 << 16 / 64]uint64

func (p *pairs) add(a, b byte) {
	n := uint16(a)<<8 | uint16(b)
	p[n/64] |= 1 << (n % 64)
}

func (p *pairs) has(a, b byte) bool {
	n := uint16(a)<<8 | uint16(b)
	return p[n/64]&(1<<(n%64)) != 0
}

type signalTerm struct {
	folded string
	flag   doxtrailv1.PostFlag
}

// NewSignalFinder makes the SignalFinder of a list.
func NewSignalFinder(signals Signals) *SignalFinder {
	f := &SignalFinder{}
	f.add(signals.Bounty, doxtrailv1.PostFlag_POST_FLAG_BOUNTY)
	f.add(signals.CallToAction, doxtrailv1.PostFlag_POST_FLAG_CALL_TO_ACTION)
	return f
}

func (f *SignalFinder) add(terms []string, flag doxtrailv1.PostFlag) {
	for _, term := range terms {
		folded := foldTerm(term)
		if len(folded) < 2 {
			continue // the list was not checked
		}
		if wide(folded) {
			f.starts.add(folded[1], folded[2])
		} else {
			f.starts.add(folded[0], folded[1])
		}
		f.terms = append(f.terms, signalTerm{folded, flag})
	}
}

// foldTerm brings a term into the form in which it is compared.
func foldTerm(term string) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(term) {
		if !showsNothing(r) {
			b.WriteRune(r)
		}
	}
	return string(foldASCII([]byte(b.String())))
}

func foldASCII(b []byte) []byte {
	for i := range b {
		b[i] = lower(b[i])
	}
	return b
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b | 0x20
	}
	return b
}

// showsNothing says whether a character is invisible: joiners, direction marks, soft
// hyphens.
func showsNothing(r rune) bool { return r >= utf8.RuneSelf && unicode.Is(unicode.Cf, r) }

// Find gives the flags of the signals that stand in a text, each once, in the order of
// their numbers; nil for most.
func (f *SignalFinder) Find(text string) (flags []doxtrailv1.PostFlag) {
	if len(f.terms) == 0 {
		return nil
	}
	for i := 0; i+1 < len(text); {
		at := i
		if wide(text[i:]) {
			i += 3
			if f.starts.has(text[at+1], text[at+2]) {
				flags = f.look(flags, text[at:])
			}
			continue
		}
		i++
		first, second := lower(text[at]), lower(text[i])
		// A character that shows nothing may stand behind a letter.
		if f.starts.has(first, second) || first < utf8.RuneSelf && second >= utf8.RuneSelf {
			flags = f.look(flags, text[at:])
		}
	}
	slices.Sort(flags)
	return flags
}

// wide says whether a text begins with a character of three bytes.
func wide(text string) bool {
	return len(text) > 2 && text[0]&0xF0 == 0xE0 && text[1]&0xC0 == 0x80 && text[2]&0xC0 == 0x80
}

// look adds the flags of the terms that a text begins with.
func (f *SignalFinder) look(flags []doxtrailv1.PostFlag, text string) []doxtrailv1.PostFlag {
	for _, term := range f.terms {
		if stands(text, term.folded) && !slices.Contains(flags, term.flag) {
			flags = append(flags, term.flag)
		}
	}
	return flags
}

// stands says whether a text begins with a term. A text may have any number of
// characters that show nothing; what is looked at is bounded all the same.
func stands(text, term string) bool {
	const most = 4 * maxSignal
	text = text[:min(len(text), most)]
	for i := 0; i < len(term); {
		if text == "" {
			return false
		}
		if lower(text[0]) == term[i] {
			text, i = text[1:], i+1
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		if i == 0 || !showsNothing(r) {
			return false
		}
		text = text[size:]
	}
	return true
}
