package watchlist

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// RulesVersion counts changes of the normaliser's rules that give another row
// for the same post. A change begins a new generation, so that rows of newer
// rules win over older ones.
const RulesVersion = 1

// Effective is the watch list in force: what is listed, and what once was.
type Effective struct {
	// Generation counts changes of the list and of the rules, from 1.
	Generation   uint64             `json:"generation"`
	RulesVersion uint32             `json:"rules_version"`
	Families     []EffectiveFamily  `json:"families"`
	Sites        []EffectiveSite    `json:"sites"`
	Channels     []EffectiveChannel `json:"channels"`
}

// EffectiveFamily is what belongs to a family as a whole.
type EffectiveFamily struct {
	Label     string   `json:"label"`
	Sensitive bool     `json:"sensitive"`
	Pages     []string `json:"pages"` // canonical paths
	Patterns  []string `json:"patterns"`
	Terms     []string `json:"terms"`
}

// EffectiveSite is one site of a family. Listed is false once it was taken off
// the list.
type EffectiveSite struct {
	Family string `json:"family"`
	Host   string `json:"host"` // canonical
	// Whole says that the host is a registrable domain and stands for every
	// host below it.
	Whole  bool `json:"whole"`
	Listed bool `json:"listed"`
}

// EffectiveChannel is a channel with its label. Listed is false once it was
// taken off the list.
type EffectiveChannel struct {
	Channel
	Listed bool `json:"listed"`
}

// Next compares a list with the one in force, nil if there is none yet. If
// anything differs, changed is true and the result is the next generation;
// else it is previous. The list must be valid.
func Next(previous *Effective, list *List) (next *Effective, changed bool) {
	if previous == nil {
		previous = &Effective{}
	}
	next = &Effective{RulesVersion: RulesVersion}
	for _, f := range list.Families {
		next.addFamily(f)
	}
	for _, c := range list.Channels {
		next.Channels = append(next.Channels, EffectiveChannel{Channel: c, Listed: true})
	}
	next.keepOff(previous)
	next.sort()
	next.Generation = previous.Generation
	if previous.Generation > 0 && next.content() == previous.content() {
		return previous, false
	}
	next.Generation++
	return next, true
}

func (e *Effective) addFamily(f Family) {
	family := EffectiveFamily{Label: f.Label, Sensitive: f.Sensitive, Patterns: f.Patterns, Terms: f.Terms}
	for _, p := range f.Pages {
		if path, err := canonicalPage(p); err == nil {
			family.Pages = append(family.Pages, path)
		}
	}
	e.Families = append(e.Families, family)
	for _, s := range f.Sites {
		if host, whole, err := canonicalSite(s); err == nil {
			e.Sites = append(e.Sites, EffectiveSite{Family: f.Label, Host: host, Whole: whole, Listed: true})
		}
	}
}

// keepOff takes over what the previous list had and this one has not.
func (e *Effective) keepOff(previous *Effective) {
	for _, old := range previous.Sites {
		if !slices.ContainsFunc(e.Sites, func(s EffectiveSite) bool { return s.Family == old.Family && s.Host == old.Host }) {
			old.Listed = false
			e.Sites = append(e.Sites, old)
		}
	}
	for _, old := range previous.Channels {
		if !slices.ContainsFunc(e.Channels, func(c EffectiveChannel) bool { return c.same(old) }) {
			old.Listed = false
			e.Channels = append(e.Channels, old)
		}
	}
}

// same says whether two entries are about the same channel.
func (c EffectiveChannel) same(other EffectiveChannel) bool {
	return c.Platform == other.Platform && c.ID == other.ID && strings.EqualFold(c.Name, other.Name)
}

// sort brings the list into one order, whatever order the file has.
func (e *Effective) sort() {
	slices.SortFunc(e.Families, func(a, b EffectiveFamily) int { return strings.Compare(a.Label, b.Label) })
	slices.SortFunc(e.Sites, func(a, b EffectiveSite) int {
		return cmp.Or(strings.Compare(a.Host, b.Host), strings.Compare(a.Family, b.Family))
	})
	slices.SortFunc(e.Channels, func(a, b EffectiveChannel) int {
		return cmp.Or(strings.Compare(a.Platform, b.Platform), strings.Compare(a.ID, b.ID), strings.Compare(a.Name, b.Name))
	})
}

// content is everything but the generation, to compare by.
func (e *Effective) content() string {
	c := *e
	c.Generation = 0
	b, err := json.Marshal(c)
	if err != nil {
		return "" // strings, numbers and booleans always encode
	}
	return string(b)
}

// statePurpose names the key of the ring that seals the list.
const statePurpose = "watchlist"

// Ring seals and opens a service's own state; *privacy.Ring does.
type Ring interface {
	SealState(purpose string, plaintext []byte) ([]byte, error)
	OpenState(purpose string, sealed []byte) ([]byte, error)
}

// Seal encodes and seals the list: it names channels.
func (e *Effective) Seal(ring Ring) ([]byte, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode watch list: %w", err)
	}
	return ring.SealState(statePurpose, b)
}

// Unseal opens what Seal gave.
func Unseal(ring Ring, sealed []byte) (*Effective, error) {
	b, err := ring.OpenState(statePurpose, sealed)
	if err != nil {
		return nil, fmt.Errorf("open watch list: %w", err)
	}
	var e Effective
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, errors.New("decode watch list: damaged")
	}
	return &e, nil
}
