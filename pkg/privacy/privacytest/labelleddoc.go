package privacytest

import (
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// passportForms are passports and travel papers; all of them need a cue.
func passportForms() []form {
	of := func(number func(d draw) string, write func(n string) string) func(draw) (string, string) {
		return func(d draw) (string, string) {
			n := number(d)
			return write(n), n
		}
	}
	as := func(n string) string { return n }
	hongKong := func(d draw) string { return d.letter("HK") + d.digits(8) }
	newer := func(d draw) string { return pick(d, []string{"HA", "HB", "HJ", "KJ"}) + d.digits(7) }
	mainland := func(d draw) string { return d.letter("EG") + d.digits(8) }
	mainlandNewer := func(d draw) string { return "E" + d.letter("ABCDEFGHJK") + d.digits(7) }
	british := func(d draw) string { return d.letter("123456789") + d.digits(8) }
	return named([]form{
		{name: "HK", write: of(hongKong, as)},
		{name: "HK, two letters", write: of(newer, as)},
		{name: "mainland", write: of(mainland, as)},
		{name: "mainland, two letters", write: of(mainlandNewer, as)},
		{name: "nine digits", write: of(british, as)},
		{name: "spaced", write: of(hongKong, func(n string) string { return n[:1] + " " + n[1:] })},
		{name: "full-width", write: of(hongKong, fullWidth)},
		{name: "lower case", write: of(mainland, strings.ToLower)},
	}, "passport", doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PASSPORT, "passport")
}

// plateForms are plates of cars; all of them need a cue.
func plateForms() []form {
	of := func(number func(d draw) string, write func(n string) string) func(draw) (string, string) {
		return func(d draw) (string, string) {
			n := number(d)
			return write(n), strings.ReplaceAll(n, "·", "")
		}
	}
	as := func(n string) string { return n }
	letters := "ABCDEFGHJKLMNPRSTUVWXYZ"
	hongKong := func(d draw) string {
		return d.letter(letters) + d.letter(letters) + d.letter("123456789") + d.digits(d.IntN(4))
	}
	mainland := func(d draw) string {
		return d.han("粤京沪闽浙") + d.letter("ABCDE") + d.letter(letters) + d.digits(4)
	}
	return named([]form{
		{name: "HK", write: of(hongKong, as)},
		{name: "HK, space", write: of(hongKong, func(n string) string { return n[:2] + " " + n[2:] })},
		{name: "HK, full-width", write: of(hongKong, fullWidth)},
		{name: "HK, lower case", write: of(hongKong, strings.ToLower)},
		{name: "mainland", write: of(mainland, as)},
		{name: "mainland, dot", write: of(mainland, func(n string) string { return n[:4] + "·" + n[4:] })},
		{name: "across the border", write: of(func(d draw) string { return "粤Z" + d.digits(4) + "港" }, as)},
	}, "plate", doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PLATE, "plate")
}
