package main

import (
	"errors"
	"strings"
	"unicode"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// errManyAddresses is for a line that leaves open which address is meant.
var errManyAddresses = errors.New("it holds more than one address: write each on a line of its own")

// typedLink reads the one address that a person typed or copied. What stands around it,
// as quotes, brackets and the full stop of its sentence, is read as in a post: a page
// that was asked for with them would be another, which is not known, and its erasure
// would erase nothing and say that nothing is left. Of an archive's address the page is
// meant that was archived. Errors hold nothing of the line.
func typedLink(line string) (cardlink.Link, error) {
	line = strings.TrimFunc(line, around)
	links := cardlink.New().Text(nil, line)
	var found []cardlink.Link
	for _, l := range links {
		if l.Role != doxtrailv1.LinkRole_LINK_ROLE_CARRIER {
			found = append(found, l)
		}
	}
	switch {
	case len(found) > 1:
		return cardlink.Link{}, errManyAddresses
	case len(found) == 1 && (len(links) > 1 || onlyAround(line[:found[0].Start]) && onlyAround(line[found[0].End:])):
		return found[0], nil
	}
	return cardlink.Canonicalise(line)
}

// around says whether a rune can stand around an address and begins or ends none.
func around(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Pi, unicode.Pf) || strings.ContainsRune("\"'`<>,;。，、；：！？「」『』《》〈〉（）【】…", r)
}

// onlyAround says whether nothing of a text can be part of an address.
func onlyAround(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) < 0
}
