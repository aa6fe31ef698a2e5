package cardlink

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// fragments are what generated texts and addresses are put together from:
// every mark that some step of the pipeline looks at, and its neighbours.
func fragments() []string {
	return []string{
		"http", "https", "hxxp", "tg", "://", "[:]//", ":", "//", "/", `\`, "__", "％3A", "%3A%2F%2F", "%2e", "%41", "%", "%%3", "..", ".",
		"．", "。", "｡", "․", "[.]", "(dot)", " (dot) ", "[", "]", "(", ")", "{", "}", "【", "】", "?", "&", "=", "#", "#/", "#!", "@", "＠",
		"mirror", "Mirror", "hkleaks", "example", "org", "com", "hk", "co.uk", "github.io", "unknown", "www", "m", "xn--hkleak-nvf", "xn--",
		"web.archive.org/web/2020/", "url", "u", "utm_source", "index.html", "index", "a", "b", "1", "0x7f", "08080", "80", "443", "-", "_", "~",
		"'", "\"", "<", "`", "|", ",", ";", "!", "*", "+", " ", "\t", "\n", "\u200B", "\u200D", "\uFE0F", "\u00A0", "ѕ", "һ", "é", "ß", "ſ", "K",
		"卡", "點", "点", " dot ", "DOT", "dot", " ", "·", "・", "•", "‧", "･", "∙", "⋅", "\u0387", "pier", "Hkleaks", "hk1eaks", "\\.", "[.", ".]", "[/]", "，", "：", "／", "ｈｔｔｐ", "ａ", "𝗵", "①", "ⓗ", "🔥", "\xff", "\xe3\x80",
	}
}

func joined(t *rapid.T, label string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(fragments()), 0, 14).Draw(t, label), "")
}

func TestEveryTextKeepsTheRules(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) { checkText(t, joined(rt, "text")) })
}

func TestCanonicalFormIsItsOwn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l, err := Canonicalise("https://mirror" + joined(rt, "address"))
		if err == nil {
			checkLink(t, l)
		}
	})
}

func TestShortCutReadsLikeTheParser(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) { checkParsers(t, "mirror"+joined(rt, "address")) })
}

func TestTextWithoutDotOrSchemeHasNoLink(t *testing.T) {
	f := New()
	rapid.Check(t, func(rt *rapid.T) {
		text := joined(rt, "text")
		for _, mark := range []string{".", "．", "。", "｡", "․", "dot", ":", "：", "%3A", "__"} {
			text = strings.ReplaceAll(text, mark, "")
		}
		if links := f.Text(nil, text); len(links) > 0 {
			rt.Fatalf("%d links in %q", len(links), text)
		}
	})
}

func TestHostOfAPlainLinkStandsInTheText(t *testing.T) {
	f := New()
	rapid.Check(t, func(rt *rapid.T) {
		text := joined(rt, "text")
		for _, l := range f.Text(nil, text) {
			stood := strings.ToLower(text[l.Start:l.End])
			// Escaped, numeric and internationalised hosts are spelled
			// otherwise, and so is what is carried or named by a number.
			if len(l.Disguises) > 0 || !plainASCII(stood) || strings.ContainsAny(stood, "%") || l.Label == "" ||
				strings.HasPrefix(stood, "tg:") {
				continue
			}
			if !strings.Contains(stood, l.Host) {
				rt.Fatalf("host %q of %q does not stand in it", l.Host, text)
			}
		}
	})
}

// TestFinderForgets runs one Finder over many texts and compares it with a
// fresh one each.
func TestFinderForgets(t *testing.T) {
	f := New()
	rapid.Check(t, func(rt *rapid.T) {
		text := joined(rt, "text")
		if diff := cmp.Diff(f.Text(nil, text), New().Text(nil, text)); diff != "" {
			rt.Fatalf("links of %q (-used finder +new finder):\n%s", text, diff)
		}
	})
}

func TestScanStopsWhereATableWould(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := joined(rt, "text")
		from := rapid.IntRange(0, len(text)).Draw(rt, "from")
		want := strings.IndexAny(bytewise(text[from:]), bytewise(".:[({\x80\xEF\xF0"))
		if want < 0 {
			want = len([]rune(bytewise(text[from:])))
		} else {
			want = utf8.RuneCountInString(bytewise(text[from:])[:want])
		}
		if got := nextStop(text, from); got != from+want {
			rt.Fatalf("next stop of %q from %d is %d, want %d", text, from, got, from+want)
		}
	})
}

// bytewise makes a rune of each byte.
func bytewise(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}
