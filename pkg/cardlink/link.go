package cardlink

import (
	"errors"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// CanonVersion is the version of the canonical form and of the skeleton.
const CanonVersion = 1

const (
	// maxText is where a text is cut. Posts are far shorter; an archive can
	// hold anything.
	maxText = 256 << 10
	// maxURL is where an address is cut. It bounds the parser, whose cost
	// grows with the square of the number of path segments.
	maxURL = 8 << 10
	// maxCanonical leaves room for an address of maxURL bytes all of which
	// had to be escaped.
	maxCanonical = 4 * maxURL
)

// ErrNoLink says that something is no address of a web page. It never holds
// the address.
var ErrNoLink = errors.New("read link: no address of a web page")

// Link is one link in canonical form. All of its strings may name a person or
// lead to a card: they belong in memory and in keys, and nowhere else.
type Link struct {
	// URL is the canonical form, without scheme.
	URL string
	// Scheme is "http" or "https", and empty if none was written. It is not
	// part of the canonical form; an exact address needs it.
	Scheme string
	// Host is the canonical host without port and without leading www., m.,
	// mobile. and amp.
	Host string
	// Site is the registrable domain where private suffixes count, so that
	// each user of a hosting service has a site. An IP address is its own.
	Site string
	// Registrable is the registrable domain of the ICANN section: the one
	// whose registrar can be written to.
	Registrable string
	// Label is the skeleton of the first label of Site, see Skeleton. It is
	// empty for an IP address.
	Label string
	// Path is the canonical path with the kept query and fragment. It is at
	// least "/".
	Path string
	// Dir is the path up to and with its last slash.
	Dir string
	// Depth is the number of path segments, those of a kept fragment
	// included, and 1 for a page named by its query alone: it is 0 for a start
	// page and for nothing else.
	Depth uint32
	// Extension is the class of the path's file extension.
	Extension doxtrailv1.ExtensionClass
	// Disguises are the steps that had to be undone, each once, in the order
	// of their numbers; nil for a link as plain as most.
	Disguises []doxtrailv1.LinkDisguise
	// Role is carrier for a link that holds another, embedded for one that
	// was held.
	Role doxtrailv1.LinkRole
	// Source is where the link stood.
	Source doxtrailv1.LinkSource
	// ExpandedBy says who resolved a short link.
	ExpandedBy doxtrailv1.LinkExpansion
	// Start and End are the place of the link in the text, in bytes, with its
	// scheme and without the punctuation around it. An embedded link has the
	// place of its carrier. For a marked link they are the whole address.
	Start, End int
}

// tags is a set of disguises, one bit for each number.
type tags uint32

func (t tags) with(d doxtrailv1.LinkDisguise) tags { return t | 1<<uint(d) }

// list returns the disguises of the set in the order of their numbers.
func (t tags) list() []doxtrailv1.LinkDisguise {
	if t == 0 {
		return nil
	}
	var list []doxtrailv1.LinkDisguise
	for d := doxtrailv1.LinkDisguise(1); t>>uint(d) != 0; d++ {
		if t&(1<<uint(d)) != 0 {
			list = append(list, d)
		}
	}
	return list
}
