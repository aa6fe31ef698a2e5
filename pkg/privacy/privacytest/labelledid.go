package privacytest

import (
	"fmt"
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// hkid draws the letters and digits of an identity number, and its check
// character.
func hkid(d draw) (letters, digits, check string) {
	letters = d.letter("ABCDEFGHJKLMNPRSTVWYZ")
	if d.chance(20) {
		letters = pick(d, []string{"WX", "XA", "XB", "XC", "XD", "XE", "XG", "XH", "EC", "AB", "PR"})
	}
	digits = d.digits(6)
	return letters, digits, string(HKIDCheck(letters + digits))
}

// hkidForms are the ways to write a Hong Kong identity number.
func hkidForms() []form {
	whole := func(write func(d draw, l, n, c string) string) func(d draw) (string, string) {
		return func(d draw) (string, string) {
			l, n, c := hkid(d)
			return write(d, l, n, c), l + n + c
		}
	}
	brackets := whole(func(_ draw, l, n, c string) string { return l + n + "(" + c + ")" })
	forms := []form{
		{name: "brackets", alone: true, write: brackets},
		{name: "full-width brackets", alone: true, write: whole(func(_ draw, l, n, c string) string { return l + n + "（" + c + "）" })},
		{name: "no brackets", write: whole(func(_ draw, l, n, c string) string { return l + n + c })},
		{name: "space before the brackets", alone: true, write: whole(func(_ draw, l, n, c string) string { return l + n + " (" + c + ")" })},
		{name: "spaced", write: whole(func(_ draw, l, n, c string) string { return l + " " + n + " (" + c + ")" })},
		{name: "spaced in threes", write: whole(func(_ draw, l, n, c string) string { return l + n[:3] + " " + n[3:] + "(" + c + ")" })},
		{name: "hyphen before the check", write: whole(func(_ draw, l, n, c string) string { return l + n + "-" + c })},
		{name: "lower case", write: whole(func(_ draw, l, n, c string) string { return strings.ToLower(l) + n + "(" + strings.ToLower(c) + ")" })},
		{name: "full-width", alone: true, write: whole(func(_ draw, l, n, c string) string { return fullWidth(l + n + "(" + c + ")") })},
		{name: "full-width letters", write: whole(func(_ draw, l, n, c string) string { return fullWidth(l) + n + "(" + c + ")" })},
		{name: "zero-width inside", write: whole(func(d draw, l, n, c string) string { return zeroWidth(d, l+n+"("+c+")") })},
		{name: "no check character", write: func(d draw) (string, string) {
			l, n, _ := hkid(d)
			return l + n, l + n
		}},
		{name: "masked", apart: true, write: maskedHKID},
	}
	return named(forms, "hkid", doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_HKID, "HKID")
}

// maskedHKID leaves part of the digits out.
func maskedHKID(d draw) (text, value string) {
	l, n, c := hkid(d)
	x := pick(d, []string{"X", "x", "*", "●"})
	switch d.IntN(4) {
	case 0:
		text = l + n[:3] + strings.Repeat(x, 3) + "(" + x + ")"
	case 1:
		text = l + n[:4] + strings.Repeat(x, 2) + "(" + c + ")"
	case 2:
		text = l + strings.Repeat(x, 6) + "(" + c + ")"
	default:
		text = l + n[:3] + strings.Repeat(x, 3)
	}
	return text, text
}

// mainlandID draws an identity number of the mainland: a county, a date of
// birth, a serial number and a check character.
func mainlandID(d draw) string {
	county := pick(d, []string{"110101", "310104", "320102", "330106", "350203", "440106", "440305", "440402", "450102", "510104", "610113"})
	body := county + fmt.Sprintf("%d%02d%02d", 1945+d.IntN(60), 1+d.IntN(12), 1+d.IntN(28)) + d.digits(3)
	return body + mainlandCheck(body)
}

// mainlandCheck gives the check character of 17 digits (GB 11643, which is
// ISO 7064 MOD 11-2): the weight of a place is 2 to the power of its distance
// from the end, modulo 11.
func mainlandCheck(body string) string {
	sum, weight := 0, 1
	for i := len(body) - 1; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(body[i]-'0') * weight
	}
	return string("10X98765432"[sum%11])
}

// mainlandIDForms are the ways to write an identity number of the mainland.
func mainlandIDForms() []form {
	whole := func(write func(d draw, n string) string) func(d draw) (string, string) {
		return func(d draw) (string, string) {
			n := mainlandID(d)
			return write(d, n), n
		}
	}
	forms := []form{
		{name: "bare", alone: true, write: whole(func(_ draw, n string) string { return n })},
		{name: "X at the end", alone: true, write: endingInX(strings.ToUpper)},
		{name: "x at the end", alone: true, write: endingInX(strings.ToLower)},
		{name: "full-width", write: whole(func(_ draw, n string) string { return fullWidth(n) })},
		{name: "spaced", write: whole(func(_ draw, n string) string { return n[:6] + " " + n[6:14] + " " + n[14:] })},
		{name: "zero-width inside", write: whole(zeroWidth)},
		{name: "masked", apart: true, write: func(d draw) (string, string) {
			n := mainlandID(d)
			text := n[:6] + strings.Repeat(pick(d, []string{"*", "x", "X"}), 8) + n[14:]
			return text, text
		}},
	}
	return named(forms, "cnid", doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_MAINLAND_ID, "mainland id")
}

// endingInX draws numbers until the check character is X.
func endingInX(letter func(string) string) func(d draw) (string, string) {
	return func(d draw) (string, string) {
		n := mainlandID(d)
		for !strings.HasSuffix(n, "X") {
			n = mainlandID(d)
		}
		return letter(n), n
	}
}

// named says of forms what they have in common.
func named(forms []form, slot string, kind doxtrailv1.PersonalDataKind, prefix string) []form {
	for i := range forms {
		forms[i].slot, forms[i].kind = slot, kind
		forms[i].name = prefix + ", " + forms[i].name
	}
	return forms
}
