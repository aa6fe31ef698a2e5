package watchlist

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
)

// Level says how near a link is to a family. Only exact counts by itself; what a
// level may be used for stands beside each.
type Level uint8

// The levels, the strongest first.
const (
	// LevelNone is a link of no family.
	LevelNone Level = iota
	// LevelExact is a link whose host or site is listed: it counts.
	LevelExact
	// LevelLookalike is a link whose label looks like that of a listed site and
	// is spelled otherwise: its site is proposed, and counts once a person
	// approved it.
	LevelLookalike
	// LevelPermutation is a link whose label is that of a listed site under
	// another public suffix, or one of its [Permutations]: proposed too.
	LevelPermutation
	// LevelNear is a link whose label is one edit from that of a listed site,
	// see [OneEdit]: for review only, never exported and in no total.
	LevelNear
)

// String gives the level's word, as it is printed.
func (l Level) String() string {
	switch l {
	case LevelExact:
		return "exact"
	case LevelLookalike:
		return "lookalike"
	case LevelPermutation:
		return "permutation"
	case LevelNear:
		return "near"
	}
	return "none"
}

// Reason says which rule gave a link its level.
type Reason string

// The reasons.
const (
	ReasonHost    Reason = "host"    // exact: the host itself is listed
	ReasonSite    Reason = "site"    // exact: its registrable domain is listed
	ReasonHyphens Reason = "hyphens" // lookalike: other hyphens
	ReasonLetters Reason = "letters" // lookalike: other letters
	ReasonSuffix  Reason = "suffix"  // permutation: another public suffix
	ReasonNumber  Reason = "number"  // permutation: a number behind it
	ReasonAffix   Reason = "affix"   // permutation: a word in front or behind
	ReasonEdit    Reason = "edit"    // near: one letter more, less or other
)

// Match is what a link is to the watch list. Family is empty at LevelNone.
type Match struct {
	Level  Level
	Family string
	Reason Reason
}

// Levels says at which level a link belongs to which family. It compares names in
// memory, so a link is one that was just read; for links that are stored, keys of
// the same forms give the same answer, but for one thing: a 5 behind a label has
// the skeleton of an s, so a key cannot tell a number from a plural. It never
// changes and may be used by many goroutines.
//
// Compared is the label that somebody registered, the one before the public
// suffix: a watched word in a path, in the name of a host below a foreign site or
// inside a longer word is nothing. A site on the list that is no registrable
// domain of its own, such as docs.hosting.test, has no label: hosting is not what
// is watched. Where several families match at one level, the first in the order
// of their sites counts.
type Levels struct {
	// hosts and sites give the family of each listed host and whole site.
	hosts, sites map[string]string
	// labels are those of the listed sites, bySkeleton the places among them.
	labels     []siteLabel
	bySkeleton map[string][]int
	// shortened are places by skeletons that are long enough for LevelNear, and
	// by what is left of them without one letter.
	shortened map[string][]int
	affixes   affixes
}

// siteLabel is the label of a listed site: as its host spells it, and its
// skeleton.
type siteLabel struct{ spelled, skeleton, family string }

// NewLevels makes the Levels of the listed sites of a list.
func NewLevels(e *Effective) *Levels {
	l := &Levels{
		hosts: map[string]string{}, sites: map[string]string{}, labels: e.siteLabels(),
		bySkeleton: map[string][]int{}, shortened: map[string][]int{}, affixes: newAffixes(),
	}
	for _, s := range e.Sites {
		if !s.Listed {
			continue
		}
		l.hosts[s.Host] = s.Family
		if s.Whole {
			l.sites[s.Host] = s.Family
		}
	}
	for i, label := range l.labels {
		l.bySkeleton[label.skeleton] = append(l.bySkeleton[label.skeleton], i)
		if utf8.RuneCountInString(label.skeleton) < minNear {
			continue
		}
		for _, form := range withoutOne(label.skeleton) {
			l.shortened[form] = append(l.shortened[form], i)
		}
	}
	return l
}

// siteLabels gives the labels of listed sites, in the order of the sites.
func (e *Effective) siteLabels() []siteLabel {
	var labels []siteLabel
	for _, s := range e.Sites {
		if !s.Listed || !s.Whole {
			continue
		}
		link, err := cardlink.Canonicalise("http://" + s.Host)
		if err != nil || link.Label == "" {
			continue
		}
		label, _, _ := strings.Cut(link.Site, ".")
		labels = append(labels, siteLabel{label, link.Label, s.Family})
	}
	return labels
}

// Labels gives the labels of listed sites, for a finder that watches them.
func (e *Effective) Labels() *cardlink.Labels {
	return cardlink.NewLabels(func(yield func(string) bool) {
		for _, label := range e.siteLabels() {
			if !yield(label.skeleton) {
				return
			}
		}
	})
}

// Of gives the level of a link. It reads its Host, Site and Label.
func (l *Levels) Of(link cardlink.Link) Match {
	if family, ok := l.hosts[link.Host]; ok {
		return Match{LevelExact, family, ReasonHost}
	}
	if family, ok := l.sites[link.Site]; ok {
		return Match{LevelExact, family, ReasonSite}
	}
	if link.Label == "" {
		return Match{}
	}
	if like := l.bySkeleton[link.Label]; len(like) > 0 {
		return l.alike(like, link.Site)
	}
	spelled, _, _ := strings.Cut(link.Site, ".")
	numbered := strings.TrimRight(spelled, "0123456789") != spelled
	if place, reason, ok := l.affixes.base(link.Label, numbered, l.bySkeleton); ok {
		return Match{LevelPermutation, l.labels[place].family, reason}
	}
	if place, ok := l.near(link.Label); ok {
		return Match{LevelNear, l.labels[place].family, ReasonEdit}
	}
	return Match{}
}

// alike tells a label under another public suffix from one that is spelled
// otherwise; places are those of labels that look like it.
func (l *Levels) alike(places []int, site string) Match {
	spelled, _, _ := strings.Cut(site, ".")
	for _, i := range places {
		if l.labels[i].spelled == spelled {
			return Match{LevelPermutation, l.labels[i].family, ReasonSuffix}
		}
	}
	for _, i := range places {
		if strings.ReplaceAll(l.labels[i].spelled, "-", "") == strings.ReplaceAll(spelled, "-", "") {
			return Match{LevelLookalike, l.labels[i].family, ReasonHyphens}
		}
	}
	return Match{LevelLookalike, l.labels[places[0]].family, ReasonLetters}
}

// near gives the first label that is one edit from a skeleton.
func (l *Levels) near(skeleton string) (place int, ok bool) {
	if utf8.RuneCountInString(skeleton) < minNear {
		return 0, false
	}
	// Two strings that are one edit apart share one that lacks a letter of
	// either, or are it.
	place = len(l.labels)
	for _, form := range withoutOne(skeleton) {
		for _, i := range l.shortened[form] {
			if i < place && oneEdit([]rune(skeleton), []rune(l.labels[i].skeleton)) {
				place = i
			}
		}
	}
	return place, place < len(l.labels)
}

// withoutOne gives a string and all that is left of it without one letter, each
// once.
func withoutOne(s string) []string {
	forms := []string{s}
	for i, r := range s {
		forms = append(forms, s[:i]+s[i+utf8.RuneLen(r):])
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// oneEdit says whether two strings differ by one letter that is added, taken away
// or another.
func oneEdit(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i < len(a) && slices.Equal(a[i+1:], b[i+1:])
	}
	return slices.Equal(a[i:], b[i+1:])
}
