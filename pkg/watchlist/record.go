package watchlist

import (
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

// targetKey is the key of a watched channel.
func (c Channel) targetKey(keyer *privacy.Keyer) privacy.Key {
	if c.ID != "" {
		return keyer.Channel(platformOf(c.Platform), c.ID)
	}
	return keyer.ChannelName(platformOf(c.Platform), c.Name)
}

// SiteRecords makes the record of every site, those taken off the list
// included, in the order of the list.
func (e *Effective) SiteRecords(keyer *privacy.Keyer) []*doxtrailv1.Site {
	type family struct {
		sensitive bool
		pages     [][]byte
	}
	families := map[string]family{}
	for _, f := range e.Families {
		entry := family{sensitive: f.Sensitive}
		for _, page := range f.Pages {
			entry.pages = append(entry.pages, keyer.Path(page).Bytes())
		}
		families[f.Label] = entry
	}
	records := make([]*doxtrailv1.Site, 0, len(e.Sites))
	for _, s := range e.Sites {
		match := doxtrailv1.SiteMatch_SITE_MATCH_HOST
		if s.Whole {
			match = doxtrailv1.SiteMatch_SITE_MATCH_SITE
		}
		sensitive := families[s.Family].sensitive
		records = append(records, doxtrailv1.Site_builder{
			MatchKey:   s.matchKey(keyer).Bytes(),
			Match:      &match,
			Host:       &s.Host,
			Family:     &s.Family,
			Sensitive:  &sensitive,
			PageKeys:   families[s.Family].pages,
			LabelKey:   s.labelKey(keyer).Bytes(),
			Listed:     &s.Listed,
			Generation: &e.Generation,
		}.Build())
	}
	return records
}

// labelKey is the key of the skeleton of the site's label, absent for an IP
// address.
func (s EffectiveSite) labelKey(keyer *privacy.Keyer) privacy.Key {
	link, err := cardlink.Canonicalise("http://" + s.Host)
	if err != nil {
		return privacy.Key{}
	}
	return keyer.Label(link.Label)
}

// DecisionRecords makes, for every channel, the decision that gave it its label,
// in the order of the list, and then for every one that was rejected that
// decision, without a label. It is not in force for a channel that was taken off
// the list, or was approved after all. Behind them stand the decisions about sites.
func (e *Effective) DecisionRecords(keyer *privacy.Keyer) []*doxtrailv1.Decision {
	approved := doxtrailv1.DecisionKind_DECISION_KIND_CHANNEL_APPROVED
	rejected := doxtrailv1.DecisionKind_DECISION_KIND_CHANNEL_REJECTED
	records := make([]*doxtrailv1.Decision, 0, len(e.Channels)+len(e.Rejected))
	for _, c := range e.Channels {
		records = append(records, doxtrailv1.Decision_builder{
			Kind:       &approved,
			TargetKey:  c.targetKey(keyer).Bytes(),
			Label:      &c.Label,
			InForce:    &c.Listed,
			Generation: &e.Generation,
		}.Build())
	}
	for _, c := range e.Rejected {
		records = append(records, doxtrailv1.Decision_builder{
			Kind:       &rejected,
			TargetKey:  c.targetKey(keyer).Bytes(),
			InForce:    &c.InForce,
			Generation: &e.Generation,
		}.Build())
	}
	return append(records, e.siteDecisions(keyer)...)
}
