package privacytest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Kind is what sort of value a canary is.
type Kind string

// The kinds of canaries.
const (
	KindName     Kind = "name"
	KindPhone    Kind = "phone"
	KindHKID     Kind = "hkid"
	KindMail     Kind = "mail"
	KindAddress  Kind = "address"
	KindSlug     Kind = "slug"
	KindHandle   Kind = "handle"
	KindTitle    Kind = "title"
	KindHashtag  Kind = "hashtag"
	KindFileName Kind = "file name"
	KindOther    Kind = "other"
)

// Person is an invented person and what would give them away.
type Person struct {
	// Chinese is the Chinese name, family name first: 3 characters.
	Chinese string
	// Family and Given are the romanised name; Given is two syllables with a
	// space between.
	Family, Given string
	// Phone is 8 digits; PhoneInternational has +852 and a space in the middle.
	Phone, PhoneInternational string
	// HKID is the identity number with its check character in brackets;
	// HKIDPlain has none of the brackets.
	HKID, HKIDPlain string
	Mail            string
	// Address is in Chinese, AddressEnglish is not a translation of it.
	Address, AddressEnglish string
	// Slug is the last part of the path of the person's card. It holds the
	// romanised name, as cards do.
	Slug string
	// Handle is an account's or channel's, without @.
	Handle string
	// Title is a channel's.
	Title string
	// Hashtag is without #.
	Hashtag string
	// FileName is of an imported file.
	FileName string
}

// Romanised is the name as written in Hong Kong, family name first.
func (p Person) Romanised() string { return p.Family + " " + p.Given }

// syllable is a character with a reading, which need not be right.
type syllable struct{ han, roman string }

func familyNames() []syllable {
	return []syllable{
		{"羋", "Mehk"},
		{"佴", "Nayh"},
		{"禤", "Hyunn"},
		{"逄", "Pongh"},
		{"亓", "Keih"},
		{"卺", "Gannh"},
		{"郤", "Kwikh"},
		{"麴", "Kukh"},
		{"宓", "Fookh"},
		{"靳", "Ganhh"},
		{"缑", "Kauhg"},
		{"戢", "Chapph"},
	}
}

func givenNames() []syllable {
	return []syllable{
		{"翾", "Hyunx"},
		{"珝", "Heuix"},
		{"澂", "Chingx"},
		{"昳", "Dihtx"},
		{"瓛", "Wunx"},
		{"彣", "Manx"},
		{"瀞", "Jingx"},
		{"琎", "Jeunx"},
		{"燊", "Sanx"},
		{"璆", "Kaux"},
		{"韞", "Wanx"},
		{"頲", "Tingx"},
		{"禛", "Janx"},
		{"騄", "Lukx"},
		{"慜", "Mahnx"},
		{"儁", "Jeunz"},
		{"暐", "Waix"},
		{"錞", "Seunx"},
	}
}

// newPerson draws the person of an index.
func newPerson(draw *rand.Rand, index int) Person {
	families, given := familyNames(), givenNames()
	family := families[index%len(families)]
	first := given[draw.IntN(len(given))]
	second := given[draw.IntN(len(given))]
	phone := fmt.Sprintf("999%05d", draw.IntN(100_000))
	body := hkidBody(draw, index)
	check := HKIDCheck(body)
	name := family.roman + first.roman + second.roman
	lower := strings.ToLower(name)
	return Person{
		Chinese:            family.han + first.han + second.han,
		Family:             family.roman,
		Given:              first.roman + " " + second.roman,
		Phone:              phone,
		PhoneInternational: "+852 " + phone[:4] + " " + phone[4:],
		HKID:               fmt.Sprintf("%s(%c)", body, check),
		HKIDPlain:          fmt.Sprintf("%s%c", body, check),
		Mail:               fmt.Sprintf("%s.%d@mail.example", lower, draw.IntN(1000)),
		Address:            fmt.Sprintf("虛構區烏有街%d號子虛樓%d室", 100+draw.IntN(800), 1000+draw.IntN(8000)),
		AddressEnglish:     fmt.Sprintf("Flat %dZ, %d Nonesuch Terrace", 1000+draw.IntN(8000), 100+draw.IntN(800)),
		Slug:               fmt.Sprintf("content_%s%d.html", name, draw.IntN(100)),
		Handle:             fmt.Sprintf("%s_%d", lower, draw.IntN(10_000)),
		Title:              fmt.Sprintf("子虛烏有爆料台%s%s", second.han, first.han),
		Hashtag:            fmt.Sprintf("%s%s虛構起底%d", second.han, first.han, draw.IntN(1000)),
		FileName:           fmt.Sprintf("%s-%s-%d.json", family.han+first.han, strings.ToLower(first.roman), draw.IntN(10_000)),
	}
}

// hkidBody draws letters and digits of an identity number: every fourth person
// of a set has one whose check character is 0, and the one after an A, because
// those two are what validators get wrong.
func hkidBody(draw *rand.Rand, index int) string {
	for {
		prefix := string(rune('I' + 6*draw.IntN(2))) // I and O are not given out: they look like digits
		if index%2 == 1 {
			prefix = "QQ"
		}
		body := fmt.Sprintf("%s%06d", prefix, draw.IntN(1_000_000))
		check := HKIDCheck(body)
		if index%4 == 0 && check != '0' || index%4 == 1 && check != 'A' {
			continue
		}
		return body
	}
}

// HKIDCheck gives the check character of a Hong Kong identity number's letters
// and digits: 0 to 9 or A, and '?' for what is not one or two capitals and six
// digits.
func HKIDCheck(body string) byte {
	switch len(body) {
	case 7:
		body = " " + body
	case 8:
	default:
		return '?'
	}
	sum := 0
	for i, weight := 0, 9; i < len(body); i, weight = i+1, weight-1 {
		switch c := body[i]; {
		case c == ' ' && i == 0:
			sum += 36 * weight
		case 'A' <= c && c <= 'Z' && i < 2:
			sum += int(c-'A'+10) * weight
		case '0' <= c && c <= '9' && i >= 2:
			sum += int(c-'0') * weight
		default:
			return '?'
		}
	}
	// The second remainder matters: a sum that 11 divides gives 0, not 11.
	return "0123456789A"[(11-sum%11)%11]
}
