package watchlist

import (
	"strings"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// matchKey is the key that links are compared with.
func (s EffectiveSite) matchKey(keyer *privacy.Keyer) privacy.Key {
	if s.Whole {
		return keyer.Site(s.Host)
	}
	return keyer.Host(s.Host)
}

// pageKeys are the path keys of a family's pages that are no cards.
func (e *Effective) pageKeys(keyer *privacy.Keyer, family string) [][]byte {
	var keys [][]byte
	for _, f := range e.Families {
		if f.Label != family {
			continue
		}
		for _, p := range f.Pages {
			keys = append(keys, keyer.Path(p).Bytes())
		}
	}
	return keys
}

// SiteRecords makes the record of every site, those taken off the list
// included.
func (e *Effective) SiteRecords(keyer *privacy.Keyer) []*doxtrailv1.Site {
	sensitive := map[string]bool{}
	for _, f := range e.Families {
		sensitive[f.Label] = f.Sensitive
	}
	records := make([]*doxtrailv1.Site, 0, len(e.Sites))
	for _, s := range e.Sites {
		match := doxtrailv1.SiteMatch_SITE_MATCH_HOST
		if s.Whole {
			match = doxtrailv1.SiteMatch_SITE_MATCH_SITE
		}
		hidden, label := sensitive[s.Family], ""
		if link, err := cardlink.Canonicalise("http://" + s.Host); err == nil {
			label = link.Label
		}
		records = append(records, doxtrailv1.Site_builder{
			MatchKey:   s.matchKey(keyer).Bytes(),
			Match:      &match,
			Host:       &s.Host,
			Family:     &s.Family,
			Sensitive:  &hidden,
			PageKeys:   e.pageKeys(keyer, s.Family),
			LabelKey:   keyer.Label(label).Bytes(),
			Listed:     &s.Listed,
			Generation: &e.Generation,
		}.Build())
	}
	return records
}

// DecisionRecords makes, for every watched channel, the decision that gave it
// its label.
func (e *Effective) DecisionRecords(keyer *privacy.Keyer) []*doxtrailv1.Decision {
	kind := doxtrailv1.DecisionKind_DECISION_KIND_CHANNEL_APPROVED
	records := make([]*doxtrailv1.Decision, 0, len(e.Channels))
	for _, c := range e.Channels {
		platform := platformOf(c.Platform)
		key := keyer.Channel(platform, c.ID)
		if c.ID == "" {
			key = keyer.ChannelName(platform, strings.TrimPrefix(c.Name, "@"))
		}
		records = append(records, doxtrailv1.Decision_builder{
			Kind:       &kind,
			TargetKey:  key.Bytes(),
			Label:      &c.Label,
			InForce:    &c.Listed,
			Generation: &e.Generation,
		}.Build())
	}
	return records
}
