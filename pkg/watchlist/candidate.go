package watchlist

import (
	"slices"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// Candidates are the labels under which families may have sites that nobody listed,
// by the keys that links have of labels. They are for one goroutine.
//
// Only sites that stand for a whole registrable domain give labels: the label above
// docs.hosting.test is the hosting company's, not the family's.
type Candidates struct {
	keyer *privacy.Keyer
	byKey map[privacy.Key]*candidate
	// tries is how many more hosts may be tried to name what stands behind keys.
	tries int
}

// candidate is one label, or several that look the same.
type candidate struct {
	family string
	level  Level
	// forms are the labels as hosts may spell them. The first own of them are the
	// family's own labels, or the one that gave the key.
	forms []string
	own   int
	// suffixes are those of the family's own sites.
	suffixes []string
}

// maxTries bounds what naming costs: some five seconds.
const maxTries = 5 << 20

// NewCandidates works out the labels for the listed sites of a family, or of all
// families if it is empty. A label that is close to several families is the closest
// one's, and of equals that of the first in the order of the list.
func NewCandidates(e *Effective, family string, keyer *privacy.Keyer) *Candidates {
	c := &Candidates{keyer: keyer, byKey: map[privacy.Key]*candidate{}, tries: maxTries}
	type watched struct{ label, family string }
	var labels []watched
	seen := map[watched]bool{}
	own := map[string][]string{}
	for _, s := range e.Sites {
		label, suffix := s.split()
		if w := (watched{label, s.Family}); s.Listed && label != "" && (family == "" || s.Family == family) {
			if own[s.Family] = append(own[s.Family], suffix); !seen[w] {
				seen[w] = true
				labels = append(labels, w)
			}
		}
	}
	for _, level := range []Level{LevelLookalike, LevelPermutation, LevelNear} {
		for _, w := range labels {
			c.add(w.label, candidate{family: w.family, level: level, suffixes: own[w.family]})
		}
	}
	for _, found := range c.byKey {
		slices.Sort(found.suffixes)
		found.suffixes = slices.Compact(found.suffixes)
	}
	return c
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

// add adds what a label gives at a level, unless a closer level or an earlier family
// has it. Forms that look like the label itself only help to name hosts.
func (c *Candidates) add(label string, like candidate) {
	put := func(form string) {
		key := c.keyer.Label(cardlink.Skeleton(form))
		found, ok := c.byKey[key]
		if !ok {
			copied := like
			found = &copied
			c.byKey[key] = found
		}
		if found.family == like.family && found.level <= like.level && !slices.Contains(found.forms, form) {
			if found.forms = append(found.forms, form); len(found.forms) == 1 || like.level == LevelLookalike {
				found.own = len(found.forms)
			}
		}
	}
	switch like.level {
	case LevelPermutation:
		for _, base := range bases(label) {
			put(base)
			for form := range Permutations(base) {
				put(form)
			}
		}
	case LevelNear:
		// Of two letters that look the same, one is in the skeleton.
		for _, base := range []string{label, strings.ReplaceAll(label, "-", ""), cardlink.Skeleton(label)} {
			for form := range OneEdit(base) {
				put(form)
			}
		}
	default:
		put(label)
	}
}

// Find says to which family a label belongs, by its key, and how closely. Keys alone
// do not tell a look-alike from the label itself under another suffix: both are
// [LevelLookalike] here, and [Candidates.Name] tells.
func (c *Candidates) Find(labelKey privacy.Key) (family string, level Level, ok bool) {
	found, ok := c.byKey[labelKey]
	if !ok {
		return "", LevelNone, false
	}
	return found.family, found.level, true
}

// Named is a site whose host was found out.
type Named struct {
	Host  string
	Level Level
}

// Name finds out the hosts of sites that have the label with a key, by trying the
// label's forms below every public suffix. The result holds those that a form names,
// and their level; what is not there, keys cannot decide.
func (c *Candidates) Name(labelKey privacy.Key, sites []privacy.Key) map[privacy.Key]Named {
	found := c.byKey[labelKey]
	if found == nil {
		return nil
	}
	n := naming{c: c, open: map[privacy.Key]bool{}, named: map[privacy.Key]Named{}}
	for _, site := range sites {
		n.open[site] = true
	}
	level := found.level
	if level == LevelLookalike {
		level = LevelPermutation // its forms are the label as it is spelled
	}
	for _, form := range found.forms {
		n.try(form, level, found.suffixes, false)
	}
	if level != LevelNear {
		for _, form := range found.forms[:found.own] {
			for alike := range Lookalikes(form) {
				n.try(alike, LevelLookalike, found.suffixes, true)
			}
		}
	}
	return n.named
}

// naming is one call of Name.
type naming struct {
	c     *Candidates
	open  map[privacy.Key]bool
	named map[privacy.Key]Named
}

// longestShort is how long a suffix is that look-alikes, which are many, are tried
// below: those of countries and the old ones are.
const longestShort = 4

// try tries a label below every suffix, or below the short ones and the family's own.
func (n *naming) try(label string, level Level, first []string, short bool) {
	for suffix := range suffixes(first) {
		if len(n.open) == 0 || n.c.tries <= 0 {
			return
		}
		if short && (len(suffix) > longestShort || strings.Contains(suffix, ".")) && !slices.Contains(first, suffix) {
			continue
		}
		n.c.tries--
		host := label + "." + suffix
		if key := n.c.keyer.Site(host); n.open[key] {
			delete(n.open, key)
			n.named[key] = Named{Host: host, Level: level}
		}
	}
}

// FindHost is Find for a host that is known.
func (c *Candidates) FindHost(host string) (family string, level Level, ok bool) {
	link, err := cardlink.Canonicalise("http://" + host)
	if err != nil {
		return "", LevelNone, false
	}
	return c.Find(c.keyer.Label(link.Label))
}
