package cardlink

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Skeleton returns what a label looks like: two labels that a reader can take
// for each other have one skeleton. A label is passed as it was typed, or as an
// A-label. The skeleton is for comparing only; it is no host name, and two
// labels of one skeleton are a proposal, not a match.
//
// Marks above and below letters go, Cyrillic, Greek and other letters become
// the Latin ones they look like, 0 1 3 5 become o l e s, hyphens and
// underscores go, rn becomes m. A capital I becomes l where small letters
// stand beside it, which is the reason that the label must not be lower-cased
// before; in a label of capitals it is an I. The skeleton of a skeleton is
// itself.
func Skeleton(label string) string {
	if len(label) > 4 && strings.EqualFold(label[:4], "xn--") {
		if plain, err := idna.Punycode.ToUnicode(strings.ToLower(label)); err == nil {
			label = plain
		}
	}
	if plainSkeleton(label) {
		return label
	}
	capitals := strings.IndexFunc(label, unicode.IsLower) < 0
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(label, "\uFFFD")) {
		if unicode.IsMark(r) || invisible(r) {
			continue
		}
		if r == 'I' && capitals {
			r = 'i'
		}
		if r == '-' || r == '_' {
			continue
		}
		// A capital has its own shape; if that is none of a Latin letter, the
		// shape of the small one counts.
		like := lookalike(r)
		if like == 0 {
			r = unicode.ToLower(r)
			like = lookalike(r)
		}
		if like != 0 {
			r = like
		}
		b.WriteRune(r)
	}
	return strings.ReplaceAll(b.String(), "rn", "m")
}

// plainSkeleton says whether a label is its own skeleton, as most are.
func plainSkeleton(label string) bool {
	for i := range len(label) {
		b := label[i]
		if b >= 0x80 || b >= 'A' && b <= 'Z' || b == 'n' && i > 0 && label[i-1] == 'r' ||
			strings.IndexByte("0135-_|", b) >= 0 {
			return false
		}
	}
	return true
}
