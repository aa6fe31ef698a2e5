package privacytest

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// Form is a value as it may lie somewhere.
type Form struct {
	// Name says how it is encoded.
	Name  string
	Bytes []byte
}

// Forms gives every form in which a value is looked for, each different one
// once.
func Forms(value string) []Form {
	var forms []Form
	seen := map[string]bool{}
	add := func(name, form string) {
		if !seen[form] {
			seen[form] = true
			forms = append(forms, Form{name, []byte(form)})
		}
	}
	bases := []struct{ name, value string }{
		{"as is", value},
		{"NFKC", norm.NFKC.String(value)},
		{"NFD", norm.NFD.String(value)},
		{"lower case", strings.ToLower(value)},
		{"upper case", strings.ToUpper(value)},
	}
	for _, base := range bases {
		add(base.name, base.value)
	}
	for _, base := range bases {
		for _, form := range encoded(base.value) {
			add(base.name+", "+form.Name, string(form.Bytes))
		}
	}
	for _, spelling := range []struct{ name, value string }{{"", value}, {"lower case, ", strings.ToLower(value)}} {
		for _, disguise := range Disguises(spelling.value) {
			add(spelling.name+disguise.Name, string(disguise.Bytes))
			for _, form := range carried(string(disguise.Bytes)) {
				add(spelling.name+disguise.Name+", "+form.Name, string(form.Bytes))
			}
		}
	}
	return forms
}

// encoded gives the encodings of one spelling.
func encoded(value string) []Form {
	forms := []Form{
		{"percent-encoded path", []byte(url.PathEscape(value))},
		{"percent-encoded query", []byte(url.QueryEscape(value))},
		{"percent-encoded path, lower case", []byte(lowerEscapes(url.PathEscape(value)))},
		{"percent-encoded query, lower case", []byte(lowerEscapes(url.QueryEscape(value)))},
		{"hexadecimal", []byte(hex.EncodeToString([]byte(value)))},
		{"hexadecimal, upper case", []byte(strings.ToUpper(hex.EncodeToString([]byte(value))))},
		{"UTF-16LE", utf16Bytes(value, 0)},
		{"UTF-16BE", utf16Bytes(value, 1)},
		{"JSON escapes", []byte(unicodeEscapes(value, `\u%04x`))},
		{"JSON escapes, upper case", []byte(unicodeEscapes(value, `\u%04X`))},
		{"HTML", []byte(html.EscapeString(value))},
		{"HTML numbers", []byte(runeEscapes(value, "&#%d;"))},
		{"HTML hexadecimal numbers", []byte(runeEscapes(value, "&#x%x;"))},
	}
	for alignment := range 3 {
		forms = append(forms,
			Form{fmt.Sprintf("base64 at %d", alignment), alignedBase64(base64.RawStdEncoding, value, alignment)},
			Form{fmt.Sprintf("base64url at %d", alignment), alignedBase64(base64.RawURLEncoding, value, alignment)})
	}
	return forms
}

// carried gives the encodings in which a disguise lies in addresses, JSON, sealed
// letters and the memory of others: the rest would make a scan slow and find no more.
func carried(value string) []Form {
	forms := []Form{
		{"percent-encoded", []byte(url.PathEscape(value))},
		{"JSON escapes", []byte(unicodeEscapes(value, `\u%04x`))},
		{"UTF-16LE", utf16Bytes(value, 0)},
	}
	for alignment := range 3 {
		forms = append(forms, Form{fmt.Sprintf("base64 at %d", alignment), alignedBase64(base64.RawStdEncoding, value, alignment)})
	}
	return forms
}

// alignedBase64 gives the characters that stand for the value alone when other
// bytes, as many as the alignment, come before it in a group of three.
func alignedBase64(encoding *base64.Encoding, value string, alignment int) []byte {
	text := encoding.EncodeToString(append(make([]byte, alignment), value...))
	first := (alignment*8 + 5) / 6
	last := (alignment + len(value)) * 8 / 6
	return []byte(text[first:last])
}

func utf16Bytes(value string, low int) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(value)) {
		pair := [2]byte{byte(unit), byte(unit >> 8)}
		b = append(b, pair[low], pair[1-low])
	}
	return b
}

// unicodeEscapes writes what is not ASCII in UTF-16 units.
func unicodeEscapes(value, format string) string {
	var b strings.Builder
	for _, r := range value {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, format, unit)
		}
	}
	return b.String()
}

// runeEscapes writes what is not ASCII as numbers of characters.
func runeEscapes(value, format string) string {
	var b strings.Builder
	for _, r := range value {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, format, r)
		}
	}
	return b.String()
}

// lowerEscapes writes the digits of percent escapes in lower case.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(string(b[i+1:i+3])))
			i += 2
		}
	}
	return string(b)
}
