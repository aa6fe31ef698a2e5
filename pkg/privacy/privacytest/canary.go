package privacytest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Canary is one value to look for.
type Canary struct {
	Kind Kind
	// Index is the person's place in the set, or what the test chose.
	Index int
	Value string
}

// Set is a number of invented people.
type Set struct {
	Persons []Person
	extra   []Canary
}

// New makes n different people from a seed, 1,000 at most: the same seed gives
// the same people.
func New(seed uint64, n int) *Set {
	draw := rand.New(rand.NewPCG(seed, 0x646f78747261696c)) //nolint:gosec // drawn for tests, and to be repeated
	s := &Set{Persons: make([]Person, n)}
	taken := map[string]bool{}
	for i := range s.Persons {
		p := newPerson(draw, i)
		for taken[p.Chinese] || taken[p.Phone] || taken[p.HKID] {
			p = newPerson(draw, i)
		}
		taken[p.Chinese], taken[p.Phone], taken[p.HKID] = true, true, true
		s.Persons[i] = p
	}
	return s
}

// Add puts a value of the test's own among those to look for. It must be rare
// enough never to appear by chance and have six bytes or more.
func (s *Set) Add(kind Kind, index int, value string) {
	s.extra = append(s.extra, Canary{kind, index, value})
}

// Canaries lists every value that must not be found, names in both orders and
// with every usual joiner.
func (s *Set) Canaries() []Canary {
	var all []Canary
	for i, p := range s.Persons {
		add := func(kind Kind, values ...string) {
			for _, value := range values {
				all = append(all, Canary{kind, i, value})
			}
		}
		add(KindName, nameVariants(p)...)
		add(KindPhone, p.Phone, p.Phone[:4]+" "+p.Phone[4:], p.Phone[:4]+"-"+p.Phone[4:])
		add(KindHKID, p.HKID, p.HKIDPlain, p.HKIDPlain[:len(p.HKIDPlain)-1])
		add(KindMail, p.Mail)
		add(KindAddress, p.Address, p.AddressEnglish)
		add(KindSlug, p.Slug, strings.TrimSuffix(p.Slug, ".html"))
		add(KindHandle, p.Handle)
		add(KindTitle, p.Title)
		add(KindHashtag, p.Hashtag)
		add(KindFileName, p.FileName)
	}
	return append(all, s.extra...)
}

// nameVariants gives the ways a name is written.
func nameVariants(p Person) []string {
	first, second, _ := strings.Cut(p.Given, " ")
	variants := []string{p.Chinese}
	for _, given := range []string{first + " " + second, first + "-" + second, first + "_" + second, first + second, first + strings.ToLower(second)} {
		for _, joiner := range []string{" ", "-", "_", ".", ", ", ""} {
			variants = append(variants, p.Family+joiner+given, given+joiner+p.Family)
		}
	}
	return variants
}

// Scanner looks for every canary of the set.
func (s *Set) Scanner() *Scanner {
	scanner, err := NewScanner(s.Canaries())
	if err != nil {
		panic(fmt.Sprintf("make scanner: %v", err)) // a value given to Add is too short
	}
	return scanner
}
