package privacytest

import (
	"fmt"
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// cardNumber draws a number of a bank card with its check digit.
func cardNumber(d draw, length int) string {
	prefix := pick(d, []string{"4", "4", "51", "53", "55", "62", "35"})
	switch length {
	case 15:
		prefix = pick(d, []string{"34", "37"})
	case 19:
		prefix = pick(d, []string{"6214", "6217", "6222"})
	}
	body := prefix + d.digits(length-1-len(prefix))
	return body + luhnDigit(body)
}

// luhnDigit gives the check digit of a bank card (ISO/IEC 7812-1, annex B):
// from the right, every second digit counts double, and its figures are added.
func luhnDigit(body string) string {
	sum := 0
	for i := range len(body) {
		digit := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			digit *= 2
			digit = digit/10 + digit%10
		}
		sum += digit
	}
	return fmt.Sprint((10 - sum%10) % 10)
}

// cardForms are the ways to write the number of a bank card.
func cardForms() []form {
	of := func(length int, write func(n string) string) func(draw) (string, string) {
		return func(d draw) (string, string) {
			n := cardNumber(d, length)
			return write(n), n
		}
	}
	bare := func(n string) string { return n }
	fours := func(separator string) func(string) string {
		return func(n string) string { return inFours(n, separator) }
	}
	forms := []form{
		{name: "4-4-4-4", alone: true, write: of(16, fours(" "))},
		{name: "4-4-4-4, hyphens", alone: true, write: of(16, fours("-"))},
		{name: "bare", alone: true, write: of(16, bare)},
		{name: "full-width", alone: true, write: of(16, fullWidth)},
		{name: "full-width, spaces", write: of(16, func(n string) string { return fullWidth(inFours(n, " ")) })},
		{name: "15 digits", alone: true, write: of(15, bare)},
		{name: "15 digits, 4-6-5", alone: true, write: of(15, func(n string) string { return n[:4] + " " + n[4:10] + " " + n[10:] })},
		{name: "19 digits", write: of(19, bare)},
		{name: "19 digits in fours", alone: true, write: of(19, fours(" "))},
		{name: "zero-width inside", write: func(d draw) (string, string) {
			n := cardNumber(d, 16)
			return zeroWidth(d, n), n
		}},
		{name: "masked", apart: true, write: func(d draw) (string, string) {
			n := cardNumber(d, 16)
			text := n[:4] + " **** **** " + n[12:]
			return text, text
		}},
	}
	return named(forms, "bank", doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_BANK_CARD, "bank card")
}

// iban draws an account of one of five countries.
func iban(d draw) string {
	country, account := "GB", d.letters(4)+d.digits(14)
	switch d.IntN(5) {
	case 0:
		country, account = "DE", d.digits(18)
	case 1:
		country, account = "NL", d.letters(4)+d.digits(10)
	case 2:
		country, account = "CH", d.digits(17)
	case 3:
		country, account = "FR", d.digits(23)
	}
	return country + ibanCheck(country, account) + account
}

// ibanCheck gives the two check digits (ISO 13616): of the account, the country
// and 00, letters written as 10 to 35, the remainder by 97 taken from 98.
func ibanCheck(country, account string) string {
	remainder := 0
	for _, c := range account + country + "00" {
		if 'A' <= c && c <= 'Z' {
			remainder = (remainder*100 + int(c-'A') + 10) % 97
		} else {
			remainder = (remainder*10 + int(c-'0')) % 97
		}
	}
	return fmt.Sprintf("%02d", 98-remainder)
}

// ibanForms are the ways to write an IBAN.
func ibanForms() []form {
	of := func(write func(n string) string) func(draw) (string, string) {
		return func(d draw) (string, string) {
			n := iban(d)
			return write(n), n
		}
	}
	return named([]form{
		{name: "in fours", alone: true, write: of(func(n string) string { return inFours(n, " ") })},
		{name: "bare", alone: true, write: of(func(n string) string { return n })},
		{name: "lower case", write: of(strings.ToLower)},
		{name: "full-width", write: of(fullWidth)},
	}, "iban", doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_BANK_CARD, "IBAN")
}
