package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
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
Links to such sites are in the tables already, as keys: sites whose labels have the
level lookalike, permutation or near to one of a family's are proposed. None counts
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
	// Level is lookalike, permutation or near: of the host, or where that has no name the
	// closest that its key allows.
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
	candidates := watchlist.NewCandidates(k.effective, s.parts.ring.Keyer())
	var labels [][16]byte
	err := s.store.EachLabel(ctx, func(label [16]byte) {
		if candidates.Match(label, "").Level != watchlist.LevelNone {
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
	unlisted = slices.DeleteFunc(unlisted, func(u store.UnlistedSite) bool {
		decided, ok := k.decided.FindSite(u.Site)
		return ok && decided.Rejected
	})
	unlisted = closestLabels(unlisted, func(u store.UnlistedSite) watchlist.Level { return candidates.Match(u.Label, "").Level })
	hosts, wasListed := nameSites(k.effective, s.parts.ring.Keyer(), candidates, unlisted)
	open := []proposedSite{}
	for _, u := range unlisted {
		match := candidates.Match(u.Label, hosts[u.Site])
		if match.Level == watchlist.LevelNone || match.Level == watchlist.LevelExact {
			continue // the key looked closer than the host is, or it was listed just now
		}
		open = append(open, proposedSite{
			Key: u.Site, Family: match.Family, level: match.Level, Level: match.Level.String(),
			Host: hosts[u.Site], Named: hosts[u.Site] != "", WasListed: wasListed[u.Site],
			Hosts: u.Hosts, Links: u.Links, Posts: u.Posts, Channels: u.Channels, FirstAt: u.FirstAt.UTC(), LastAt: u.LastAt.UTC(),
		})
	}
	slices.SortStableFunc(open, func(a, b proposedSite) int {
		return cmp.Or(strings.Compare(a.Family, b.Family), cmp.Compare(a.level, b.level), cmp.Compare(b.Posts, a.Posts))
	})
	for i := range open {
		open[i].No = i + 1
	}
	return open, nil
}

// closestLabels gives each site once, the closest level first, where links spell its
// label in two ways that do not look alike, as harbourIeaks and harbourieaks. What both
// ways show may be the same, so what is distinct counts at least so often.
func closestLabels(unlisted []store.UnlistedSite, level func(store.UnlistedSite) watchlist.Level) (each []store.UnlistedSite) {
	slices.SortStableFunc(unlisted, func(a, b store.UnlistedSite) int { return cmp.Compare(level(a), level(b)) })
	at := map[privacy.Key]int{}
	for _, u := range unlisted {
		i, again := at[u.Site]
		if !again {
			at[u.Site] = len(each)
			each = append(each, u)
			continue
		}
		e := &each[i]
		e.Links += u.Links
		e.Hosts, e.Posts, e.Channels = max(e.Hosts, u.Hosts), max(e.Posts, u.Posts), max(e.Channels, u.Channels)
		if u.FirstAt.Before(e.FirstAt) {
			e.FirstAt = u.FirstAt
		}
		if u.LastAt.After(e.LastAt) {
			e.LastAt = u.LastAt
		}
	}
	return each
}

// nameSites finds out the hosts of sites: those that were listed once are in the list,
// the others are tried, the closest first.
func nameSites(list *watchlist.Effective, keyer *privacy.Keyer, candidates *watchlist.Candidates, unlisted []store.UnlistedSite) (hosts map[privacy.Key]string, wasListed map[privacy.Key]bool) {
	hosts, wasListed = map[privacy.Key]string{}, map[privacy.Key]bool{}
	once := map[privacy.Key]string{}
	for _, site := range list.Sites {
		once[site.Key(keyer)] = site.Host
	}
	var open []watchlist.KeyedSite
	for _, u := range unlisted {
		if host, ok := once[u.Site]; ok {
			hosts[u.Site], wasListed[u.Site] = host, true
		} else {
			open = append(open, watchlist.KeyedSite{Site: u.Site, Label: u.Label})
		}
	}
	maps.Copy(hosts, candidates.Name(open))
	return hosts, wasListed
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
	return p.No > 0 && fmt.Sprint(p.No) == typed // one that was decided about has no number
}
