package watchlist

import "github.com/doxtrail/doxtrail/pkg/privacy"

// Matcher says to which family a link belongs, by the keys of its host. It
// never changes and may be used by many goroutines.
type Matcher struct {
	families map[privacy.Key]string
	pages    map[familyPage]struct{}
}

// familyPage is a page of one family: the same path may be a card of another.
type familyPage struct {
	family string
	path   privacy.Key
}

// NewMatcher makes the Matcher of the listed entries of a list.
func NewMatcher(e *Effective, keyer *privacy.Keyer) *Matcher {
	m := &Matcher{families: map[privacy.Key]string{}, pages: map[familyPage]struct{}{}}
	for _, s := range e.Sites {
		// An absent key would match every link whose host is absent.
		if key := s.matchKey(keyer); s.Listed && !key.IsZero() {
			m.families[key] = s.Family
		}
	}
	for _, f := range e.Families {
		if !f.Listed {
			continue
		}
		for _, page := range f.Pages {
			m.pages[familyPage{f.Label, keyer.Path(page)}] = struct{}{}
		}
	}
	return m
}

// Empty says that no site is listed, so that every link is studied.
func (m *Matcher) Empty() bool { return len(m.families) == 0 }

// Match returns the family that a host or its registrable domain belongs to. A
// host that is listed itself goes before its domain.
func (m *Matcher) Match(hostKey, siteKey privacy.Key) (family string, ok bool) {
	if family, ok = m.families[hostKey]; ok {
		return family, true
	}
	family, ok = m.families[siteKey]
	return family, ok
}

// IsPage says whether a path is one of a family's pages that are no cards.
func (m *Matcher) IsPage(family string, pathKey privacy.Key) bool {
	_, ok := m.pages[familyPage{family, pathKey}]
	return ok
}
