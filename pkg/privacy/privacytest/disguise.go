package privacytest

import (
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Disguises gives the ways in which people write a value so that a reader sees it
// and a program does not, each different one once: full-width, styled and look-alike
// letters, invisible characters and spaces between the letters, spelled and bracketed
// dots, and every byte percent-encoded, once and twice. The value itself is none.
//
// The ways are those of the catalogue of disguised links, on whatever value: who
// writes a number or a name into a post disguises it in the same ways.
func Disguises(value string) []Form {
	var forms []Form
	seen := map[string]bool{value: true}
	add := func(name, form string) {
		if !seen[form] {
			seen[form] = true
			forms = append(forms, Form{name, []byte(form)})
		}
	}
	wide := fullWidth(value)
	add("full-width", wide)
	add("full-width, percent-encoded", url.PathEscape(wide))
	add("full-width, percent-encoded, lower case", lowerEscapes(url.PathEscape(wide)))
	add("monospaced letters", strings.Map(styled(0x1D670, 0x1D68A, 0x1D7F6), value))
	add("bold letters", strings.Map(styled(0x1D5D4, 0x1D5EE, 0x1D7EC), value))
	add("circled letters", strings.Map(styled(0x24B6, 0x24D0, 0), value))
	add("look-alike letters", strings.Map(lookalike, value))
	for _, between := range []struct{ name, text string }{
		{"zero width space", "\u200b"},
		{"zero width joiner", "\u200d"},
		{"soft hyphen", "\u00ad"},
		{"word joiner", "\u2060"},
		{"hangul filler", "\u3164"},
		{"space", " "},
		{"full-width space", "\u3000"},
		{"full stop", "."},
		{"middle dot", "·"},
		{"hyphen", "-"},
		{"underscore", "_"},
	} {
		add("apart by "+between.name, strings.Join(strings.Split(norm.NFC.String(value), ""), between.text))
	}
	for _, s := range spellings() {
		add("spelled: "+strings.TrimSpace(s.dot)+", "+strings.TrimSpace(s.at), s.of(value))
	}
	encoded := everyByte(value)
	add("every byte percent-encoded", encoded)
	add("every byte percent-encoded, lower case", strings.ToLower(encoded))
	add("every byte percent-encoded twice", everyByte(encoded))
	return forms
}

// spelling is what stands for a dot and for an at sign.
type spelling struct{ dot, at string }

func spellings() []spelling {
	return []spelling{
		{"[.]", "[@]"},
		{"(.)", "(at)"},
		{"[dot]", "[at]"},
		{" [dot] ", " [at] "},
		{" dot ", " at "},
		{"(dot)", " (at) "},
		{" DOT ", " AT "},
		{"點", "@"},
		{" 點 ", " @ "},
		{"。", "＠"},
		{"．", "﹫"},
		{"[.", "[at"},
		{"\\.", "\\@"},
	}
}

func (s spelling) of(value string) string {
	return strings.NewReplacer(".", s.dot, "@", s.at).Replace(value)
}

// styled maps letters and digits to an alphabet that begins at these characters; with
// no zero the digits stay.
func styled(upper, lower, zero rune) func(rune) rune {
	return func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return upper + r - 'A'
		case 'a' <= r && r <= 'z':
			return lower + r - 'a'
		case '0' <= r && r <= '9' && zero != 0:
			return zero + r - '0'
		}
		return r
	}
}

// lookalike gives the Cyrillic letter that looks the same.
func lookalike(r rune) rune {
	if i := strings.IndexRune("aceopxyisABCEHKMOPTXY", r); i >= 0 {
		return []rune("асеорхуіѕАВСЕНКМОРТХУ")[i]
	}
	return r
}

func everyByte(value string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
