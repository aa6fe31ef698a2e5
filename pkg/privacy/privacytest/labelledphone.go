package privacytest

import (
	"slices"
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// inDigits makes a form of a number that is drawn and written; the value is
// the country's code, if it is written, and the number.
func inDigits(number func(d draw) string, code string, write func(d draw, n string) string) func(d draw) (string, string) {
	return func(d draw) (string, string) {
		n := number(d)
		return write(d, n), code + n
	}
}

func phoneForms(forms []form, of string) []form {
	return named(forms, "phone", doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE, of)
}

// hongKongNumber draws 8 digits, mostly of mobile phones.
func hongKongNumber(d draw) string {
	return pick(d, []string{"21", "23", "24", "26", "27", "31", "35", "46", "51", "54", "56", "59", "60", "62", "65", "67", "68", "70", "84", "90", "91", "92", "93", "94", "96", "97", "98"}) + d.digits(6)
}

// hongKongPhoneForms are the ways to write a number of Hong Kong.
func hongKongPhoneForms() []form {
	return phoneForms(slices.Concat(localForms(), localFormsApart(), codeForms()), "phone HK")
}

// localForms have no country's code.
func localForms() []form {
	here := func(write func(d draw, n string) string) func(draw) (string, string) {
		return inDigits(hongKongNumber, "", write)
	}
	middle := func(separator string) func(draw) (string, string) {
		return here(func(_ draw, n string) string { return n[:4] + separator + n[4:] })
	}
	plain := here(func(_ draw, n string) string { return n })
	return []form{
		{name: "plain", write: plain},
		{name: "plain", write: plain}, // the most frequent form
		{name: "space", write: middle(" ")},
		{name: "space", write: middle(" ")},
		{name: "hyphen", write: middle("-")},
		{name: "no-break space", write: middle("\u00a0")},
		{name: "dot", write: middle(".")},
		{name: "pairs", write: here(func(_ draw, n string) string { return n[:2] + " " + n[2:4] + " " + n[4:6] + " " + n[6:] })},
		{name: "full-width", write: here(func(_ draw, n string) string { return fullWidth(n) })},
		{name: "full-width, hyphen", write: here(func(_ draw, n string) string { return fullWidth(n[:4] + "-" + n[4:]) })},
		{name: "zero-width inside", write: here(zeroWidth)},
	}
}

// localFormsApart are spelled out or masked.
func localFormsApart() []form {
	spelled := func(write func(n string) string) func(draw) (string, string) {
		return inDigits(hongKongNumber, "", func(_ draw, n string) string { return write(n) })
	}
	return []form{
		{name: "Chinese numerals", apart: true, script: chinese, write: spelled(inNumerals)},
		{name: "keycaps", apart: true, write: spelled(inKeycaps)},
		{name: "single digits", apart: true, write: spelled(func(n string) string { return strings.Join(strings.Split(n, ""), " ") })},
		{name: "masked", apart: true, write: func(d draw) (string, string) {
			text := hongKongNumber(d)[:4] + strings.Repeat(pick(d, []string{"X", "x", "*"}), 4)
			return text, text
		}},
	}
}

// codeForms have the code of Hong Kong.
func codeForms() []form {
	with := func(write func(d draw, n string) string) func(draw) (string, string) {
		return inDigits(hongKongNumber, "852", write)
	}
	prefix := func(code, separator string) func(draw) (string, string) {
		return with(func(_ draw, n string) string { return code + n[:4] + separator + n[4:] })
	}
	return []form{
		{name: "+852", alone: true, write: prefix("+852", "")},
		{name: "+852, spaces", alone: true, write: prefix("+852 ", " ")},
		{name: "+852, one space", alone: true, write: prefix("+852 ", "")},
		{name: "+852, hyphens", alone: true, write: prefix("+852-", "-")},
		{name: "(852)", alone: true, write: prefix("(852) ", " ")},
		{name: "(+852)", alone: true, write: prefix("(+852)", "")},
		{name: "（852）", alone: true, write: prefix("（852）", "")},
		{name: "00852", alone: true, write: prefix("00852", "")},
		{name: "00852, spaces", alone: true, write: prefix("00852 ", " ")},
		{name: "852, hyphen", write: prefix("852-", "")},
		{name: "852", write: prefix("852", "")},
		{name: "+852, full-width", alone: true, write: with(func(_ draw, n string) string { return fullWidth("+852 " + n[:4] + " " + n[4:]) })},
		{name: "+852, zero-width inside", alone: true, write: with(func(d draw, n string) string { return zeroWidth(d, "+852 "+n) })},
	}
}

// inNumerals writes digits as Chinese characters.
func inNumerals(digits string) string {
	numerals := []rune("零一二三四五六七八九")
	return strings.Map(func(r rune) rune { return numerals[r-'0'] }, digits)
}

// inKeycaps writes digits as emoji.
func inKeycaps(digits string) string {
	return strings.Join(strings.Split(digits, ""), "\ufe0f\u20e3") + "\ufe0f\u20e3"
}

// mainlandNumber draws the 11 digits of a mobile phone.
func mainlandNumber(d draw) string {
	return pick(d, []string{"130", "135", "136", "138", "139", "150", "158", "159", "166", "177", "180", "186", "188", "199"}) + d.digits(8)
}

// mainlandPhoneForms are the ways to write a mobile number of the mainland.
func mainlandPhoneForms() []form {
	apart := func(code, prefix, separator string) func(draw) (string, string) {
		return inDigits(mainlandNumber, code, func(_ draw, n string) string {
			return prefix + n[:3] + separator + n[3:7] + separator + n[7:]
		})
	}
	return phoneForms([]form{
		{name: "plain", write: apart("", "", "")},
		{name: "spaces", write: apart("", "", " ")},
		{name: "hyphens", write: apart("", "", "-")},
		{name: "full-width", write: inDigits(mainlandNumber, "", func(_ draw, n string) string { return fullWidth(n) })},
		{name: "zero-width inside", write: inDigits(mainlandNumber, "", zeroWidth)},
		{name: "+86", alone: true, write: apart("86", "+86", "")},
		{name: "+86, spaces", alone: true, write: apart("86", "+86 ", " ")},
		{name: "+86, hyphens", alone: true, write: apart("86", "+86-", "-")},
		{name: "0086", alone: true, write: apart("86", "0086", "")},
		{name: "86, hyphen", write: apart("86", "86-", "")},
	}, "phone mainland")
}

// abroadPhoneForms are numbers of Taiwan, Macau and Britain as written for
// callers from elsewhere.
func abroadPhoneForms() []form {
	taiwan := func(d draw) string { return pick(d, []string{"912", "922", "935", "953", "988"}) + d.digits(6) }
	taipei := func(d draw) string { return "22" + pick(d, []string{"3", "5", "7"}) + d.digits(6) }
	macau := func(d draw) string { return pick(d, []string{"62", "63", "65"}) + d.digits(6) }
	britain := func(d draw) string { return pick(d, []string{"7400", "7525", "7712", "7850"}) + d.digits(6) }
	london := func(d draw) string { return "2079460" + d.digits(3) }
	plain := func(prefix string) func(draw, string) string {
		return func(_ draw, n string) string { return prefix + n }
	}
	threes := func(prefix, separator string) func(draw, string) string {
		return func(_ draw, n string) string {
			return prefix + n[:3] + separator + n[3:6] + separator + n[6:]
		}
	}
	return phoneForms([]form{
		{name: "TW +886", alone: true, write: inDigits(taiwan, "886", plain("+886"))},
		{name: "TW +886, spaces", alone: true, write: inDigits(taiwan, "886", threes("+886 ", " "))},
		{name: "TW +886, hyphens", alone: true, write: inDigits(taiwan, "886", threes("+886-", "-"))},
		{name: "TW +886, Taipei", alone: true, write: inDigits(taipei, "886", func(_ draw, n string) string { return "+886 2 " + n[1:5] + " " + n[5:] })},
		{name: "MO +853", alone: true, write: inDigits(macau, "853", plain("+853"))},
		{name: "MO +853, spaces", alone: true, write: inDigits(macau, "853", func(_ draw, n string) string { return "+853 " + n[:4] + " " + n[4:] })},
		{name: "MO 00853", alone: true, write: inDigits(macau, "853", plain("00853 "))},
		{name: "GB +44", alone: true, write: inDigits(britain, "44", plain("+44"))},
		{name: "GB +44, spaces", alone: true, write: inDigits(britain, "44", func(_ draw, n string) string { return "+44 " + n[:4] + " " + n[4:] })},
		{name: "GB 0044", alone: true, write: inDigits(britain, "44", plain("0044 "))},
		{name: "GB +44, London", alone: true, write: inDigits(london, "44", func(_ draw, n string) string { return "+44 20 " + n[2:6] + " " + n[6:] })},
	}, "phone")
}
