package privacytest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	phone = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE
	hkid  = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_HKID
)

// span labels the first place where value stands in text.
func span(t *testing.T, kind doxtrailv1.PersonalDataKind, text, value string) privacytest.LabelledSpan {
	t.Helper()
	at := strings.Index(text, value)
	if at < 0 {
		t.Fatalf("%q is not in the text", value)
	}
	return privacytest.LabelledSpan{Kind: kind, Start: at, End: at + len(value), Form: "as is"}
}

func TestScoreOfOneText(t *testing.T) {
	const text = "佢電話：９９９０ １２３４，訂單編號20190721，身份證Q123456(7)"
	number := span(t, phone, text, "９９９０ １２３４")
	for _, test := range []struct {
		name  string
		found []privacytest.LabelledSpan
		want  privacytest.KindScore
		trap  int
	}{
		{"nothing", nil, privacytest.KindScore{Labelled: 1}, 0},
		{"the value", []privacytest.LabelledSpan{number}, privacytest.KindScore{Labelled: 1, Found: 1, Right: 1}, 0},
		{"with its cue", []privacytest.LabelledSpan{span(t, phone, text, "電話：９９９０ １２３４")}, privacytest.KindScore{Labelled: 1, Found: 1, Right: 1}, 0},
		{"more than half", []privacytest.LabelledSpan{span(t, phone, text, "９９９０ ")}, privacytest.KindScore{Labelled: 1, Found: 1, Right: 1}, 0},
		{"less than half", []privacytest.LabelledSpan{span(t, phone, text, "９９９０")}, privacytest.KindScore{Labelled: 1, Right: 1}, 0},
		{
			"in two parts",
			[]privacytest.LabelledSpan{span(t, phone, text, "９９９０"), span(t, phone, text, "１２３４")},
			privacytest.KindScore{Labelled: 1, Found: 1, Right: 2},
			0,
		},
		{
			"the same part twice",
			[]privacytest.LabelledSpan{span(t, phone, text, "９９９０"), span(t, phone, text, "９９９０")},
			privacytest.KindScore{Labelled: 1, Right: 2},
			0,
		},
		{"the trap too", []privacytest.LabelledSpan{number, span(t, phone, text, "20190721")}, privacytest.KindScore{Labelled: 1, Found: 1, Right: 1, Spurious: 1}, 1},
		{"the whole text", []privacytest.LabelledSpan{span(t, phone, text, text)}, privacytest.KindScore{Labelled: 1, Found: 1, Spurious: 1}, 0},
		{"outside the text", []privacytest.LabelledSpan{{Kind: phone, Start: -3, End: 0}, {Kind: phone, Start: 900, End: 910}}, privacytest.KindScore{Labelled: 1, Spurious: 2}, 0},
		{"empty", []privacytest.LabelledSpan{{Kind: phone, Start: number.Start, End: number.Start}}, privacytest.KindScore{Labelled: 1, Spurious: 1}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			order := strings.Index(text, "訂單編號")
			labelled := privacytest.Labelled{
				Text: text, Spans: []privacytest.LabelledSpan{number},
				Traps: []privacytest.LabelledTrap{{Name: "order number", Start: order, End: order + len("訂單編號20190721")}},
			}
			scores := privacytest.Score([]privacytest.Labelled{labelled}, func(string) []privacytest.LabelledSpan { return test.found })
			if diff := cmp.Diff(scores.Kinds[phone], test.want); diff != "" {
				t.Errorf("score of phones differs (-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(scores.Traps["order number"], privacytest.Share{All: 1, Found: test.trap}); diff != "" {
				t.Errorf("score of the trap differs (-got +want):\n%s", diff)
			}
		})
	}
}

func TestScoreOfAnotherKindAndOfWhatIsCountedApart(t *testing.T) {
	const text = "身份證Q123XXX(X)，電話99901234"
	masked, number := span(t, hkid, text, "Q123XXX(X)"), span(t, phone, text, "99901234")
	masked.Apart, masked.Form, number.Form = true, "HKID, masked", "phone HK, plain"
	taken := number
	taken.Kind = hkid
	texts := []privacytest.Labelled{{Text: text, Spans: []privacytest.LabelledSpan{masked, number}}, {Text: "聽日見"}}
	got := privacytest.Score(texts, func(text string) []privacytest.LabelledSpan {
		if text == "聽日見" {
			return []privacytest.LabelledSpan{{Kind: phone, Start: 0, End: 3}}
		}
		return []privacytest.LabelledSpan{masked, taken}
	})
	want := privacytest.Scores{
		Kinds: map[doxtrailv1.PersonalDataKind]privacytest.KindScore{
			hkid:  {Apart: 1, ApartFound: 1, Right: 1, Spurious: 1},
			phone: {Labelled: 1, Spurious: 1},
		},
		Forms: map[string]privacytest.Share{"HKID, masked": {All: 1, Found: 1}, "phone HK, plain": {All: 1}},
		Traps: map[string]privacytest.Share{},
		Taken: map[string]int{"phone HK, plain as HKID": 1},
		Clean: privacytest.Share{All: 1, Found: 1},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("scores differ (-got +want):\n%s", diff)
	}
	if recall, precision := got.Kinds[hkid].Recall(), got.Kinds[hkid].Precision(); recall != 1 || precision != 0.5 {
		t.Errorf("recall and precision are %v and %v, want 1 and 0.5", recall, precision)
	}
	for _, words := range []string{"PHONE", "phone HK, plain", "as HKID", "0.5000"} {
		if !strings.Contains(got.String(), words) {
			t.Errorf("the table lacks %q:\n%s", words, got)
		}
	}
	if strings.Contains(got.String(), "99901234") {
		t.Error("the table holds a value")
	}
}

func TestScoreOfWhoKnowsTheTruth(t *testing.T) {
	texts := privacytest.NewTexts(12).Take(2000)
	truth := map[string][]privacytest.LabelledSpan{}
	for _, text := range texts {
		truth[text.Text] = text.Spans
	}
	scores := privacytest.Score(texts, func(text string) []privacytest.LabelledSpan { return truth[text] })
	if len(scores.Kinds) != len(doxtrailv1.PersonalDataKind_name)-1 {
		t.Errorf("%d kinds have a score, want all but the unspecified", len(scores.Kinds))
	}
	for kind, score := range scores.Kinds {
		if score.Recall() != 1 || score.Precision() != 1 || score.Apart != score.ApartFound {
			t.Errorf("%s: %+v, want everything found and nothing else", kind, score)
		}
	}
	for name, trap := range scores.Traps {
		if trap.Found > 0 {
			t.Errorf("trap %q counts as taken", name)
		}
	}
	if scores.Clean.Found > 0 || scores.Clean.All == 0 {
		t.Errorf("clean texts are %+v, want some and none of them touched", scores.Clean)
	}
}
