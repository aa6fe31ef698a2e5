package kinds

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The twins below compute check digits as the papers describe them, by trying
// what fits.

func slowHKID(id string) byte {
	const values = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ "
	if len(id) == 7 {
		id = " " + id
	}
	sum := 0
	for i := range id {
		sum += strings.IndexByte(values, id[i]) * (9 - i)
	}
	for check := range 11 {
		if (sum+check)%11 == 0 {
			return values[check]
		}
	}
	panic("no check digit")
}

func TestHKIDCheckAgreesWithTwin(t *testing.T) {
	t.Parallel()
	seen := map[byte]bool{}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`[A-Z]{1,2}[0-9]{6}`).Draw(t, "id")
		letters := len(id) - hkidDigits
		got := hkidCheck([]byte(id[:letters]), []byte(id[letters:]))
		if want := slowHKID(id); got != want {
			t.Fatalf("%s: %c, want %c", id, got, want)
		}
		seen[got] = true
	})
	if !seen['0'] || !seen['A'] {
		t.Error("no number with the check character 0, or none with A, was drawn")
	}
	for id, want := range map[string]byte{"AB987654": '3', "A123456": '3', "A000007": '0', "A000002": 'A'} {
		letters := len(id) - hkidDigits
		if got := hkidCheck([]byte(id[:letters]), []byte(id[letters:])); got != want || slowHKID(id) != want {
			t.Errorf("%s: %c, the twin %c, want %c", id, got, slowHKID(id), want)
		}
	}
}

func TestLuhnAgreesWithTwin(t *testing.T) {
	t.Parallel()
	doubled := [10]int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[0-9]{2,19}`).Draw(t, "number")
		sum := 0
		for i := range number {
			d := int(number[len(number)-1-i] - '0')
			if i%2 == 1 {
				d = doubled[d]
			}
			sum += d
		}
		if got, want := luhn([]byte(number)), sum%10 == 0; got != want {
			t.Fatalf("%s: %v, want %v", number, got, want)
		}
	})
}

func TestMod97AgreesWithTwin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		iban := rapid.StringMatching(`[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}`).Draw(t, "iban")
		var decimal strings.Builder
		for _, c := range iban[4:] + iban[:4] {
			if c >= 'A' {
				decimal.WriteString(big.NewInt(int64(c - 'A' + 10)).String())
			} else {
				decimal.WriteRune(c)
			}
		}
		n, _ := new(big.Int).SetString(decimal.String(), 10)
		want := n.Mod(n, big.NewInt(97)).Int64() == 1
		if got := mod97([]byte(iban)); got != want {
			t.Fatalf("%s: %v, want %v", iban, got, want)
		}
	})
	if !mod97([]byte("GB82WEST12345698765432")) || mod97([]byte("GB83WEST12345698765432")) {
		t.Error("the worked example is judged wrongly")
	}
}

func TestMod11AgreesWithTwin(t *testing.T) {
	t.Parallel()
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[0-9]{17}`).Draw(t, "body")
		last := rapid.SampledFrom([]byte("0123456789X")).Draw(t, "last")
		sum := 0
		for i, w := range weights {
			sum += int(body[i]-'0') * w
		}
		want := "10X98765432"[sum%11] == last
		if got := mod11(append([]byte(body), last)); got != want {
			t.Fatalf("%s%c: %v, want %v", body, last, got, want)
		}
	})
	if !mod11([]byte("11010519491231002X")) {
		t.Error("the worked example is refused")
	}
}

// A number by itself between Chinese characters is what its digits say.
func TestPlainNumbersAgreeWithTwin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.OneOf(
			rapid.StringMatching(`[2-79][0-9]{6,8}`), rapid.StringMatching(`[2-79][0-9]{11,20}`),
			rapid.StringMatching(`4[0-9]{15}`), rapid.StringMatching(`6[12][0-9]{4}19[0-9]{2}[01][0-9][0-3][0-9]{5}`),
		).Draw(t, "digits")
		if len(digits) >= 13 { // so that a tenth is not all that is right
			for luhn([]byte(digits)) != rapid.Bool().Draw(t, "luhn") {
				digits = digits[:len(digits)-1] + string('0'+(digits[len(digits)-1]-'0'+1)%10)
			}
		}
		want := ""
		switch d := []byte(digits); {
		case len(d) == 18 && isRegion(d) && isDay(d[6:14]):
			want = "mainland_id"
		case len(d) >= 13 && len(d) <= 19 && luhn(d) && issuer(d):
			want = "bank_card"
		case len(d) == 8 && !isRecentDay(d) && !isRound(d):
			want = "phone"
		}
		text := "他說" + digits + "就是"
		spans, err := New().Find(nil, text)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, s := range spans {
			got += word(s.Kind)
			if text[s.Start:s.End] != digits {
				t.Fatalf("%q: %q", text, text[s.Start:s.End])
			}
		}
		if got != want {
			t.Fatalf("%s: %q, want %q", digits, got, want)
		}
	})
}
