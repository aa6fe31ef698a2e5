package kinds

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// samples are texts with values of all kinds, and without.
func samples() []string {
	return []string{
		cardPart, usualPart, chinesePart, englishPart, mixedPart,
		"身份證號碼A123456(3)持有人", "A 123 456 (3)", "A123XXX(X)", "a1234563", "身分證 A123456",
		"電話91234567、61234567", "+852 9123-4567", "(852) 2345 6789", "0912-345-678", "+44 (0)20 7946 0958", "13812345678",
		"tai.man@mail.example", "tai (at) mail (dot) example", "tai@例子.example",
		"4111 1111 1111 1111", "3782 822463 10005", "GB82 WEST 1234 5698 7654 32", "11010519491231002X", "110105********002X",
		"生日 2/1/1990", "born on 2 January 1990", "1990年1月2日出生", "車牌AB 1234", "車牌 粤Z1234港", "護照號碼 K12345678",
		"中文名：陳大文", "Name: CHAN, Tai Man Tel: 91234567", "觀塘翠屏邨翠柏樓12樓1203室", "Flat A, 12/F, 123 Nonesuch Road, Kowloon",
		"2019-08-31 12:30", "https://mirror.example/91234567 x", "0x52908400098527886E0F7030069857D2E4169EE7",
	}
}

// invisibles are signs that leave no trace; the last ones stand upon others.
func invisibles() []string {
	return []string{"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u061c", "\u3164", "\U000e0041", "\ufe0f", "\u20e3", "\u0301"}
}

// Whatever is put between characters to hide a value, the same is found at the
// same place.
func TestInvisibleCharactersChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(samples()).Draw(t, "text")
		var hidden strings.Builder
		places := []int{} // of each byte of hidden in text
		for i, c := range text {
			if i > 0 && rapid.IntRange(0, 3).Draw(t, "put") == 0 {
				sign := rapid.SampledFrom(invisibles()).Draw(t, "sign")
				hidden.WriteString(sign)
				places = append(places, slices.Repeat([]int{i}, len(sign))...)
			}
			hidden.WriteRune(c)
			for k := range utf8.RuneLen(c) {
				places = append(places, i+k)
			}
		}
		checkSame(t, text, hidden.String(), append(places, len(text)))
	})
}

// Full-width letters, digits and signs are read as the plain ones.
func TestFullWidthChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(samples()).Draw(t, "text")
		var wide strings.Builder
		places := []int{}
		for i, c := range text {
			if c > ' ' && c < 0x7F && rapid.Bool().Draw(t, "wide") {
				c += 0xFEE0
				places = append(places, i, i, i)
			} else {
				for k := range utf8.RuneLen(c) {
					places = append(places, i+k)
				}
			}
			wide.WriteRune(c)
		}
		checkSame(t, text, wide.String(), append(places, len(text)))
	})
}

// checkSame compares what is found in a text with what is found in a disguise of
// it, whose bytes stand for those at places.
func checkSame(t *rapid.T, text, disguised string, places []int) {
	t.Helper()
	want, err := New().Find(nil, text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := New().Find(nil, disguised)
	if err != nil {
		t.Fatalf("%+q: %v", disguised, err)
	}
	for i, s := range got {
		_, size := utf8.DecodeLastRuneInString(disguised[:s.End])
		_, plain := utf8.DecodeRuneInString(text[places[s.End-size]:])
		got[i].Start, got[i].End = places[s.Start], places[s.End-size]+plain
	}
	if diff := cmp.Diff(shown(text, want), shown(text, got)); diff != "" {
		t.Fatalf("%+q (-plain +disguised):\n%s", disguised, diff)
	}
}

// checkSpans asserts what holds for every text.
func checkSpans(t *testing.T, r *Recogniser, text string) {
	t.Helper()
	before := []Span{{Start: -1}}
	spans, err := r.Find(before, text)
	switch {
	case errors.Is(err, ErrFailed):
		t.Fatal(err)
	case errors.Is(err, ErrEncoding) && utf8.ValidString(text), err == nil && !utf8.ValidString(text):
		t.Fatalf("%+q: %v", text, err)
	case err != nil && len(spans) != 1:
		t.Fatalf("%d spans beside an error", len(spans)-1)
	}
	last := 0
	for _, s := range spans[1:] {
		if s.Start < last || s.End <= s.Start || s.End > len(text) {
			t.Fatalf("%+q: span from %d to %d, the one before ends at %d", text, s.Start, s.End, last)
		}
		if !utf8.RuneStart(text[s.Start]) || s.End < len(text) && !utf8.RuneStart(text[s.End]) {
			t.Fatalf("%+q: span from %d to %d cuts a character", text, s.Start, s.End)
		}
		if s.Kind == doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_UNSPECIFIED {
			t.Fatalf("%+q: a span without a kind", text)
		}
		last = s.End
	}
}

// Texts made of pieces of values break no rule.
func TestSpansAreInOrder(t *testing.T) {
	t.Parallel()
	pieces := append(samples(), append(invisibles(), "\n", " ", "：", "（", "名", "號", "樓", "@", "(at)", "://", "+", "-", "9", "A", "年", "月", "日", "出生", "\xff", "ก")...)
	r := New()
	rapid.Check(t, func(rt *rapid.T) {
		var text strings.Builder
		for _, piece := range rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 12).Draw(rt, "pieces") {
			text.WriteString(piece[:rapid.IntRange(0, len(piece)).Draw(rt, "cut")])
		}
		checkSpans(t, r, text.String())
	})
}

// Words in a script are refused if, and only if, Unicode says that it is none of
// those the rules know.
func TestUnknownScripts(t *testing.T) {
	t.Parallel()
	var of []*unicode.RangeTable
	for name, table := range unicode.Scripts {
		switch name {
		case "Latin", "Han", "Hiragana", "Katakana", "Bopomofo", "Hangul", "Cyrillic", "Greek", "Braille", "Common", "Inherited":
		default:
			of = append(of, table)
		}
	}
	r := New()
	for c := rune(0x80); c <= 0x3FFFF; c++ {
		if !utf8.ValidRune(c) || !unicode.In(c, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z) || invisible(c) {
			continue
		}
		want := unicode.In(c, of...) && !unicode.Is(unicode.Nd, c)
		_, err := r.Find(nil, "這些 words "+strings.Repeat(string(c), 3)+" 是甚麼")
		if got := errors.Is(err, ErrUnknownScript); got != want || !got && err != nil {
			t.Fatalf("%U: %v, want refused: %v", c, err, want)
		}
	}
}

func TestFailsClosed(t *testing.T) {
	t.Parallel()
	kept := []Span{{Kind: phone, Start: 1, End: 2}}
	for text, want := range map[string]error{
		"電話91234567 ที่บ้าน":          ErrUnknownScript,
		"91234567 محمد":               ErrUnknownScript,
		"91234567 ม\u200bอ\u200bด":    ErrUnknownScript,
		"ไป ดู":                       ErrUnknownScript,
		"91234567 \ue000\ue001\ue002": ErrUnknownScript,
		"電話91234567\xff":              ErrEncoding,
		"\xe5\x90":                    ErrEncoding,
		"\xe5\x90A91234567":           ErrEncoding,
		"(๑•̀ㅂ•́)و✧ 電話91234567":       nil,
	} {
		spans, err := New().Find(kept, text)
		if !errors.Is(err, want) || err != nil && len(spans) != 1 || err == nil && len(spans) != 2 {
			t.Errorf("%+q: %d spans and %v, want %v", text, len(spans), err, want)
		}
	}
	broken := New()
	broken.rows = nil
	if spans, err := broken.Find(kept, "電話91234567"); !errors.Is(err, ErrFailed) || len(spans) != 1 {
		t.Errorf("a panic inside gives %d spans and %v", len(spans), err)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	spans, err := New().Find(nil, cardPart+"電話 9765 4321")
	if err != nil {
		t.Fatal(err)
	}
	var want []*doxtrailv1.PersonalData
	for i, kind := range []doxtrailv1.PersonalDataKind{phone, email, hkid, birth, address, personName} {
		n := uint32(1)
		if i == 0 {
			n = 2
		}
		want = append(want, doxtrailv1.PersonalData_builder{Kind: &kind, Count: &n}.Build())
	}
	if diff := cmp.Diff(want, Count(spans), protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if Count(nil) != nil {
		t.Error("nothing is counted as something")
	}
}

func FuzzFind(f *testing.F) {
	for _, text := range samples() {
		f.Add(text)
	}
	r := New()
	f.Fuzz(func(t *testing.T, text string) { checkSpans(t, r, text) })
}
