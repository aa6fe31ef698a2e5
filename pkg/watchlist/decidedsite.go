package watchlist

import (
	"cmp"
	"slices"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// DecidedSite is the decision about one site. Its reason stays where it is sealed.
type DecidedSite struct {
	Family string `json:"family"`
	// Key is what links are compared with, and what tells the site from others.
	Key privacy.Key `json:"key"`
	// Host is canonical, as [NewSite] gives it; empty for a rejected site that nobody
	// could name.
	Host     string `json:"host,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Rejected bool   `json:"rejected,omitempty"`
	// At is when it was decided, in milliseconds.
	At int64 `json:"at"`
}

// NewSite reads a host as a watch list has it: without scheme, port and path. The
// error does not repeat it.
func NewSite(host string) (EffectiveSite, error) { return canonicalSite(host) }

// Key is the key of a site: of its registrable domain where it stands for all hosts
// below it, else of the host.
func (s EffectiveSite) Key(keyer *privacy.Keyer) privacy.Key { return s.matchKey(keyer) }

// WithSite gives the decisions with another one about a site, in place of what was
// decided about the same site before.
func (d *Decided) WithSite(decision DecidedSite) *Decided {
	rest := slices.DeleteFunc(slices.Clone(d.Sites), func(s DecidedSite) bool { return s.Key == decision.Key })
	return &Decided{d.Channels, append(rest, decision)}
}

// FindSite gives the decision about the site with a key.
func (d *Decided) FindSite(key privacy.Key) (DecidedSite, bool) {
	i := slices.IndexFunc(d.Sites, func(s DecidedSite) bool { return s.Key == key })
	if i < 0 {
		return DecidedSite{}, false
	}
	return d.Sites[i], true
}

// sitesOfBoth gives the decisions about sites of both, the newer behind the older;
// where the times are equal the text decides, as with channels.
func (d *Decided) sitesOfBoth(other *Decided) []DecidedSite {
	all := slices.Concat(d.Sites, other.Sites)
	slices.SortFunc(all, func(a, b DecidedSite) int {
		return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(encode(a), encode(b)))
	})
	return all
}

// mergeSites adds decisions about sites to a list. Those of a family that the file
// does not name wait until it does: the file alone says what of a family is
// sensitive, and which of its pages are no cards.
func mergeSites(merged, file *List, decided []DecidedSite) {
	families, hosts := map[string]bool{}, map[string]bool{}
	for _, f := range file.Families {
		families[f.Label] = true
		for _, s := range f.Sites {
			if site, err := canonicalSite(s); err == nil {
				hosts[site.Host] = true
			}
		}
	}
	for _, s := range decided {
		switch {
		case !families[s.Family], hosts[s.Host]:
		case s.Rejected:
			merged.RejectedSites = append(merged.RejectedSites, s)
		default:
			merged.ApprovedSites = append(merged.ApprovedSites, s)
		}
	}
}

// SiteRejection is a site that a person decided not to list. InForce is false once
// it was approved or listed after all.
type SiteRejection struct {
	Family string `json:"family"`
	// Host is empty where nobody could name it.
	Host    string      `json:"host,omitempty"`
	Key     privacy.Key `json:"key"`
	InForce bool        `json:"in_force"`
}

// addDecidedSites adds what persons decided about sites.
func (e *Effective) addDecidedSites(list *List) {
	for _, d := range list.ApprovedSites {
		if site, err := canonicalSite(d.Host); err == nil {
			site.Family, site.Listed, site.Decided = d.Family, true, true
			e.Sites = append(e.Sites, site)
		}
	}
	for _, d := range list.RejectedSites {
		e.RejectedSites = append(e.RejectedSites, SiteRejection{Family: d.Family, Host: d.Host, Key: d.Key, InForce: true})
	}
}

// keepSiteRejections takes over those of the previous list that this one has not.
func (e *Effective) keepSiteRejections(previous *Effective) {
	rejected := map[privacy.Key]bool{}
	for _, s := range e.RejectedSites {
		rejected[s.Key] = true
	}
	for _, old := range previous.RejectedSites {
		if old.InForce = false; !rejected[old.Key] {
			e.RejectedSites = append(e.RejectedSites, old)
		}
	}
}

// date says of each site, and of the rules, since which generation they are what they
// are: what changed is so since the generation that e would begin.
func (e *Effective) date(previous *Effective) {
	before := make(map[string]EffectiveSite, len(previous.Sites))
	for _, s := range previous.Sites {
		before[s.identity()] = s
	}
	begins := previous.Generation + 1
	for i := range e.Sites {
		s := &e.Sites[i]
		s.Since = begins
		if old, ok := before[s.identity()]; ok && old.Family == s.Family && old.Listed == s.Listed {
			s.Since = old.Since
		}
	}
	e.RulesSince = begins
	if previous.Generation > 0 && previous.RulesVersion == e.RulesVersion {
		e.RulesSince = previous.RulesSince
	}
}

// siteDecisions makes the record of every site that was approved, and then of every
// one that was rejected. An approval is not in force for a site that was taken off
// the list.
func (e *Effective) siteDecisions(keyer *privacy.Keyer) []*doxtrailv1.Decision {
	approved := doxtrailv1.DecisionKind_DECISION_KIND_SITE_APPROVED
	rejected := doxtrailv1.DecisionKind_DECISION_KIND_SITE_REJECTED
	var records []*doxtrailv1.Decision
	add := func(kind *doxtrailv1.DecisionKind, key privacy.Key, family string, inForce bool) {
		records = append(records, doxtrailv1.Decision_builder{
			Kind: kind, TargetKey: key.Bytes(), Family: &family, InForce: &inForce, Generation: &e.Generation,
		}.Build())
	}
	listed := map[privacy.Key]bool{}
	for _, s := range e.Sites {
		key := s.matchKey(keyer)
		listed[key] = s.Listed
		if s.Decided {
			add(&approved, key, s.Family, s.Listed)
		}
	}
	for _, s := range e.RejectedSites {
		// The file may list what nobody could name when it was rejected.
		add(&rejected, s.Key, s.Family, s.InForce && !listed[s.Key])
	}
	return records
}

// LabelsSince is the generation since which the list has all labels that a family's
// listed sites have, and the rules are what they are: what was read under an older one
// may hold spelled-out links ("label dot org") that were not looked for then, and that
// no key tells of.
func (e *Effective) LabelsSince(family string) uint64 {
	since := map[string]uint64{}
	for _, s := range e.Sites {
		label, _ := s.split()
		if !s.Listed || s.Family != family || label == "" {
			continue
		}
		skeleton := cardlink.Skeleton(label)
		if first, ok := since[skeleton]; !ok || s.Since < first {
			since[skeleton] = s.Since
		}
	}
	newest := e.RulesSince
	for _, first := range since {
		newest = max(newest, first)
	}
	return newest
}
