package watchlist

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// RulesVersion counts changes of the normaliser's rules that give another row
// for the same post. A change begins a new generation, so that rows of newer
// rules win over older ones.
const RulesVersion = 3

// Effective is the watch list in force: what is listed, and what once was. It
// holds names of channels, so it is stored and sent sealed only. Entries are in
// a fixed order, whatever the order of the file.
type Effective struct {
	// Generation counts changes of the list and of the rules, from 1.
	Generation   uint64             `json:"generation"`
	RulesVersion uint32             `json:"rules_version"`
	Families     []EffectiveFamily  `json:"families,omitempty"`
	Sites        []EffectiveSite    `json:"sites,omitempty"`
	Channels     []EffectiveChannel `json:"channels,omitempty"`
	Rejected     []Rejection        `json:"rejected,omitempty"`
	Signals      Signals            `json:"signals,omitzero"`
	// RejectedSites are those that a person decided not to list.
	RejectedSites []SiteRejection `json:"rejected_sites,omitempty"`
	// RulesSince is the generation since which the rules are what they are; 0 where
	// a list of an older program does not say.
	RulesSince uint64 `json:"rules_since,omitempty"`
}

// EffectiveFamily is what belongs to a family as a whole. Listed is false once
// it was taken off the list; the rest stays as it last was, so that a family
// that was sensitive remains so.
type EffectiveFamily struct {
	Label     string   `json:"label"`
	Sensitive bool     `json:"sensitive"`
	Pages     []string `json:"pages,omitempty"` // canonical paths
	Patterns  []string `json:"patterns,omitempty"`
	Terms     []string `json:"terms,omitempty"`
	Listed    bool     `json:"listed"`
}

// EffectiveSite is one site, of one family at a time. Listed is false once it
// was taken off the list.
type EffectiveSite struct {
	Family string `json:"family"`
	Host   string `json:"host"` // canonical
	// Whole says that the host is a registrable domain and stands for every
	// host below it.
	Whole  bool `json:"whole"`
	Listed bool `json:"listed"`
	// Decided says that it is listed, or was, because a person approved it and not
	// because the file names it.
	Decided bool `json:"decided,omitempty"`
	// Since is the generation since which it is listed in its family, or is not: what
	// was read under an older one was read under another list. 0 where a list of an
	// older program does not say.
	Since uint64 `json:"since,omitempty"`
}

// EffectiveChannel is a channel with its label. Listed is false once it was
// taken off the list.
type EffectiveChannel struct {
	Channel

	Listed bool `json:"listed"`
}

// Rejection is a channel that a person decided not to watch; it has no label.
// InForce is false once it was approved or listed after all.
type Rejection struct {
	Channel

	InForce bool `json:"in_force"`
}

// Next compares a list, which must be valid, with the one in force, nil if
// there is none yet. If anything differs, changed is true and the result is of
// the next generation; else the result is previous. The order of entries and
// entries that stand twice are no difference.
func Next(previous *Effective, list *List) (next *Effective, changed bool) {
	if previous == nil {
		previous = &Effective{}
	}
	next = &Effective{Generation: previous.Generation, RulesVersion: RulesVersion}
	for _, f := range list.Families {
		next.addFamily(f)
	}
	for _, c := range list.Channels {
		next.Channels = append(next.Channels, EffectiveChannel{canonicalChannel(c), true})
	}
	for _, c := range list.Rejected {
		next.Rejected = append(next.Rejected, Rejection{canonicalChannel(Channel{Platform: c.Platform, ID: c.ID, Name: c.Name}), true})
	}
	next.Signals = Signals{Bounty: sortedSet(list.Signals.Bounty), CallToAction: sortedSet(list.Signals.CallToAction)}
	next.addDecidedSites(list)
	next.keepOff(previous)
	next.sort()
	next.date(previous)
	if previous.Generation > 0 && bytes.Equal(next.Marshal(), previous.Marshal()) {
		return previous, false
	}
	next.Generation++
	return next, true
}

func (e *Effective) addFamily(f Family) {
	var pages []string
	for _, page := range f.Pages {
		if path, err := canonicalPage(page); err == nil {
			pages = append(pages, path)
		}
	}
	e.Families = append(e.Families, EffectiveFamily{
		Label: f.Label, Sensitive: f.Sensitive, Listed: true,
		Pages: sortedSet(pages), Patterns: sortedSet(f.Patterns), Terms: sortedSet(f.Terms),
	})
	for _, s := range f.Sites {
		if site, err := canonicalSite(s); err == nil {
			site.Family, site.Listed = f.Label, true
			e.Sites = append(e.Sites, site)
		}
	}
}

// sortedSet gives each value once, in order, and nil for none.
func sortedSet(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// keepOff takes over what the previous list had and this one has not. A site
// that moved to another family is not kept in the old one: its row is the same.
func (e *Effective) keepOff(previous *Effective) {
	families, sites, channels, rejected := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, f := range e.Families {
		families[f.Label] = true
	}
	for _, s := range e.Sites {
		sites[s.identity()] = true
	}
	for _, c := range e.Channels {
		channels[c.identity()] = true
	}
	for _, c := range e.Rejected {
		rejected[c.identity()] = true
	}
	for _, old := range previous.Families {
		if old.Listed = false; !families[old.Label] {
			e.Families = append(e.Families, old)
		}
	}
	for _, old := range previous.Sites {
		if old.Listed = false; !sites[old.identity()] {
			e.Sites = append(e.Sites, old)
		}
	}
	e.keepSiteRejections(previous)
	for _, old := range previous.Channels {
		if old.Listed = false; !channels[old.identity()] {
			e.Channels = append(e.Channels, old)
		}
	}
	for _, old := range previous.Rejected {
		if old.InForce = false; !rejected[old.identity()] {
			e.Rejected = append(e.Rejected, old)
		}
	}
}

// identity says which key links are compared with: a host can be its own
// registrable domain under a newer public suffix list.
func (s EffectiveSite) identity() string { return fmt.Sprintf("%t %s", s.Whole, s.Host) }

func (e *Effective) sort() {
	slices.SortFunc(e.Families, func(a, b EffectiveFamily) int { return strings.Compare(a.Label, b.Label) })
	slices.SortFunc(e.Sites, func(a, b EffectiveSite) int {
		return cmp.Or(strings.Compare(a.Host, b.Host), strings.Compare(a.identity(), b.identity()))
	})
	slices.SortFunc(e.Channels, func(a, b EffectiveChannel) int { return strings.Compare(a.identity(), b.identity()) })
	slices.SortFunc(e.Rejected, func(a, b Rejection) int { return strings.Compare(a.identity(), b.identity()) })
	slices.SortFunc(e.RejectedSites, func(a, b SiteRejection) int { return strings.Compare(a.Key.String(), b.Key.String()) })
}

// ChannelByLabel gives the listed channel with a label.
func (e *Effective) ChannelByLabel(label string) (Channel, bool) {
	for _, c := range e.Channels {
		if c.Listed && c.Label == label {
			return c.Channel, true
		}
	}
	return Channel{}, false
}

// File gives back what is listed because the watch list file names it: without
// what was taken off and without what a person decided.
func (e *Effective) File() *List {
	list := &List{Signals: e.Signals}
	for _, f := range e.Families {
		if !f.Listed {
			continue
		}
		family := Family{Label: f.Label, Sensitive: f.Sensitive, Pages: f.Pages, Patterns: f.Patterns, Terms: f.Terms}
		for _, s := range e.Sites {
			if s.Listed && !s.Decided && s.Family == f.Label {
				family.Sites = append(family.Sites, s.Host)
			}
		}
		list.Families = append(list.Families, family)
	}
	for _, c := range e.Channels {
		if c.Listed && !c.Decided {
			list.Channels = append(list.Channels, c.Channel)
		}
	}
	return list
}

// Marshal encodes the list. Equal lists give equal bytes.
func (e *Effective) Marshal() []byte {
	encoded, err := json.Marshal(e)
	if err != nil {
		panic("encode watch list: " + err.Error()) // strings, numbers and booleans always encode
	}
	return encoded
}

// Unmarshal reads what Marshal gave. The error does not quote it.
func Unmarshal(encoded []byte) (*Effective, error) {
	var e Effective
	if err := json.Unmarshal(encoded, &e); err != nil {
		return nil, errors.New("decode watch list: damaged")
	}
	return &e, nil
}

// Digest names the content of the list: two lists with equal digests are equal.
// It is a plain hash of names, for comparison in memory and inside sealed state.
func (e *Effective) Digest() string {
	sum := sha256.Sum256(e.Marshal())
	return hex.EncodeToString(sum[:])
}

// statePurpose names the key of the ring that seals the list.
const statePurpose = "watchlist"

// Sealer seals and opens services' own state, as *privacy.StateKey does.
type Sealer interface {
	Seal(purpose string, plaintext []byte) ([]byte, error)
	Open(purpose string, sealed []byte) ([]byte, error)
}

// Seal encodes and seals the list.
func (e *Effective) Seal(key Sealer) ([]byte, error) {
	sealed, err := key.Seal(statePurpose, e.Marshal())
	if err != nil {
		return nil, fmt.Errorf("seal watch list: %w", err)
	}
	return sealed, nil
}

// Unseal opens what Seal gave.
func Unseal(key Sealer, sealed []byte) (*Effective, error) {
	encoded, err := key.Open(statePurpose, sealed)
	if err != nil {
		return nil, fmt.Errorf("open watch list: %w", err)
	}
	return Unmarshal(encoded)
}
