package privacytest

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// These tests compute every check a second time, another way: they look for
// the property that the check was made to give.

func TestNumbersHaveTheRightCheck(t *testing.T) {
	seen := map[string]int{}
	for _, text := range NewTexts(10).Take(20_000) {
		for _, span := range text.Spans {
			if span.Apart {
				continue
			}
			right, kind := true, ""
			switch {
			case span.Form == "HKID, no check character":
			case span.Kind == doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_HKID:
				right, kind = hkidSumIsDivisible(span.Value), "HKID"
			case span.Kind == doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_MAINLAND_ID:
				right, kind = mainlandLeavesOne(span.Value), "mainland id"
			case strings.HasPrefix(span.Form, "IBAN"):
				right, kind = ibanLeavesOne(span.Value), "IBAN"
			case span.Kind == doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_BANK_CARD:
				right, kind = luhnHolds(span.Value), "bank card"
			}
			seen[kind]++
			if kind == "HKID" {
				seen["HKID that ends in "+span.Value[len(span.Value)-1:]]++
			}
			if !right {
				t.Fatalf("%s: the check of %q is wrong", span.Form, span.Value)
			}
		}
	}
	for _, kind := range []string{"HKID", "HKID that ends in 0", "HKID that ends in A", "mainland id", "IBAN", "bank card"} {
		if seen[kind] < 100 {
			t.Errorf("only %d numbers of %s were looked at", seen[kind], kind)
		}
	}
}

// hkidSumIsDivisible adds each place as often as its weight says, the check
// with weight 1: 11 divides the sum.
func hkidSumIsDivisible(value string) bool {
	if len(value) == 8 {
		value = " " + value
	}
	if len(value) != 9 {
		return false
	}
	places := " " + "123456789" // to look up digits by index
	sum := 0
	for i, c := range value {
		worth := 0
		switch {
		case c == ' ':
			worth = 36
		case i == 8 && c == 'A':
			worth = 10
		case c >= 'A':
			worth = strings.IndexRune("ABCDEFGHIJKLMNOPQRSTUVWXYZ", c) + 10
		case c != '0':
			worth = strings.IndexRune(places, c)
		}
		for range 9 - i {
			sum += worth
		}
	}
	return sum%11 == 0
}

// mainlandLeavesOne is the recursive method of ISO 7064, MOD 11-2: twice the
// remainder so far plus the next place, and 1 is left at the end.
func mainlandLeavesOne(value string) bool {
	rest := 0
	for _, c := range value {
		worth := strings.IndexRune("0123456789X", c)
		rest = (2*rest + worth) % 11
	}
	return len(value) == 18 && rest == 1
}

// luhnHolds doubles by a table and adds the check digit as it is: 10 divides
// the sum.
func luhnHolds(value string) bool {
	doubled := map[byte]int{'0': 0, '1': 2, '2': 4, '3': 6, '4': 8, '5': 1, '6': 3, '7': 5, '8': 7, '9': 9}
	sum := 0
	for i := range len(value) {
		if (len(value)-i)%2 == 0 {
			sum += doubled[value[i]]
		} else {
			sum += int(value[i] - '0')
		}
	}
	return len(value) >= 13 && len(value) <= 19 && sum%10 == 0
}

// ibanLeavesOne moves the first four characters to the end, writes letters as
// numbers and divides the whole by 97.
func ibanLeavesOne(value string) bool {
	var digits strings.Builder
	for _, c := range value[4:] + value[:4] {
		digits.WriteString(big.NewInt(int64(strings.IndexRune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", c))).String())
	}
	number, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && new(big.Int).Mod(number, big.NewInt(97)).Int64() == 1
}

func TestKnownChecks(t *testing.T) {
	for _, test := range []struct{ name, got, want string }{
		{"mainland id of the standard's example", mainlandCheck("11010519491231002"), "X"},
		{"mainland id of the standard's second example", mainlandCheck("44052418800101001"), "4"},
		{"bank card of the standard's example", luhnDigit("7992739871"), "3"},
		{"British IBAN of the registry", ibanCheck("GB", "WEST12345698765432"), "82"},
		{"German IBAN of the registry", ibanCheck("DE", "370400440532013000"), "89"},
	} {
		if test.got != test.want {
			t.Errorf("%s: check is %s, want %s", test.name, test.got, test.want)
		}
	}
}

func TestWrongFiguresAreWrong(t *testing.T) {
	texts := NewTexts(11)
	for range 2000 {
		if n := texts.wrongFigure("wrong card"); luhnHolds(n) || len(n) != 16 {
			t.Fatalf("%q of a trap is a bank card or has not 16 digits", n)
		}
		if n := texts.wrongFigure("wrong mainland id"); mainlandLeavesOne(n) || len(n) != 18 {
			t.Fatalf("%q of a trap is a mainland id or has not 18 characters", n)
		}
		if n := texts.wrongFigure("product"); hkidSumIsDivisible(n) || len(n) != 8 {
			t.Fatalf("%q of a trap is a HKID or has not 8 characters", n)
		}
		if n := texts.wrongFigure("long run"); luhnHolds(n) || len(n) != 14 {
			t.Fatalf("%q of a trap is a bank card or has not 14 digits", n)
		}
	}
}

// No trap may hold by chance what a reader would rightly take for a value of a
// structure that needs no cue.
func TestTrapsHoldNothingThatIsRight(t *testing.T) {
	hkids := regexp.MustCompile(`[A-Z]{1,2}[0-9]{6}\([0-9A]\)`)
	abroad := regexp.MustCompile(`(\+|\b00)(852|853|86|886|44)[- 0-9]{7}`)
	runs := regexp.MustCompile(`(?:^|[^0-9A-Za-z])([0-9]{17}X|[0-9]{13,19})`)
	for _, text := range NewTexts(13).Take(20_000) {
		for _, trap := range text.Traps {
			phrase := text.Text[trap.Start:trap.End]
			if hkids.MatchString(phrase) || abroad.MatchString(phrase) || strings.ContainsAny(phrase, "{}⟨⟩") {
				t.Errorf("trap %q: %q", trap.Name, phrase)
			}
			for _, match := range runs.FindAllStringSubmatch(phrase, -1) {
				run := match[1]
				card := !strings.HasSuffix(run, "X") && luhnHolds(run) && strings.ContainsAny(run[:1], "3456")
				if card || len(run) == 18 && mainlandLeavesOne(run) {
					t.Errorf("trap %q holds a number with a right check: %q", trap.Name, phrase)
				}
			}
		}
	}
}
