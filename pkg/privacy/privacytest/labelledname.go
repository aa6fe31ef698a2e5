package privacytest

import (
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// nameForms are the ways to write a name; all of them need a cue.
func nameForms() []form {
	as := func(write func(d draw) string) func(draw) (string, string) {
		return func(d draw) (string, string) {
			text := write(d)
			return text, text
		}
	}
	given := func(d draw, joiner string) string {
		return pick(d, romanSyllables()) + joiner + pick(d, romanSyllables())
	}
	family := func(d draw) string { return pick(d, romanFamilies()) }
	forms := []form{
		{name: "Chinese, three characters", script: chinese, write: as(func(d draw) string { return hanFamily(d) + hanGiven(d) + hanGiven(d) })},
		{name: "Chinese, three characters", script: chinese, write: as(func(d draw) string { return hanFamily(d) + hanGiven(d) + hanGiven(d) })},
		{name: "Chinese, two characters", script: chinese, write: as(func(d draw) string { return hanFamily(d) + hanGiven(d) })},
		{name: "Chinese, family name of two", script: chinese, write: as(func(d draw) string {
			return pick(d, []string{"歐陽", "司徒", "上官", "諸葛"}) + hanGiven(d) + hanGiven(d)
		})},
		{name: "romanised", script: latin, write: as(func(d draw) string { return family(d) + " " + given(d, " ") })},
		{name: "romanised, hyphen", script: latin, write: as(func(d draw) string { return family(d) + " " + given(d, "-") })},
		{name: "romanised, capitals", script: latin, write: as(func(d draw) string { return strings.ToUpper(family(d)) + " " + given(d, " ") })},
		{name: "romanised, comma", script: latin, write: as(func(d draw) string { return strings.ToUpper(family(d)) + ", " + given(d, " ") })},
		{name: "English first", script: latin, write: as(func(d draw) string {
			return pick(d, []string{"Peter", "Kelvin", "Fiona", "Winnie", "Jason", "Queenie"}) + " " + family(d)
		})},
		{name: "masked", apart: true, script: chinese, write: as(func(d draw) string {
			return hanFamily(d) + pick(d, []string{"X", "○", "某"}) + hanGiven(d)
		})},
	}
	return named(forms, "name", doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_NAME, "name")
}

func hanFamily(d draw) string {
	return d.han("陳李黃張林王吳劉蔡楊梁鄭謝何郭許曾周葉蘇馮鄧胡羅蕭朱潘簡余趙")
}

func hanGiven(d draw) string {
	return d.han("翾珝澂昳彣瀞燊璆韞禛慜暐錞嘉俊詠欣家文志偉穎思樂希晴朗浩然芷珊")
}

func romanFamilies() []string {
	return []string{"Chan", "Lee", "Wong", "Cheung", "Lam", "Ng", "Lau", "Tsoi", "Yeung", "Leung", "Cheng", "Tse", "Kwok", "Tsang", "Chow", "Yip", "Fung", "Tang", "Wu", "Law"}
}

func romanSyllables() []string {
	return []string{"Tai", "Ka", "Wing", "Chun", "Siu", "Wai", "Man", "Yan", "Hei", "Lok", "Tsz", "Ching", "Fai", "Kit", "Suet", "Pui", "Ho", "Yin"}
}
