package cardlink

import (
	"strings"
	"testing"
)

// hostile are texts that would take for ever if some step went back over what
// it read before.
func hostile(n int) map[string]string {
	return map[string]string{
		"dots":                    strings.Repeat(".", n),
		"dots between letters":    strings.Repeat("a.", n/2),
		"two dots":                strings.Repeat("a..", n/3),
		"hosts, then dots":        strings.Repeat("a.example..", n/22) + strings.Repeat(".", n/2) + "/",
		"opening brackets":        strings.Repeat("(", n),
		"square brackets":         strings.Repeat("[", n),
		"bracketed dots":          strings.Repeat("a[.]", n/4),
		"bracketed words, spaced": strings.Repeat("a (dot) ", n/8),
		"schemes":                 strings.Repeat("http://", n/7),
		"odd schemes":             strings.Repeat("hxxp://", n/7),
		"spaced schemes":          strings.Repeat("http:// a.example", n/17),
		"escaped schemes":         strings.Repeat("http%3A%2F%2F", n/13),
		"underscores":             strings.Repeat("http__", n/6),
		"links glued together":    strings.Repeat("https://a.example/b", n/19),
		"links in links":          strings.Repeat("https://a.example/", n/18),
		"one long link":           "https://mirror.example/" + strings.Repeat("a", n),
		"one deep link":           "https://mirror.example" + strings.Repeat("/a", n/2),
		"one deep odd link":       "https://mirror.example/." + strings.Repeat("/é", n/3),
		"deep odd links":          strings.Repeat("https://mirror.example/."+strings.Repeat("/é", 2000)+" ", n/6000),
		"parents":                 "https://mirror.example" + strings.Repeat("/a/..", n/5),
		"parameters":              "https://mirror.example/?" + strings.Repeat("b=1&a=2&", n/8),
		"user information":        "https://" + strings.Repeat("a@", n/2) + "mirror.example",
		"colons":                  "https://" + strings.Repeat("a:", n/2),
		"brackets in a path":      "https://mirror.example/" + strings.Repeat("(", n/2) + strings.Repeat(")", n/2),
		"ideographic full stops":  strings.Repeat("a。", n/4),
		"full-width dots":         strings.Repeat("a．", n/4),
		"invisible characters":    "a.b" + strings.Repeat("\u200B", n/3),
		"invisible gaps":          strings.Repeat("a.b\u200B", n/6),
		"variation selectors":     strings.Repeat("\uFE0F.", n/4),
		"spaces":                  "a" + strings.Repeat(" ", n/2) + "[.]" + strings.Repeat(" ", n/2) + "a",
		"mail addresses":          strings.Repeat("a.b@", n/4),
		"percent signs":           "https://mirror.example/" + strings.Repeat("%", n),
		"no schemes in a path":    strings.Repeat("https://a.example"+strings.Repeat("/http", 1500)+"%2525 ", n/7522),
		"nested escapes":          "https://a.example/?url=http" + strings.Repeat("%25", n/3) + "3A",
		"labels":                  "https://" + strings.Repeat("a.", n/2) + "example",
		"one long label":          strings.Repeat("a", n) + ".example",
		"wide letters":            strings.Repeat("ａ", n/3) + "．ｅｘａｍｐｌｅ",
		"words for dots":          strings.Repeat("pier dot ", n/9),
		"spelled links":           strings.Repeat("pier dot org ", n/13),
		"spelled links, glued":    strings.Repeat("pier點org,", n/12),
		"spelled suffixes":        "pier" + strings.Repeat(" dot com", n/8),
		"middle dots":             "pier" + strings.Repeat("·com", n/5),
		"one long spelled label":  strings.Repeat("a", n/2) + " dot " + strings.Repeat("a", n/2),
		"long spelled labels":     strings.Repeat(strings.Repeat("-", 250)+"pier dot ", n/260),
		"spaced full stops":       strings.Repeat("pier. a ", n/8),
		"look-alikes":             strings.Repeat("ріег.ru ", n/12),
		"hidden spelled dots":     strings.Repeat("pier\u200B·\u200Borg http__pier\u200B .", n/36),
		"hidden words":            strings.Repeat("pier d\u2060o\u2060t d\u2060", n/22),
		"spaced wide stops":       strings.Repeat("pier 。 a． ", n/18),
		"words in type faces":     strings.Repeat("pier 𝗱𝗼𝘁 𝗱𝗼", n/26),
		"suffixes of two labels":  strings.Repeat("quay.com·hk ", n/13),
		"brackets in suffixes":    strings.Repeat("quay].com點hk", n/14),
		"hidden underscores":      strings.Repeat("_\u2060", n/4) + " dot org",
		"hidden slashes":          strings.Repeat("/\u2060pier·org", n/14),
		"half brackets":           strings.Repeat("aa[.", n/4),
		"closing half brackets":   strings.Repeat("aa.]", n/4),
		"backslash dots":          strings.Repeat(`aa\.`, n/4),
		"bracketed slashes":       "mirror.example" + strings.Repeat("[/]", n/3),
		"index files":             "https://mirror.example" + strings.Repeat("/index.html", n/11),
	}
}

func TestHostileTexts(t *testing.T) {
	f := NewWatching(watched())
	for name, text := range hostile(100_000) {
		t.Run(name, func(t *testing.T) {
			for _, l := range f.Text(nil, text) {
				if len(l.URL) > maxCanonical {
					t.Errorf("canonical form of %d bytes", len(l.URL))
				}
			}
		})
	}
}

// What is allocated for a text of ten times the length is ten times as much.
func TestHostileTextsCostWhatTheirLengthCosts(t *testing.T) {
	f := NewWatching(watched())
	long := hostile(120_000)
	for name, text := range hostile(12_000) {
		var dst []Link
		few := testing.AllocsPerRun(1, func() { dst = f.Text(dst[:0], text) })
		many := testing.AllocsPerRun(1, func() { dst = f.Text(dst[:0], long[name]) })
		if many > 15*few+200 {
			t.Errorf("%s: %.0f allocations, %.0f for a tenth of it", name, many, few)
		}
	}
}

func TestTextIsCut(t *testing.T) {
	text := strings.Repeat("字", maxText/len("字")) + "字 mirror.example"
	if links := New().Text(nil, text); len(links) > 0 {
		t.Errorf("%d links behind the end", len(links))
	}
	text = strings.Repeat("字", 1000) + " mirror.example" + strings.Repeat("字", maxText)
	if links := New().Text(nil, text); len(links) != 1 {
		t.Errorf("%d links before the end, want 1", len(links))
	}
}

func TestAddressIsCut(t *testing.T) {
	long := "https://mirror.example/" + strings.Repeat("a", 2*maxURL)
	text := New().Text(nil, long)
	if len(text) != 1 || text[0].Host != "mirror.example" || len(text[0].Path) > maxURL || text[0].End != len(long) {
		t.Errorf("%d links of a long address", len(text))
	}
}

func TestNoAllocationWithoutLink(t *testing.T) {
	for _, f := range []*Finder{New(), NewWatching(watched())} {
		for _, text := range []string{kilobyte(englishPart), kilobyte(chinesePart), kilobyte(mixedPart)} {
			if n := testing.AllocsPerRun(10, func() { f.Text(nil, text) }); n > 0 {
				t.Errorf("%.0f allocations for %.20q", n, text)
			}
		}
	}
}

func BenchmarkHostileTexts(b *testing.B) {
	for name, text := range hostile(maxText - 64) {
		b.Run(name, func(b *testing.B) {
			f := NewWatching(watched())
			var dst []Link
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				dst = f.Text(dst[:0], text)
			}
		})
	}
}

// However often a path says http, it is unescaped only where that may be a scheme.
func TestAPathIsUnescapedOnce(t *testing.T) {
	f := New()
	cost := func(n int) float64 {
		text := "https://a.example" + strings.Repeat("/http", n) + "%2525"
		return testing.AllocsPerRun(10, func() { f.Text(nil, text) })
	}
	if few, many := cost(10), cost(1000); many > few {
		t.Errorf("%.0f allocations for a path that says http often, %.0f for one that seldom does", many, few)
	}
}
