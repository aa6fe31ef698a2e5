package cardlink

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestDisguisesOnTopOfEachOther puts any scheme, dot, type face and surroundings
// together, hides characters anywhere in it, and asserts that the site is found.
func TestDisguisesOnTopOfEachOther(t *testing.T) {
	schemes := []string{
		"", "http://", "https://", "hxxp://", "hXXps[:]//", "h**p://", "http__", "hxxps__", "https[://]", `http:\\`, "https:// ",
		"https：／／", "https:[/][/]", "http：//", "ｈｔｔｐｓ：／／",
	}
	dots := []string{
		".", "[.]", "(.)", "{.}", "【.】", "〔.〕", "（.）", "［.］", "｛.｝", "[dot]", " (dot) ", " [DOT] ", "[點]", "[．]", "(。)", " (ｄｏｔ) ",
		"[.", ".]", "].", `\.`, "．", "。", "｡", "․", "﹒", " dot ", " DOT ", " ｄｏｔ ", " 點 ", "點", " 点", "點 ", "·", "・", "•", "‧", "∙",
		"⋅", "･", "\u0387", ". ", " .", " . ", " ．", "． ", " ． ", " 。", "。 ", " 。 ", " ｡ ", " ․ ", "﹒ ", " 𝗱𝗼𝘁 ",
	}
	before := []string{"", "看", "see ", "（", "「", "網址：", "a, ", "\n", "🔥", "(", "。", "! "}
	after := []string{"", "看", " ", "）", "，謝謝", "。", "!", "\n", "🔥", " 快看", ")", "/card/1", "／card", "[/]card", ":8080/x", "?a=1"}
	f := NewWatching(watched())
	rapid.Check(t, func(rt *rapid.T) {
		pick := func(from []string, label string) string { return rapid.SampledFrom(from).Draw(rt, label) }
		suffix := pick([]string{"org", "ru", "example"}, "suffix")
		text := pick(schemes, "scheme") + typeFace(rt, "hkleaks") + pick(dots, "dot") + typeFace(rt, suffix) + pick(after, "after")
		text = pick(before, "before") + hidden(rt, text)
		for _, l := range f.Text(nil, text) {
			if l.Host == "hkleaks."+suffix {
				return
			}
		}
		rt.Fatalf("hkleaks.%s is not found in %q", suffix, text)
	})
}

// typeFace sets a label in full-width or bold letters, or leaves it.
func typeFace(rt *rapid.T, label string) string {
	first := rapid.SampledFrom([]rune{'a', 'a', 'ａ', '𝗮'}).Draw(rt, "type face")
	return strings.Map(func(r rune) rune { return r - 'a' + first }, label)
}

// hidden puts something invisible behind some of the characters, but never two things:
// of blanks in a row only maxBlanks are read.
func hidden(rt *rapid.T, text string) string {
	nothing := []string{"\u200B", "\u2060", "\u00AD", "\u3164", "\uFEFF", "\u180E", "\u034F", "\u115F", "\uFE0F", "\U000E0041", "\u200D", "\u200F", "\uFFA0"}
	often := rapid.SampledFrom([]int{0, 5, 30}).Draw(rt, "how often")
	var b strings.Builder
	for _, r := range text {
		b.WriteRune(r)
		if rapid.IntRange(0, 99).Draw(rt, "hide") < often {
			b.WriteString(rapid.SampledFrom(nothing).Draw(rt, "hidden"))
		}
	}
	return b.String()
}
