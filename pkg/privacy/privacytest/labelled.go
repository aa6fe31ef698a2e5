package privacytest

import (
	"math/rand/v2"
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Labelled is an invented post and the truth about it.
type Labelled struct {
	Text string
	// Spans are the values that are personal data, in the order of the text. They
	// do not overlap.
	Spans []LabelledSpan
	// Traps are the phrases that look like personal data and are none.
	Traps []LabelledTrap
}

// LabelledSpan is one value in a text. A recogniser fills Kind, Start and End;
// the rest is what the generator knows.
type LabelledSpan struct {
	Kind doxtrailv1.PersonalDataKind
	// Start and End are bytes of the text: Text[Start:End] is the value as
	// written, without its cue.
	Start, End int
	// Form is how the value is written, such as "HKID, full-width brackets".
	Form string
	// Value is the value without decoration: digits and capitals of numbers, an
	// address of a mailbox with @ in lower case, a date as 2006-01-02. Of a form
	// that leaves part of it out, it is what is written.
	Value string
	// Apart marks a value that is masked or spelled out so that no rule can be
	// asked to see it: it is counted, but not in the recall.
	Apart bool
}

// LabelledTrap is one phrase that is no personal data.
type LabelledTrap struct {
	// Name is the sort of trap, such as "price".
	Name       string
	Start, End int
}

// Texts draws posts with known personal data, one after the other: Cantonese,
// Mandarin, English and mixed ones as a doxxing campaign has them, most of them
// chatter without any, some with one to six values in sentences or as a card.
//
// Nobody real is meant. Numbers are drawn from all that their structure
// allows, because a recogniser is to find those: none is written anywhere, and
// no name drawn beside one belongs to it. Mail lies under .example and .test;
// streets and estates do not exist.
//
// Forms are drawn evenly, not as often as people use them: rare disguises weigh
// as much as plain numbers, and a recall over them is no estimate of the one in
// the field.
//
// There is no kind for accounts at a bank: an IBAN is labelled as a bank card.
type Texts struct {
	draw     draw
	forms    map[string][]form
	traps    []trap
	chatter  map[language][]template
	personal map[language][]template
	cues     map[string][]string
}

// language is what a sentence is written in.
type language string

const (
	cantonese language = "cantonese"
	mandarin  language = "mandarin"
	english   language = "english"
	mixed     language = "mixed"
)

// NewTexts starts a row of texts: the same seed gives the same.
func NewTexts(seed uint64) *Texts {
	t := &Texts{
		draw:  draw{rand.New(rand.NewPCG(seed, 0x7472757468))}, //nolint:gosec // drawn for tests, and to be repeated
		forms: map[string][]form{},
	}
	for _, f := range allForms() {
		t.forms[f.slot] = append(t.forms[f.slot], f)
	}
	t.traps = readTraps()
	t.chatter = readTemplates("chatter")
	t.personal = readTemplates("personal")
	t.cues = readSections("cues")
	return t
}

// Take gives the next n texts.
func (t *Texts) Take(n int) []Labelled {
	texts := make([]Labelled, n)
	for i := range texts {
		texts[i] = t.Next()
	}
	return texts
}

// Next gives the next text.
func (t *Texts) Next() Labelled {
	s := &sheet{language: t.language(), ascii: t.draw.chance(20)}
	switch share := t.draw.IntN(100); {
	case share < 55:
		t.chat(s, 1+t.draw.IntN(3))
	case share < 85:
		t.chat(s, t.draw.IntN(2))
		t.sentences(s, 1+t.draw.IntN(6))
		t.chat(s, t.draw.IntN(2))
	default:
		t.card(s, 2+t.draw.IntN(5))
		t.chat(s, t.draw.IntN(2))
	}
	return Labelled{Text: s.text.String(), Spans: s.spans, Traps: s.traps}
}

func (t *Texts) language() language {
	switch share := t.draw.IntN(100); {
	case share < 55:
		return cantonese
	case share < 68:
		return mandarin
	case share < 85:
		return english
	}
	return mixed
}

// sentenceLanguage is the language of the next sentence of a text.
func (t *Texts) sentenceLanguage(s *sheet) language {
	if s.language == mixed {
		return pick(t.draw, []language{cantonese, cantonese, mandarin, english})
	}
	return s.language
}

// chat writes sentences without personal data.
func (t *Texts) chat(s *sheet, n int) {
	for range n {
		speech := t.sentenceLanguage(s)
		s.begin(t.draw, speech)
		t.fill(s, speech, pick(t.draw, t.chatter[speech]))
	}
}

// sentences writes sentences that hold n values together.
func (t *Texts) sentences(s *sheet, n int) {
	for left := n; left > 0; {
		speech := t.sentenceLanguage(s)
		sentence := pick(t.draw, t.personal[speech])
		if sentence.values > left {
			continue
		}
		left -= sentence.values
		s.begin(t.draw, speech)
		t.fill(s, speech, sentence)
	}
}

// card writes a list of n values with their cues, as doxxing cards have them.
func (t *Texts) card(s *sheet, n int) {
	s.begin(t.draw, s.language)
	s.text.WriteString(pick(t.draw, []string{"", "", "【起底】\n", "🔥起底🔥\n", "⚠️ 公開資料\n", "DOXX\n", "＝＝個人資料＝＝\n"}))
	between := pick(t.draw, []string{"\n", "\n", "\n", "\n\n", " ", " / ", "；", " | ", "\n- "})
	opening, after := "", pick(t.draw, []string{"：", "：", ": ", ":", " : ", " ", " - "})
	if t.draw.chance(12) {
		opening, after = "【", "】"
	}
	slots := pick(t.draw, [][]string{
		{"name", "hkid", "phone", "address", "birth", "mail", "plate", "passport"},
		{"name", "birth", "hkid", "phone", "phone", "address"},
		{"name", "cnid", "phone", "bank", "address", "iban", "mail"},
		{"phone", "mail", "plate", "bank", "passport", "hkid"},
	})
	if t.draw.chance(30) {
		t.draw.Shuffle(len(slots), func(i, j int) { slots[i], slots[j] = slots[j], slots[i] })
	}
	for i, slot := range slots[:min(n, len(slots))] {
		if i > 0 {
			s.text.WriteString(between)
		}
		s.text.WriteString(opening + t.cue(s.language, slot) + after)
		s.value(t.value(s.language, slot, false))
	}
}

// cue gives a word that announces a value, mostly in the text's language.
func (t *Texts) cue(speech language, slot string) string {
	for {
		word := pick(t.draw, t.cues[slot])
		if speech != english || !holdsHan(word) || t.draw.chance(15) {
			return strings.TrimSpace(word)
		}
	}
}

// value writes a value for a slot; alone asks for a form that needs no cue.
func (t *Texts) value(speech language, slot string, alone bool) written {
	for {
		f := pick(t.draw, t.forms[slot])
		if alone && !f.alone ||
			speech == english && f.script == chinese && !t.draw.chance(15) ||
			speech != english && f.script == latin && !t.draw.chance(40) {
			continue
		}
		text, value := f.write(t.draw)
		return written{f, text, value}
	}
}
