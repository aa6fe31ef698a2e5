package privacytest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// birthForms are the ways to write a date of birth; all of them need a cue.
func birthForms() []form {
	in := func(layout string) func(draw) (string, string) {
		return asDate(func(day time.Time) string { return day.Format(layout) })
	}
	forms := []form{
		{name: "年月日", write: in("2006年1月2日")},
		{name: "年月日, two digits", write: in("2006年01月02日")},
		{name: "年月日, spaces", script: chinese, write: in("2006 年 1 月 2 日")},
		{name: "年月號", script: chinese, write: in("2006年1月2號")},
		{name: "year of two digits", script: chinese, write: in("06年1月2日")},
		{name: "ISO", write: in("2006-01-02")},
		{name: "slashes, year first", write: in("2006/1/2")},
		{name: "dots, year first", write: in("2006.01.02")},
		{name: "slashes", write: in("02/01/2006")},
		{name: "slashes, one digit", write: in("2/1/2006")},
		{name: "hyphens", write: in("02-01-2006")},
		{name: "dots", write: in("2.1.2006")},
		{name: "eight digits", write: in("20060102")},
		{name: "day, month, year", write: in("2 Jan 2006")},
		{name: "day, whole month, year", write: in("2 January 2006")},
		{name: "month, day, year", write: in("January 2, 2006")},
		{name: "full-width", write: asDate(func(day time.Time) string { return fullWidth(day.Format("2006年1月2日")) })},
		{name: "full-width, slashes", write: asDate(func(day time.Time) string { return fullWidth(day.Format("2006/01/02")) })},
		{name: "Chinese numerals", script: chinese, write: asDate(dayInNumerals)},
		{name: "ROC year", script: chinese, write: asDate(func(day time.Time) string {
			return fmt.Sprintf("民國%d年%d月%d日", day.Year()-1911, day.Month(), day.Day())
		})},
		{name: "day and month", apart: true, write: func(d draw) (string, string) {
			text := birthday(d).Format("1月2日")
			return text, text
		}},
	}
	return named(forms, "birth", doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_DATE_OF_BIRTH, "birth")
}

func birthday(d draw) time.Time {
	return time.Date(1940+d.IntN(66), time.Month(1+d.IntN(12)), 1+d.IntN(28), 0, 0, 0, 0, time.UTC)
}

func asDate(write func(day time.Time) string) func(draw) (string, string) {
	return func(d draw) (string, string) {
		day := birthday(d)
		return write(day), day.Format(time.DateOnly)
	}
}

func dayInNumerals(day time.Time) string {
	return inNumerals(strconv.Itoa(day.Year())) + "年" + underHundred(int(day.Month())) + "月" + underHundred(day.Day()) + "日"
}

// underHundred counts in Chinese from 1 to 99.
func underHundred(n int) string {
	tens, ones := n/10, n%10
	var b strings.Builder
	if tens > 1 {
		b.WriteString(inNumerals(strconv.Itoa(tens)))
	}
	if tens > 0 {
		b.WriteString("十")
	}
	if ones > 0 {
		b.WriteString(inNumerals(strconv.Itoa(ones)))
	}
	return b.String()
}
