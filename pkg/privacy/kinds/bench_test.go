package kinds

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Parts of texts; nobody real is meant.
const (
	chinesePart = "昨天下午，我們在旺角再次見面。他說：「這件事情還沒有結束！」大家都很累，但是沒有人離開（除了記者）。到底發生甚麼事？我們知道要走這條街道。"
	englishPart = "The committee met again on Monday (the third time this year). Nobody was told why; the minutes, e.g. those of " +
		"version 2.1, were never published. \"We'll see,\" she said: it is 10:45 now. "
	mixedPart = "今日 update：第3次會議 meeting 已完成 ✅❤️ 詳情請 follow 我們嘅 channel，thank you！🙏 "
	usualPart = "2019年8月31日晚上10時45分，太子站有300人被困，票價$12.50，詳情見 https://mirror.example/news/20190831 第2頁。"
	cardPart  = "姓名：陳大文 身份證：A123456(3) 電話：+852 9123 4567 電郵：tai.man@mail.example 出生日期：1990年1月2日 地址：旺角彌敦道123號5樓A室\n"
)

// kilobyte returns about 1,000 bytes of text made of a part.
func kilobyte(part string) string {
	text := strings.Repeat(part, 1+1000/len(part))[:1000]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text
}

// Find must cost under 2 us for a kilobyte of Chinese without numbers, under 4 us
// with the usual ones, and allocate nothing.
func BenchmarkFind(b *testing.B) {
	for name, text := range map[string]string{
		"chinese":         kilobyte(chinesePart),
		"english":         kilobyte(englishPart),
		"mixed":           kilobyte(mixedPart),
		"chinese usual":   kilobyte(strings.Repeat(chinesePart, 4) + usualPart),
		"chinese numbers": kilobyte(usualPart),
		"one value":       kilobyte(chinesePart)[:900] + "電話：91234567",
		"card":            kilobyte(cardPart),
	} {
		b.Run(name, func(b *testing.B) {
			r := New()
			var spans []Span
			var err error
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if spans, err = r.Find(spans[:0], text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
