package twitter

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// An atom is a piece of a query that stands for itself, for example
// url:"harbour-leaks.example". It is made of operators of ours and of values in
// quotation marks, never of anything that a value says. Nothing is ever negated.

// shortest is how many characters a text must have to be looked for inside
// addresses: less is found everywhere, and every post found costs a read.
const shortest = 5

// siteAtoms are the forms in which a site is looked for: as a link, as part of an
// address, and as people write it to escape filters.
func siteAtoms(host string) (atoms []string) {
	for _, spelling := range spellings(host) {
		part, whole := spelling, false // of a host below a site only all of it is ours
		if label, _, _ := strings.Cut(spelling, "."); long(label) && isSite(host) {
			part, whole = label, true
		}
		atoms = append(atoms, operator("url:", spelling), operator("url_contains:", part))
		if strings.Contains(spelling, punycode) {
			continue // nobody types that
		}
		for _, dot := range []string{"[.]", "(dot)", " dot ", "點", "点"} {
			atoms = append(atoms, quoted(strings.ReplaceAll(spelling, ".", dot)))
		}
		if whole {
			atoms = append(atoms, quoted(spaced(part)))
		}
	}
	return slices.DeleteFunc(atoms, func(atom string) bool { return atom == "" })
}

// punycode begins a label that stands for one in another script.
const punycode = "xn--"

// isSite says whether a host is a registrable domain.
func isSite(host string) bool {
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	return err == nil && site == host
}

// operator is an operator with a value, empty where nothing is left of the value.
func operator(name, value string) string {
	if q := quoted(value); q != "" {
		return name + q
	}
	return ""
}

// spellings are a host as it is kept, and in its own script.
func spellings(host string) []string {
	if own, err := idna.ToUnicode(host); err == nil && own != host {
		return []string{host, own}
	}
	return []string{host}
}

// spaced is a label with a space between its letters.
func spaced(label string) string {
	letters := strings.Split(strings.ReplaceAll(label, "-", ""), "")
	return strings.Join(letters, " ")
}

// hashtag is a term that X has an operator of its own for.
var hashtag = regexp.MustCompile(`^[#＃][\p{L}\p{M}\p{N}_]+$`)

// termAtom is how a term is looked for: as a phrase, or as a hashtag. It is empty
// where nothing is left of the term.
func termAtom(term string) string {
	if term = strings.TrimSpace(term); hashtag.MatchString(term) {
		_, size := utf8.DecodeRuneInString(term)
		return "#" + term[size:]
	}
	return quoted(term)
}

// patternAtom looks for the longest part of a pattern without wildcards inside
// addresses. It is empty where that part is too short.
func patternAtom(pattern string) string {
	longest := ""
	for part := range strings.FieldsFuncSeq(pattern, func(r rune) bool { return r == '*' || r == '?' }) {
		if utf8.RuneCountInString(part) > utf8.RuneCountInString(longest) {
			longest = part
		}
	}
	if !long(longest) {
		return ""
	}
	return operator("url_contains:", longest)
}

// long says whether a text may be looked for inside addresses.
func long(text string) bool { return utf8.RuneCountInString(text) >= shortest }

var handle = regexp.MustCompile(`^[A-Za-z0-9_]{1,15}$`)

// nameOf is how operators name an account: by its id, for handles change hands. It
// is empty where there is neither an id nor a handle.
func nameOf(id, name string) string {
	if _, ok := numberOf(id); ok {
		return id
	}
	if name = strings.TrimPrefix(strings.TrimSpace(name), "@"); id == "" && handle.MatchString(name) {
		return name
	}
	return ""
}

// quoted is a value as a phrase: whatever stands in it, it is looked for and not
// obeyed. Quotation marks of all scripts, backslashes, line breaks and what cannot be
// seen become spaces, which X reads as it reads any punctuation. Nothing is left of a
// value without a letter or a digit.
func quoted(value string) string {
	plain := strings.Map(func(r rune) rune {
		if r == '\\' || r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Quotation_Mark, r) ||
			unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, value)
	plain = strings.Join(strings.Fields(plain), " ")
	if !strings.ContainsFunc(plain, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSymbol(r) }) {
		return ""
	}
	return `"` + plain + `"`
}
