package watchlist

import "github.com/doxtrail/doxtrail/pkg/privacy"

// Matcher says to which family a link belongs, by the keys of its host. It is
// read-only once made and safe for concurrent use.
type Matcher struct {
	byKey map[privacy.Key]string
	pages map[pageIdentity]struct{}
}

type pageIdentity struct {
	family string
	path   privacy.Key
}

// NewMatcher makes the Matcher of a list.
func NewMatcher(e *Effective, keyer *privacy.Keyer) *Matcher {
	m := &Matcher{byKey: map[privacy.Key]string{}, pages: map[pageIdentity]struct{}{}}
	for _, s := range e.Sites {
		if s.Listed {
			m.byKey[s.matchKey(keyer)] = s.Family
		}
	}
	for _, f := range e.Families {
		for _, p := range f.Pages {
			m.pages[pageIdentity{f.Label, keyer.Path(p)}] = struct{}{}
		}
	}
	return m
}

// Empty says that no site is listed, so that every link is studied.
func (m *Matcher) Empty() bool { return len(m.byKey) == 0 }

// Match returns the family that a host or its registrable domain belongs to. A
// host that is listed itself goes before its domain.
func (m *Matcher) Match(hostKey, siteKey privacy.Key) (family string, ok bool) {
	if family, ok = m.byKey[hostKey]; ok {
		return family, true
	}
	family, ok = m.byKey[siteKey]
	return family, ok
}

// IsPage says whether a path is one of a family's pages that are no cards.
func (m *Matcher) IsPage(family string, pathKey privacy.Key) bool {
	_, ok := m.pages[pageIdentity{family, pathKey}]
	return ok
}
