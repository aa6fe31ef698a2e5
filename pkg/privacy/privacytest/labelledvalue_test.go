package privacytest

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// What is cut out of a text is undone step by step and must be the value.
func TestWhatIsCutOutIsTheValue(t *testing.T) {
	for _, text := range NewTexts(9).Take(20_000) {
		for _, span := range text.Spans {
			cut := text.Text[span.Start:span.End]
			want := span.Value
			if want == cut { // no decoration, or masked
				continue
			}
			if got := undecorated(span.Kind, cut); got != want {
				t.Fatalf("%s: %q gives back %q, want %q", span.Form, cut, got, want)
			}
		}
	}
}

func undecorated(kind doxtrailv1.PersonalDataKind, cut string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || r == '\ufe0f' || r == '\u20e3' {
			return -1
		}
		return r
	}, norm.NFKC.String(cut))
	switch kind {
	case doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE:
		return strings.TrimPrefix(only(fromNumerals(plain), unicode.IsDigit), "00")
	case doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_EMAIL:
		plain = strings.NewReplacer(" at ", "@", " dot ", ".", "[at]", "@", "(at)", "@", "[dot]", ".").Replace(strings.ToLower(plain))
		return strings.ReplaceAll(plain, " ", "")
	case doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_DATE_OF_BIRTH:
		return readDate(plain)
	case doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_ADDRESS:
		return plain
	}
	return strings.ToUpper(only(plain, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }))
}

func only(s string, keep func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if keep(r) {
			return r
		}
		return -1
	}, s)
}

func fromNumerals(s string) string {
	for digit, numeral := range []rune("零一二三四五六七八九") {
		s = strings.ReplaceAll(s, string(numeral), strconv.Itoa(digit))
	}
	return s
}

// readDate reads every form of a date of birth, day before month.
func readDate(s string) string {
	s = strings.ReplaceAll(s, " ", "")
	if year, rest, found := strings.Cut(strings.TrimPrefix(s, "民國"), "年"); found && strings.HasPrefix(s, "民國") {
		n, _ := strconv.Atoi(year)
		s = strconv.Itoa(n+1911) + "年" + rest
	}
	s = regexp.MustCompile(`([二三])十([一二三四五六七八九])`).ReplaceAllString(s, "$1$2")
	s = regexp.MustCompile(`([二三])十`).ReplaceAllString(s, "${1}零")
	s = regexp.MustCompile(`十([一二三四五六七八九])`).ReplaceAllString(s, "一$1")
	s = fromNumerals(strings.ReplaceAll(s, "十", "一零"))
	s = strings.ReplaceAll(s, "號", "日")
	for _, layout := range []string{
		"2006年1月2日", "06年1月2日", "2006-1-2", "2006/1/2", "2006.1.2", "2/1/2006", "2-1-2006", "2.1.2006",
		"20060102", "2Jan2006", "2January2006", "January2,2006",
	} {
		if day, err := time.Parse(layout, s); err == nil {
			if layout == "06年1月2日" && day.Year() > 2005 { // born in the century before
				day = day.AddDate(-100, 0, 0)
			}
			return day.Format(time.DateOnly)
		}
	}
	return "not read: " + s
}
