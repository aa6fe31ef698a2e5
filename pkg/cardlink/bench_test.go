package cardlink

import (
	"strings"
	"testing"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	englishPart = "The committee met again on Monday (the third time this year). Nobody was told why; the minutes, e.g. those of " +
		"version 2.1, were never published. \"We'll see,\" she said: it is 10:45 now. "
	chinesePart = "昨天下午，我們在旺角再次見面。他說：「這件事情還沒有結束！」大家都很累，但是沒有人離開（除了記者）。到底發生甚麼事？"
	mixedPart   = "今日 update：第3次會議 meeting 已完成 ✅❤️ 詳情請 follow 我們嘅 channel，thank you！🙏 "
)

// kilobyte returns about 1,000 bytes of text made of a part.
func kilobyte(part string) string {
	return cut(strings.Repeat(part, 1+1000/len(part)), 1000)
}

func benchmarkText(b *testing.B, text string, links int) {
	b.Helper()
	benchmarkFinder(b, New(), text, links)
}

func benchmarkFinder(b *testing.B, f *Finder, text string, links int) {
	b.Helper()
	var dst []Link
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		dst = f.Text(dst[:0], text)
	}
	if len(dst) != links {
		b.Fatalf("%d links, want %d", len(dst), links)
	}
}

func BenchmarkTextEnglish(b *testing.B) { benchmarkText(b, kilobyte(englishPart), 0) }
func BenchmarkTextChinese(b *testing.B) { benchmarkText(b, kilobyte(chinesePart), 0) }
func BenchmarkTextMixed(b *testing.B)   { benchmarkText(b, kilobyte(mixedPart), 0) }

func BenchmarkTextEnglishWatching(b *testing.B) {
	benchmarkFinder(b, NewWatching(watched()), kilobyte(englishPart), 0)
}

func BenchmarkTextChineseWatching(b *testing.B) {
	benchmarkFinder(b, NewWatching(watched()), kilobyte(chinesePart), 0)
}

func BenchmarkTextMixedWatching(b *testing.B) {
	benchmarkFinder(b, NewWatching(watched()), kilobyte(mixedPart), 0)
}

func BenchmarkTextSpelled(b *testing.B) {
	benchmarkFinder(b, NewWatching(watched()), cut(kilobyte(chinesePart), 900)+" hkleaks dot org/card/12 快看", 1)
}

func BenchmarkTextEnglishOneLink(b *testing.B) {
	benchmarkText(b, kilobyte(englishPart)[:900]+" https://mirror.example/model/pc/content_12.html ", 1)
}

func BenchmarkTextChineseOneLink(b *testing.B) {
	benchmarkText(b, cut(kilobyte(chinesePart), 900)+"https://mirror.example/model/pc/content_12.html快看", 1)
}

func BenchmarkTextBareLink(b *testing.B) {
	benchmarkText(b, cut(kilobyte(chinesePart), 900)+"mirror.example/card/12快看", 1)
}

func BenchmarkTextTwitterLink(b *testing.B) {
	benchmarkText(b, "look at this https://t.co/AbC123dEf", 1)
}

func BenchmarkTextDisguised(b *testing.B) {
	benchmarkText(b, cut(kilobyte(chinesePart), 900)+"hxxps://mirror[.]example/card/12快看", 1)
}

func BenchmarkMarked(b *testing.B) {
	f := New()
	var dst []Link
	b.ReportAllocs()
	for b.Loop() {
		dst = f.Marked(dst[:0], "https://www.mirror.example/model/pc/content_12.html?utm_source=x&b=2&a=1",
			doxtrailv1.LinkSource_LINK_SOURCE_ENTITY, doxtrailv1.LinkExpansion_LINK_EXPANSION_UNWOUND)
	}
}

func BenchmarkMarkedFullParser(b *testing.B) {
	f := New()
	var dst []Link
	b.ReportAllocs()
	for b.Loop() {
		dst = f.Marked(dst[:0], "https://www.mirror.example/model/pc/卡.html?utm_source=x&b=2&a=1",
			doxtrailv1.LinkSource_LINK_SOURCE_ENTITY, doxtrailv1.LinkExpansion_LINK_EXPANSION_UNWOUND)
	}
}
