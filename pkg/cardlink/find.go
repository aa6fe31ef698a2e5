package cardlink

import (
	"unicode/utf8"

	"github.com/nlnwa/whatwg-url/url"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Finder finds links. It keeps scratch memory between calls, so it serves one
// goroutine; make one for each.
type Finder struct {
	parser url.Parser
	canon  canon
	view   view
}

// New returns a Finder that knows of no watched label.
func New() *Finder { return NewWatching(nil) }

// NewWatching returns a Finder that also reads what can be a link of a watched
// label only; see the package comment. Every other text gives the same links.
func NewWatching(labels *Labels) *Finder {
	return &Finder{parser: url.NewParser(), view: view{labels: labels}}
}

// Text appends the links of a text to dst, in the order of the text, an
// embedded link behind its carrier.
func (f *Finder) Text(dst []Link, text string) []Link {
	text = cut(text, maxText)
	if !f.view.labels.Empty() {
		return f.watching(dst, text)
	}
	floor := 0
	for i := nextStop(text, 0); i < len(text); i = nextStop(text, i) {
		place, ok := candidate(text, floor, i)
		if !ok {
			i++
			continue
		}
		dst, floor = f.around(dst, text, floor, place)
		// Whatever the run held, no byte is looked at in two runs.
		i = max(floor, i+1)
		floor = i
	}
	return dst
}

// watching is Text for a Finder that watches labels: it stops at what can be a
// spelled dot too.
func (f *Finder) watching(dst []Link, text string) []Link {
	floor, stop, word := 0, nextStop(text, 0), nextWord(text, 0)
	for i := min(stop, word); i < len(text); i = min(stop, word) {
		place, ok := i, false
		begin := -1
		switch b := text[i]; {
		case i == word:
			begin = wordNear(text, i)
		case b == '.' && (looseDot(text, i) || hiddenSpace(text, i)):
			begin = i
		case b < utf8.RuneSelf: // part of no spelled dot
		case b == 0x80 && passedPunctuation(text, i), b == 0xEF && passedWide(text, i), b == 0xF0 && passedSign(text, i):
			stop = nextStop(text, i+1)
			continue
		default:
			begin = spelledNear(text, i)
		}
		if begin >= 0 {
			place, ok = f.view.labels.candidate(text, floor, begin)
		}
		if !ok && i == stop {
			place, ok = candidate(text, floor, i)
		}
		if ok {
			dst, floor = f.around(dst, text, floor, place)
			floor = max(floor, i+1)
			i = floor - 1
		}
		if stop <= i {
			stop = nextStop(text, i+1)
		}
		if word <= i {
			word = nextWord(text, i+1)
		}
	}
	return dst
}

// around appends the links of the run around a place, and returns where it ends.
func (f *Finder) around(dst []Link, text string, floor, place int) ([]Link, int) {
	start := runStart(text, floor, place)
	end, disguised := runEnd(text, start, f.view.labels)
	return f.run(dst, text, start, end, disguised), end
}

// Marked appends the link that a platform marked as one, and the link it
// carries, to dst. Nothing is appended if it is no address of a web page (a
// mail address, a phone number).
func (f *Finder) Marked(dst []Link, url string, source doxtrailv1.LinkSource, expandedBy doxtrailv1.LinkExpansion) []Link {
	found := finding{end: len(url), source: source, expandedBy: expandedBy}
	switch source {
	case doxtrailv1.LinkSource_LINK_SOURCE_PREVIEW:
		found.role = doxtrailv1.LinkRole_LINK_ROLE_PREVIEW
	case doxtrailv1.LinkSource_LINK_SOURCE_QUOTED:
		found.role = doxtrailv1.LinkRole_LINK_ROLE_QUOTED
	default:
		found.role = doxtrailv1.LinkRole_LINK_ROLE_LINK
	}
	p, tags, err := f.open(cut(url, maxURL))
	if err != nil {
		return dst
	}
	found.tags = tags
	return f.appendParsed(dst, found, p)
}

// Canonicalise returns the canonical form of one address, with or without a
// scheme, as Finder.Marked would, though up to 32 KiB of it: a canonical form may be
// so long. The link it may carry is not looked for. The error is ErrNoLink, possibly
// wrapped, and never holds the address.
func Canonicalise(raw string) (Link, error) {
	f := New()
	p, tags, err := f.open(raw)
	if err != nil {
		return Link{}, err
	}
	link, err := f.canon.link(p)
	if err != nil {
		return Link{}, err
	}
	link.Disguises = (tags | p.tags).list()
	link.Role = doxtrailv1.LinkRole_LINK_ROLE_LINK
	link.ExpandedBy = doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE
	link.End = len(raw)
	return link, nil
}

// finding is a link before it is parsed: what it says and where it stood.
type finding struct {
	raw        string
	start, end int
	tags       tags
	role       doxtrailv1.LinkRole
	source     doxtrailv1.LinkSource
	expandedBy doxtrailv1.LinkExpansion
}

// append parses a finding and appends its links.
func (f *Finder) append(dst []Link, found finding) []Link {
	p, err := f.parse(cut(found.raw, maxURL))
	if err != nil {
		return dst
	}
	return f.appendParsed(dst, found, p)
}

// maxNested is how many links inside each other are read: an archived copy of
// a translation of a redirect.
const maxNested = 4

// appendParsed appends the link of a parsed address and those it carries.
func (f *Finder) appendParsed(dst []Link, found finding, p parts) []Link {
	for nested := 0; nested < maxNested; nested++ {
		link, err := f.canon.link(p)
		if err != nil {
			return dst
		}
		target, carries := f.carried(p, link.Host)
		carries = carries && nested+1 < maxNested
		link.Source, link.ExpandedBy = found.source, found.expandedBy
		link.Start, link.End = found.start, found.end
		link.Disguises = (found.tags | p.tags).list()
		switch {
		case nested > 0:
			link.Role = doxtrailv1.LinkRole_LINK_ROLE_EMBEDDED
		case carries:
			link.Role = doxtrailv1.LinkRole_LINK_ROLE_CARRIER
		default:
			link.Role = found.role
		}
		dst = append(dst, link)
		if !carries {
			return dst
		}
		p = target
		found.tags = found.tags.with(doxtrailv1.LinkDisguise_LINK_DISGUISE_EMBEDDED)
	}
	return dst
}

// cut returns the longest start of s that has at most n bytes and does not end
// inside a rune.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
