package store

import (
	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// sites are the columns of the table sites.
type sites struct {
	message doxtrailv1.Site

	match, host, family, pages plain[string]
	matchKey                   plain[uuid.UUID]
	label                      optional[uuid.UUID]
	sensitive, listed          plain[bool]
	generation                 plain[uint32]
	version                    plain[uuid.UUID]
}

func newSites() *table {
	s := &sites{}
	return &table{kind: KindSites, columns: []column{
		{"match", wireWord, &s.match},
		{"match_key", wireKey, &s.matchKey},
		{"host", wireText, &s.host},
		{"family", wireWord, &s.family},
		{"sensitive", wireFlag, &s.sensitive},
		{"page_keys", wireArray, &s.pages},
		{"label_key", wireOptionalKey, &s.label},
		{"listed", wireFlag, &s.listed},
		{"generation", wireNumber, &s.generation},
		{"version", wireVersion, &s.version},
	}, append: s.append}
}

func (s *sites) append(c *check, _ string, record []byte) {
	m := &s.message
	if !c.decode(record, m) {
		return
	}
	s.match.add(c.word("match", c.words.siteMatch, int32(m.GetMatch())))
	s.matchKey.add(c.key("match_key", m.GetMatchKey()))
	s.host.add(c.requiredLabel("host", m.GetHost()))
	s.family.add(c.requiredLabel("family", m.GetFamily()))
	s.sensitive.add(m.GetSensitive())
	c.array.start()
	for _, k := range m.GetPageKeys() {
		c.array.key(c.key("page_keys", k))
	}
	s.pages.add(c.array.end())
	s.label.add(c.optionalKey("label_key", m.GetLabelKey()))
	s.listed.add(m.GetListed())
	generation := c.generation(m.GetGeneration())
	s.generation.add(generation)
	s.version.add(versionOf(0, 0, generation, record))
}
