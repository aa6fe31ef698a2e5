package look

import (
	"slices"
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Why something is withheld.
const (
	other     = doxtrailv1.RestrictionKind_RESTRICTION_KIND_OTHER
	terms     = doxtrailv1.RestrictionKind_RESTRICTION_KIND_TERMS
	copyright = doxtrailv1.RestrictionKind_RESTRICTION_KIND_COPYRIGHT
	law       = doxtrailv1.RestrictionKind_RESTRICTION_KIND_LAW
)

// byCopyright is what X writes in place of a country for a post that is withheld
// everywhere for copyright. XX, everywhere for another reason, is taken as it is.
const byCopyright = "XY"

// hold is what withheld says.
type hold struct {
	countries          []string
	copyright, present bool
}

// kinds are the reasons, ascending; none where nothing is withheld.
func (h hold) kinds() []doxtrailv1.RestrictionKind {
	var kinds []doxtrailv1.RestrictionKind
	if h.copyright || slices.Contains(h.countries, byCopyright) {
		kinds = append(kinds, copyright)
	}
	if slices.ContainsFunc(h.countries, func(code string) bool { return code != byCopyright }) {
		kinds = append(kinds, law)
	}
	if len(kinds) == 0 && h.present {
		kinds = append(kinds, other)
	}
	return kinds
}

const (
	// mostCountries is how many country codes a vantage names.
	mostCountries = 20
	// moreCountries ends a vantage that does not name them all.
	moreCountries = "more"
)

// Countries is the vantage of what is withheld in countries: their codes, small,
// each once, in order, joined by +, as in hk+tr. Of more than 20 the first 20 are
// named and the last word is "more", so that it stays within the 64 characters of
// a vantage. It is empty where there are none.
func Countries(codes []string) string {
	names := make([]string, 0, len(codes))
	for _, code := range codes {
		if isCountry(code) {
			names = append(names, strings.ToLower(code))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > mostCountries {
		names = append(names[:mostCountries], moreCountries)
	}
	return strings.Join(names, "+")
}

// isCountry says whether a code is two letters.
func isCountry(code string) bool {
	if len(code) != 2 {
		return false
	}
	for _, c := range []byte(code) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}
