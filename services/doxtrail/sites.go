package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

func newSites(opts *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sites",
		Short: "Show sites that may be mirrors of a family, and decide about them",
		Long: `A campaign that loses its domain goes on under another one that looks much the same.
Links to such sites are in the tables already, as keys: they are found by trying what
the family's labels look like, under every public suffix, and proposed. None counts
before a person approves it, and then it counts from the beginning. Decisions are kept
sealed, beside the watch list file and independent of it; where both name a site the
file wins.

Beside real servers the key ring is needed: run this where it lies, or name it with
--keys.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSitesProposed(opts), newSitesApprove(opts), newSitesReject(opts))
	return cmd
}

// proposedSite is a site that a person may decide about.
type proposedSite struct {
	// No counts the whole list as it is now; Key never changes.
	No     int         `json:"no"`
	Key    privacy.Key `json:"key"`
	Family string      `json:"family"`
	// Level is lookalike, permutation or near.
	Level string `json:"level"`
	// Host is empty where nobody could name it, and for a sensitive family where
	// hosts were not asked for.
	Host  string `json:"host,omitempty"`
	Named bool   `json:"named"`
	// WasListed says that it was taken off the list.
	WasListed bool `json:"was_listed"`
	// Hosts, Links, Posts and Channels count what links to it.
	Hosts    uint64    `json:"hosts"`
	Links    uint64    `json:"links"`
	Posts    uint64    `json:"posts"`
	Channels uint64    `json:"channels"`
	FirstAt  time.Time `json:"first_at"`
	LastAt   time.Time `json:"last_at"`

	level watchlist.Level
}

func (p proposedSite) short() string { return hexOf(p.Key)[:shortKey] }

// errNoRingForSites says that keys cannot be made here.
var errNoRingForSites = wrongUse(errors.New("sites are told by keys: run this where the study's key ring lies, or name it with --keys"))

// errNoFamily says that there is nothing that sites could be close to.
var errNoFamily = wrongUse(errors.New("no family of this label is on the watch list; `doxtrail doctor` shows which file is used"))

// knownSites reads the list in force and the decisions; family may be empty.
func (s *session) knownSites(ctx context.Context, family string) (k knownChannels, err error) {
	if s.parts.ring == nil {
		return k, errNoRingForSites
	}
	if k, err = s.knownChannels(ctx); err == nil && family != "" {
		err = checkFamily(k.effective, family)
	}
	return k, err
}

func checkFamily(list *watchlist.Effective, family string) error {
	for _, f := range list.Families {
		if f.Listed && f.Label == family {
			return nil
		}
	}
	return errNoFamily
}

// sensitive says whether the hosts of a family are shown only where they are asked for.
func sensitive(list *watchlist.Effective, family string) bool {
	return slices.ContainsFunc(list.Families, func(f watchlist.EffectiveFamily) bool { return f.Label == family && f.Sensitive })
}

// proposedSites lists the sites that are close to a family and on no list, the closest
// first and of those the ones first that most posts show. Rejected ones are left out.
// The hosts of sensitive families are in it.
func (s *session) proposedSites(ctx context.Context, k knownChannels) ([]proposedSite, error) {
	candidates := watchlist.NewCandidates(k.effective, "", s.parts.ring.Keyer())
	var labels [][16]byte
	err := s.store.EachLabel(ctx, func(label [16]byte) {
		if _, _, ok := candidates.Find(label); ok {
			labels = append(labels, label)
		}
	})
	if err != nil {
		return nil, err
	}
	unlisted, err := s.store.UnlistedSites(ctx, labels)
	if err != nil {
		return nil, err
	}
	open := []proposedSite{}
	for _, u := range unlisted {
		if decided, ok := k.decided.FindSite(u.Site); ok && decided.Rejected {
			continue
		}
		family, level, _ := candidates.Find(u.Label)
		open = append(open, proposedSite{
			Key: u.Site, Family: family, level: level,
			Hosts: u.Hosts, Links: u.Links, Posts: u.Posts, Channels: u.Channels, FirstAt: u.FirstAt.UTC(), LastAt: u.LastAt.UTC(),
		})
	}
	s.nameSites(k.effective, candidates, unlisted, open)
	slices.SortStableFunc(open, func(a, b proposedSite) int {
		return cmp.Or(strings.Compare(a.Family, b.Family), cmp.Compare(a.level, b.level), cmp.Compare(b.Posts, a.Posts))
	})
	for i := range open {
		open[i].No, open[i].Level = i+1, open[i].level.String()
	}
	return open, nil
}

// nameSites finds out the hosts of proposed sites: those that were listed once are in
// the list, the others are tried.
func (s *session) nameSites(list *watchlist.Effective, candidates *watchlist.Candidates, unlisted []store.UnlistedSite, open []proposedSite) {
	byKey := map[privacy.Key]*proposedSite{}
	for i := range open {
		byKey[open[i].Key] = &open[i]
	}
	keyer := s.parts.ring.Keyer()
	for _, site := range list.Sites {
		if p := byKey[site.Key(keyer)]; p != nil {
			p.Host, p.Named, p.WasListed = site.Host, true, true
		}
	}
	sites := map[privacy.Key][]privacy.Key{}
	var labels []privacy.Key // in a fixed order: naming has an end
	for _, u := range unlisted {
		if byKey[u.Site] == nil {
			continue
		}
		if sites[u.Label] == nil {
			labels = append(labels, u.Label)
		}
		sites[u.Label] = append(sites[u.Label], u.Site)
	}
	slices.SortStableFunc(labels, func(a, b privacy.Key) int {
		_, one, _ := candidates.Find(a)
		_, other, _ := candidates.Find(b)
		return cmp.Compare(one, other)
	})
	for _, label := range labels {
		for key, named := range candidates.Name(label, sites[label]) {
			p := byKey[key]
			p.Host, p.level, p.Named = named.Host, named.Level, true
		}
	}
}

// siteArgument takes a number of the list, a key or its beginning. The error does not
// repeat what was typed, which may be a host.
func siteArgument(_ *cobra.Command, given []string) error {
	text := "name one site by its number or key, as `doxtrail sites proposed` shows them; hosts are never arguments, --stdin reads one"
	if len(given) != 1 {
		return errors.New(text)
	}
	if digits := keyDigits(given[0]); digits == "" || len(digits) > 2*privacy.KeySize || strings.Trim(digits, "0123456789abcdef") != "" ||
		len(digits) < shortKey && strings.Trim(digits, "0123456789") != "" {
		return errors.New(text)
	}
	return nil
}

// called says whether what was typed names a proposed site.
func (p proposedSite) called(typed string) bool {
	if digits := keyDigits(typed); len(digits) >= shortKey {
		return strings.HasPrefix(hexOf(p.Key), digits)
	}
	return fmt.Sprint(p.No) == typed
}
