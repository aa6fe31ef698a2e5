package message

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gotd/td/tg"
	"pgregory.net/rapid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestOffsetsAreUTF16Units(t *testing.T) {
	got := post(t, &tg.Message{
		Message:  "新卡 😀 cards.example/a 看",
		Entities: []tg.MessageEntityClass{&tg.MessageEntityURL{Offset: 6, Length: 15}},
	})
	diff(t, "links", got.GetLinks(), []*doxtrailv1.RawLink{link("cards.example/a", entityLink)})
}

// slowStretch cuts the units out of a text that is written in UTF-16.
func slowStretch(text string, offset, length int) (string, bool) {
	units := utf16.Encode([]rune(text))
	if offset+length > len(units) {
		return "", false
	}
	for _, edge := range []int{offset, offset + length} {
		if edge > 0 && edge < len(units) && utf16.IsSurrogate(rune(units[edge])) && units[edge] >= 0xdc00 {
			return "", false // inside a pair
		}
	}
	return string(utf16.Decode(units[offset : offset+length])), true
}

func TestStretchesAreThoseOfTheSlowWay(t *testing.T) {
	// Each stands for a width: in bytes, in units, and in parts of one emoji.
	letters := []string{"a", "/", " ", "é", "新", "。", "😀", "👩‍💻", "🇭🇰", "e\u0301", "\u200b", "\ufeff", "\U00020000", "\uffff"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(letters), 0, 30).Draw(t, "text"), "")
		var entities []tg.MessageEntityClass
		var want []*doxtrailv1.RawLink
		last := 0
		for range rapid.IntRange(0, 6).Draw(t, "entities") {
			offset := rapid.IntRange(last, last+12).Draw(t, "offset")
			length := rapid.IntRange(1, 12).Draw(t, "length")
			entities = append(entities, &tg.MessageEntityURL{Offset: offset, Length: length})
			last = offset
		}
		for i, e := range entities {
			if url, ok := slowStretch(text, e.GetOffset(), e.GetLength()); ok && !slowCut(text, entities, i) {
				want = append(want, link(url, entityLink))
			}
		}
		d := draft{}
		d.marks(text, entities, own())
		if len(d.links) != len(want) {
			t.Fatalf("%q %v: got %v, want %v", text, entities, d.links, want)
		}
		for i := range want {
			if d.links[i].GetUrl() != want[i].GetUrl() {
				t.Fatalf("%q %v: got %q, want %q", text, entities, d.links[i].GetUrl(), want[i].GetUrl())
			}
		}
	})
}

// slowCut says whether another link touches one without a space between.
func slowCut(text string, entities []tg.MessageEntityClass, i int) bool {
	units := utf16.Encode([]rune(text))
	inside := func(at int) bool {
		return at >= 0 && at < len(units) && units[at] < 0x7f && isAddress(byte(units[at]))
	}
	from, to := entities[i].GetOffset(), entities[i].GetOffset()+entities[i].GetLength()
	for _, other := range entities {
		start, end := other.GetOffset(), other.GetOffset()+other.GetLength()
		if end == from && inside(from-1) && inside(from) || start == to && inside(to-1) && inside(to) {
			return true
		}
	}
	return false
}

func TestWhatTelegramMarks(t *testing.T) {
	type counts = map[doxtrailv1.PersonalDataKind]uint32
	const (
		phones = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE
		emails = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_EMAIL
		cards  = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_BANK_CARD
	)
	for _, tc := range []struct {
		name, text string
		entities   []tg.MessageEntityClass
		links      []*doxtrailv1.RawLink
		personal   counts
	}{
		{
			name: "a hidden link", text: "see here",
			entities: []tg.MessageEntityClass{&tg.MessageEntityTextURL{Offset: 4, Length: 4, URL: "https://cards.example/a"}},
			links:    []*doxtrailv1.RawLink{link("https://cards.example/a", textLink)},
		},
		{
			name: "in the order of the text", text: "a.example b.example",
			entities: []tg.MessageEntityClass{&tg.MessageEntityURL{Offset: 10, Length: 9}, &tg.MessageEntityURL{Offset: 0, Length: 9}},
			links:    []*doxtrailv1.RawLink{link("a.example", entityLink), link("b.example", entityLink)},
		},
		{
			name: "a link inside bold", text: "see a.example now",
			entities: []tg.MessageEntityClass{&tg.MessageEntityBold{Offset: 0, Length: 17}, &tg.MessageEntityURL{Offset: 4, Length: 9}},
			links:    []*doxtrailv1.RawLink{link("a.example", entityLink)},
		},
		{
			name: "a link cut by bold is left to the text", text: "https://cards.example/x",
			entities: []tg.MessageEntityClass{&tg.MessageEntityURL{Offset: 0, Length: 16}, &tg.MessageEntityBold{Offset: 16, Length: 7}},
		},
		{
			name: "a bold word after a space does not cut", text: "https://cards.example/x bold",
			entities: []tg.MessageEntityClass{&tg.MessageEntityURL{Offset: 0, Length: 23}, &tg.MessageEntityBold{Offset: 23, Length: 5}},
			links:    []*doxtrailv1.RawLink{link("https://cards.example/x", entityLink)},
		},
		{
			name: "outside the text", text: "a.example",
			entities: []tg.MessageEntityClass{
				&tg.MessageEntityURL{Offset: -1, Length: 3},
				&tg.MessageEntityURL{Offset: 0, Length: 0},
				&tg.MessageEntityURL{Offset: 5, Length: 5},
				&tg.MessageEntityURL{Offset: 900, Length: 1},
				nil,
			},
		},
		{
			name: "personal data", text: "call +000 0000 0000 or x@mail.example 0000",
			entities: []tg.MessageEntityClass{
				&tg.MessageEntityPhone{Offset: 5, Length: 14},
				&tg.MessageEntityEmail{Offset: 23, Length: 14},
				&tg.MessageEntityBankCard{Offset: 38, Length: 4},
			},
			personal: counts{phones: 1, emails: 1, cards: 1},
		},
		{
			name: "a number cut by formatting is one", text: "+000 0000 0000 +000",
			entities: []tg.MessageEntityClass{
				&tg.MessageEntityPhone{Offset: 0, Length: 4},
				&tg.MessageEntityPhone{Offset: 4, Length: 10},
				&tg.MessageEntityPhone{Offset: 15, Length: 4},
			},
			personal: counts{phones: 2},
		},
		{
			name: "who is mentioned is nobody's business", text: "@invented #tag Somebody",
			entities: []tg.MessageEntityClass{
				&tg.MessageEntityMention{Offset: 0, Length: 9},
				&tg.MessageEntityHashtag{Offset: 10, Length: 4},
				&tg.MessageEntityMentionName{Offset: 15, Length: 8, UserID: 42},
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := post(t, &tg.Message{Message: tc.text, Entities: tc.entities})
			diff(t, "links", got.GetLinks(), tc.links)
			var personal counts
			for _, p := range got.GetPersonalData() {
				if personal == nil {
					personal = counts{}
				}
				personal[p.GetKind()] = p.GetCount()
			}
			diff(t, "personal data", personal, tc.personal)
			if got.GetText() != tc.text {
				t.Errorf("text %q", got.GetText())
			}
		})
	}
}

func TestTextThatIsNotUTF8IsMended(t *testing.T) {
	got := post(t, &tg.Message{
		Message:  "a\xffb cards.example",
		Entities: []tg.MessageEntityClass{&tg.MessageEntityURL{Offset: 4, Length: 13}, &tg.MessageEntityTextURL{Offset: 0, Length: 1, URL: "http://x.example/\xff"}},
	})
	if got.GetText() != "a\uFFFDb cards.example" {
		t.Errorf("text %q", got.GetText())
	}
	diff(t, "links", got.GetLinks(), []*doxtrailv1.RawLink{link("http://x.example/\uFFFD", textLink), link("cards.example", entityLink)})
}
