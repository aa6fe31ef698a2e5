package watchlist

import (
	"slices"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// Candidates are the forms that [Levels] know, by the keys that links have of labels:
// they find sites that nobody listed among stored links, and name them. They are for one
// goroutine.
type Candidates struct {
	levels *Levels
	keyer  *privacy.Keyer
	byKey  map[privacy.Key]*candidate
	// suffixes are those of each family's own sites.
	suffixes map[string][]string
	// tries is how many more hosts may be tried to name what stands behind keys.
	tries int
}

// candidate is the skeleton of forms, and the places of the labels that have them.
type candidate struct {
	skeleton string
	places   []int
}

// maxTries bounds what naming costs: some five seconds.
const maxTries = 5 << 20

// NewCandidates works out the keys of all forms of the labels of listed sites.
func NewCandidates(e *Effective, keyer *privacy.Keyer) *Candidates {
	c := &Candidates{levels: NewLevels(e), keyer: keyer, byKey: map[privacy.Key]*candidate{}, suffixes: map[string][]string{}, tries: maxTries}
	bySkeleton := map[string]*candidate{}
	for place, label := range c.levels.labels {
		eachForm(label.spelled, func(form string) {
			skeleton := cardlink.Skeleton(form)
			found := bySkeleton[skeleton]
			if found == nil {
				found = &candidate{skeleton: skeleton}
				bySkeleton[skeleton], c.byKey[keyer.Label(skeleton)] = found, found
			}
			if n := len(found.places); n == 0 || found.places[n-1] != place {
				found.places = append(found.places, place)
			}
		})
	}
	for _, s := range e.Sites {
		if _, suffix := s.split(); s.Listed && suffix != "" && !slices.Contains(c.suffixes[s.Family], suffix) {
			c.suffixes[s.Family] = append(c.suffixes[s.Family], suffix)
		}
	}
	return c
}

// Match says what a site is whose label has a key: what [Levels.Of] says of its host. If
// that is not known, "", it is the closest that the key allows, which cannot tell a
// look-alike from the label itself under another suffix, nor a plural from a 5 behind it.
func (c *Candidates) Match(labelKey privacy.Key, host string) Match {
	found := c.byKey[labelKey]
	switch {
	case found == nil:
		return Match{}
	case host == "":
		return c.levels.ofLabel(found.skeleton, "")
	}
	return c.levels.Of(cardlink.Link{Host: host, Site: host, Label: found.skeleton})
}

// KeyedSite is a site as links have it: the keys of its registrable domain and of its
// label.
type KeyedSite struct{ Site, Label privacy.Key }

// Name finds out the hosts of sites, by their keys, by trying: first the forms that their
// labels may have below every public suffix, then what looks like them below the common
// ones. What is not in the result, keys cannot decide. Trying has an end, so sites that
// matter more stand in front.
func (c *Candidates) Name(sites []KeyedSite) map[privacy.Key]string {
	named, byLabel := map[privacy.Key]string{}, map[privacy.Key]*naming{}
	var labels []*naming
	for _, site := range sites {
		found, n := c.byKey[site.Label], byLabel[site.Label]
		if found == nil {
			continue
		}
		if n == nil {
			closest := c.levels.ofLabel(found.skeleton, "")
			n = &naming{c, found.skeleton, closest.Level, c.spellings(found), c.suffixes[closest.Family], map[privacy.Key]bool{}, named}
			byLabel[site.Label], labels = n, append(labels, n)
		}
		n.open[site.Site] = true
	}
	for _, n := range labels {
		for _, form := range n.forms {
			n.try(form, false)
		}
	}
	for _, n := range labels {
		n.tryLookalikes()
	}
	return named
}

// spellings gives the forms themselves, as hosts have them, each once.
func (c *Candidates) spellings(of *candidate) (all []string) {
	for _, place := range of.places {
		eachForm(c.levels.labels[place].spelled, func(form string) {
			if cardlink.Skeleton(form) != of.skeleton {
				return
			}
			if label, ok := hostForm(form); ok && !slices.Contains(all, label) {
				all = append(all, label)
			}
		})
	}
	return all
}

// naming tries to name the sites whose labels have one key.
type naming struct {
	c        *Candidates
	skeleton string
	level    Level
	forms    []string
	// first are the suffixes of the family's own sites.
	first []string
	open  map[privacy.Key]bool
	named map[privacy.Key]string
}

// longestShort is how long a suffix is that look-alikes, which are many, are tried
// below: those of countries and the old ones are.
const longestShort = 4

// try tries a label below every suffix, or below the short ones and the family's own.
func (n *naming) try(label string, short bool) {
	for suffix := range suffixes(n.first) {
		if len(n.open) == 0 || n.c.tries <= 0 {
			return
		}
		if short && (len(suffix) > longestShort || strings.Contains(suffix, ".")) && !slices.Contains(n.first, suffix) {
			continue
		}
		n.c.tries--
		host := label + "." + suffix
		if key := n.c.keyer.Site(host); n.open[key] {
			delete(n.open, key)
			n.named[key] = host
		}
	}
}

// tryLookalikes tries what looks like the labels of listed sites, with their hyphens and
// without, or like the first form; nothing that is near already.
func (n *naming) tryLookalikes() {
	var labels []string
	switch n.level {
	case LevelLookalike:
		for _, place := range n.c.levels.own[n.skeleton] {
			spelled := n.c.levels.labels[place].spelled
			labels = append(labels, spelled, strings.ReplaceAll(spelled, "-", ""))
		}
		slices.Sort(labels)
		labels = slices.Compact(labels)
	case LevelPermutation:
		labels = n.forms[:min(1, len(n.forms))] // none where all are too long for a host
	}
	for _, label := range labels {
		for alike := range lookalikes(label) {
			if n.try(alike, true); len(n.open) == 0 {
				return
			}
		}
	}
}
