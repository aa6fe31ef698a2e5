package privacytest

import (
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// mailbox draws the two sides of an address under .example or .test.
func mailbox(d draw) (local, domain string) {
	family := strings.ToLower(pick(d, romanFamilies()))
	given := strings.ToLower(pick(d, romanSyllables()))
	local = pick(d, []string{
		family + given, family + "." + given, given + "_" + family, family + d.digits(2),
		given + d.digits(4), given + "+news", "k-" + given + "99", family + given + "1990",
	})
	host := pick(d, []string{"mail", "post", "webmail", "hk-mail", "office.company", "school.edu", "inbox"})
	return local, host + pick(d, []string{".example", ".test"})
}

// mailForms are the ways to write a mail address.
func mailForms() []form {
	with := func(at, dot string) func(draw) (string, string) {
		return func(d draw) (string, string) {
			local, domain := mailbox(d)
			return local + at + strings.ReplaceAll(domain, ".", dot), local + "@" + domain
		}
	}
	changed := func(change func(draw, string) string) func(draw) (string, string) {
		return func(d draw) (string, string) {
			local, domain := mailbox(d)
			return change(d, local+"@"+domain), local + "@" + domain
		}
	}
	forms := []form{
		{name: "plain", alone: true, write: with("@", ".")},
		{name: "plain", alone: true, write: with("@", ".")}, // the most frequent form
		{name: "capitals", alone: true, write: changed(func(_ draw, s string) string { return strings.ToUpper(s) })},
		{name: "full-width @", alone: true, write: with("＠", ".")},
		{name: "full-width @ and dots", alone: true, write: with("＠", "．")},
		{name: "full-width", alone: true, write: changed(func(_ draw, s string) string { return fullWidth(s) })},
		{name: "[at]", alone: true, write: with("[at]", ".")},
		{name: "(at)", alone: true, write: with("(at)", ".")},
		{name: "[at], spaces", alone: true, write: with(" [at] ", ".")},
		{name: "(at), spaces", write: with(" (at) ", ".")},
		{name: "[at] and [dot]", write: with("[at]", "[dot]")},
		{name: "spaces about @", write: with(" @ ", ".")},
		{name: "zero-width inside", alone: true, write: changed(zeroWidth)},
		{name: "domain in Chinese", alone: true, write: func(d draw) (string, string) {
			local, _ := mailbox(d)
			text := local + "@" + pick(d, []string{"郵件.example", "香港信箱.example", "例子.test", "mail.例子.example", "邮箱.test"})
			return text, text
		}},
		{name: "domain in punycode", alone: true, write: func(d draw) (string, string) {
			local, _ := mailbox(d)
			text := local + "@" + pick(d, []string{"xn--fsqu00a.example", "mail.xn--fsqu00a.test"})
			return text, text
		}},
		{name: "at in words", apart: true, write: with(" at ", " dot ")},
	}
	return named(forms, "mail", doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_EMAIL, "mail")
}
