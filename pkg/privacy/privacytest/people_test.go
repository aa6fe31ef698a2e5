package privacytest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
)

func TestHKIDCheck(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       byte
	}{
		{"two letters", "AB987654", '3'},
		{"one letter", "A123456", '3'},
		{"a sum that 11 divides gives 0", "A000007", '0'},
		{"a remainder of 1 gives A", "A000002", 'A'},
		{"too short", "A12345", '?'},
		{"no letter", "1234567", '?'},
		{"lower case", "a123456", '?'},
		{"three letters", "ABC12345", '?'},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := privacytest.HKIDCheck(test.body); got != test.want {
				t.Errorf("HKIDCheck(%s) = %c, want %c", test.body, got, test.want)
			}
		})
	}
}

func TestASetHasEveryCheckCharacterThatIsHardToGetRight(t *testing.T) {
	found := map[byte]int{}
	for _, p := range privacytest.New(1, 8).Persons {
		body, check := p.HKIDPlain[:len(p.HKIDPlain)-1], p.HKIDPlain[len(p.HKIDPlain)-1]
		if got := privacytest.HKIDCheck(body); got != check {
			t.Errorf("check of an invented number is %c, want %c", check, got)
		}
		found[check]++
	}
	if found['0'] < 2 || found['A'] < 2 {
		t.Errorf("check characters 0 and A occur %d and %d times, want 2 of each at least", found['0'], found['A'])
	}
}

func TestTheSameSeedGivesTheSamePeople(t *testing.T) {
	first, second := privacytest.New(7, 40), privacytest.New(7, 40)
	if diff := cmp.Diff(first.Canaries(), second.Canaries()); diff != "" {
		t.Errorf("canaries differ (-got +want):\n%s", diff)
	}
	if cmp.Equal(first.Persons, privacytest.New(8, 40).Persons) {
		t.Error("another seed gives the same people")
	}
}

func TestPeopleOfASetDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range privacytest.New(3, 200).Persons {
		for _, value := range []string{p.Chinese, p.Phone, p.HKID} {
			if seen[value] {
				t.Fatalf("two people share a value")
			}
			seen[value] = true
		}
		if !strings.HasPrefix(p.Phone, "999") || len(p.Phone) != 8 {
			t.Errorf("phone number is not one that nobody can have")
		}
		if !strings.HasSuffix(p.Mail, ".example") {
			t.Errorf("mail address is not under .example")
		}
	}
}
