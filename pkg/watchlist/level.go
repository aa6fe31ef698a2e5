package watchlist

import (
	"iter"
	"strings"

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
	// another public suffix, or has a number or word more, less or other: proposed too.
	LevelPermutation
	// LevelNear is a link whose label is one letter from that of a listed site: for
	// review only, never exported and in no total.
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
	ReasonAffix   Reason = "affix"   // permutation: a word in front or behind more, less or other, or no number
	ReasonEdit    Reason = "edit"    // near: one letter more, less or other
)

// Match is what a link is to the watch list. Family is empty at LevelNone.
type Match struct {
	Level  Level
	Family string
	Reason Reason
}

// Levels says at which level a link belongs to which family: a link that was just read,
// or one of which keys are left, see [Candidates]. It never changes and may be used by
// many goroutines.
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
	labels       []siteLabel
	// own are places among labels by their skeletons.
	own map[string][]int
	// based are the first place by the skeletons of bases.
	based map[string]int
	// shortened are places by skeletons that are long enough to be near another, and
	// by what is left of them without one letter.
	shortened map[string][]int
	words     affixes
}

// siteLabel is a label of listed sites, readable, and its skeleton.
type siteLabel struct{ spelled, skeleton, family string }

// NewLevels makes the Levels of the listed sites of a list.
func NewLevels(e *Effective) *Levels {
	l := &Levels{
		hosts: map[string]string{}, sites: map[string]string{}, labels: e.siteLabels(),
		own: map[string][]int{}, based: map[string]int{}, shortened: map[string][]int{}, words: newAffixes(),
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
	for place, label := range l.labels {
		l.own[label.skeleton] = append(l.own[label.skeleton], place)
		for _, base := range bases(label.spelled) {
			skeleton := cardlink.Skeleton(base)
			if _, ok := l.based[skeleton]; !ok {
				l.based[skeleton] = place
			}
		}
		for _, form := range withoutOne(label.skeleton) {
			l.shortened[form] = append(l.shortened[form], place)
		}
	}
	return l
}

// siteLabels gives the labels of listed sites, in the order of the sites, each once.
func (e *Effective) siteLabels() (labels []siteLabel) {
	seen := map[siteLabel]bool{}
	for _, s := range e.Sites {
		label, _ := s.split()
		watched := siteLabel{readableLabel(label), cardlink.Skeleton(label), s.Family}
		if s.Listed && label != "" && !seen[watched] {
			seen[watched] = true
			labels = append(labels, watched)
		}
	}
	return labels
}

// split gives the label of a site and the suffix below it; none for a site that is
// one host among others, and for an IP address.
func (s EffectiveSite) split() (label, suffix string) {
	link, err := cardlink.Canonicalise("http://" + s.Host)
	if !s.Whole || err != nil || link.Label == "" {
		return "", ""
	}
	label, suffix, _ = strings.Cut(link.Site, ".")
	return label, suffix
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
	label, _, _ := strings.Cut(link.Site, ".")
	return l.ofLabel(link.Label, readableLabel(label))
}

// ofLabel gives the level of a label with a skeleton; without a label, the closest that
// one of this skeleton can be.
func (l *Levels) ofLabel(skeleton, label string) Match {
	if own := l.own[skeleton]; len(own) > 0 {
		return l.alike(own, label)
	}
	// The skeleton of a 5 is that of an s, and a plural is no number.
	numbered := strings.TrimRight(label, "0123456789") != label || label == ""
	if place, reason, ok := l.permuted(skeleton, numbered); ok {
		return Match{LevelPermutation, l.labels[place].family, reason}
	}
	if place, ok := l.near(skeleton); ok {
		return Match{LevelNear, l.labels[place].family, ReasonEdit}
	}
	return Match{}
}

// alike tells a label under another public suffix from one that is spelled
// otherwise; places are those of labels that look like it.
func (l *Levels) alike(places []int, label string) Match {
	for _, i := range places {
		if l.labels[i].spelled == label {
			return Match{LevelPermutation, l.labels[i].family, ReasonSuffix}
		}
	}
	for _, i := range places {
		if strings.ReplaceAll(l.labels[i].spelled, "-", "") == strings.ReplaceAll(label, "-", "") {
			return Match{LevelLookalike, l.labels[i].family, ReasonHyphens}
		}
	}
	return Match{LevelLookalike, l.labels[places[0]].family, ReasonLetters}
}

// permuted gives the first label that has a base which is the skeleton, or becomes it
// with one number or word.
func (l *Levels) permuted(skeleton string, numbered bool) (place int, reason Reason, ok bool) {
	look := func(base string, why Reason) {
		if i, is := l.based[base]; is && (!ok || i < place) {
			place, reason, ok = i, why, true
		}
	}
	look(skeleton, ReasonAffix)
	for front, back := range cuts(skeleton) {
		if numbered && l.words.numbers[back] {
			look(front, ReasonNumber)
		}
		if l.words.back[back] {
			look(front, ReasonAffix)
		}
		if l.words.front[front] {
			look(back, ReasonAffix)
		}
	}
	return place, reason, ok
}

// cuts gives every two texts whose skeleton this is when they stand together: it has an
// m where an r of one met an n of the other.
func cuts(skeleton string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i, letter := range skeleton {
			if i > 0 && !yield(skeleton[:i], skeleton[i:]) || letter == 'm' && !yield(skeleton[:i]+"r", "n"+skeleton[i+1:]) {
				return
			}
		}
	}
}

// near gives the first label that is one edit from a skeleton.
func (l *Levels) near(skeleton string) (place int, ok bool) {
	// Two strings that are one edit apart share one that lacks a letter of
	// either, or are it.
	place = len(l.labels)
	for _, form := range withoutOne(skeleton) {
		for _, i := range l.shortened[form] {
			if i < place && isNear(skeleton, l.labels[i].skeleton) {
				place = i
			}
		}
	}
	return place, place < len(l.labels)
}
