package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

func newRematch(opts *options) *cobra.Command {
	var family, reason string
	var asJSON, hosts bool
	cmd := &cobra.Command{
		Use:   "rematch --family LABEL",
		Short: "Say what a changed list of sites changed about links that were read before",
		Long: `Works over every stored link of a family, and says what the list in force makes of
those that were read under an older one: what belongs to the family although its site
was not listed when the link was read (found), and what counted then and does not any
more, because its site was taken off (retracted). Nothing is written: every question
works sightings out anew, so what is found here counts already.

It also says how many posts were read before the list had all of the family's labels.
A link that was spelled out in one of them ("label dot org") was not looked for then,
and no key tells of it: only reading the post again would.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if family == "" {
				return wrongUse(errors.New("name a family with --family"))
			}
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
				answer, err := s.rematch(ctx, family, hosts, reason)
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(answer)
				}
				return answer.print(cmd.OutOrStdout())
			})
		},
	}
	cmd.Flags().StringVar(&family, "family", "", "`LABEL` of the family")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	cmd.Flags().BoolVar(&hosts, "show-hosts", false, "also the hosts of a sensitive family; goes into the audit log, with a --reason")
	cmd.Flags().StringVar(&reason, "reason", "", "why hosts of a sensitive family are shown, in a few `WORDS` that name no person")
	return cmd
}

// rematched is what a rematch found.
type rematched struct {
	Family     string           `json:"family"`
	Generation uint64           `json:"generation"`
	Found      rematchedFigures `json:"found"`
	Retracted  rematchedFigures `json:"retracted"`
	Sites      []rematchedSite  `json:"sites"`
	// Undecided is what keys cannot decide.
	Undecided undecided `json:"undecided"`
}

// rematchedFigures are as those of store.RematchFigures.
type rematchedFigures struct {
	Sites          uint64 `json:"sites"`
	Hosts          uint64 `json:"hosts"`
	Links          uint64 `json:"links"`
	Posts          uint64 `json:"posts"`
	Cards          uint64 `json:"cards"`
	FirstSightings uint64 `json:"first_sightings"`
}

// rematchedSite is one site with links that were found or retracted. Host is empty for
// a sensitive family, unless hosts were asked for.
type rematchedSite struct {
	Host    string    `json:"host,omitempty"`
	Listed  bool      `json:"listed"`
	Hosts   uint64    `json:"hosts"`
	Links   uint64    `json:"links"`
	Posts   uint64    `json:"posts"`
	Cards   uint64    `json:"cards"`
	FirstAt time.Time `json:"first_at"`
}

// undecided counts the posts that were read before Generation, from which on the list
// has all labels that it has now, of all posts that were read.
type undecided struct {
	Generation uint64 `json:"generation"`
	OlderPosts uint64 `json:"older_posts"`
	Posts      uint64 `json:"posts"`
}

// rematch asks the store under the list in force.
func (s *session) rematch(ctx context.Context, family string, hosts bool, reason string) (*rematched, error) {
	k, err := s.knownSites(ctx, "")
	if err != nil {
		return nil, err
	}
	// One that was taken off the list has something to retract.
	if !slices.ContainsFunc(k.effective.Families, func(f watchlist.EffectiveFamily) bool { return f.Label == family }) {
		return nil, errNoFamily
	}
	since := k.effective.LabelsSince(family)
	r, err := s.store.Rematch(ctx, family, s.changes(k.effective, family), since)
	if err != nil {
		return nil, err
	}
	answer := &rematched{
		Family: family, Generation: k.effective.Generation,
		Found: figuresOf(r.Found), Retracted: figuresOf(r.Retracted), Sites: []rematchedSite{},
		Undecided: undecided{Generation: since, OlderPosts: r.OlderPosts, Posts: r.Posts},
	}
	withheld := sensitive(k.effective, family)
	if withheld && hosts {
		if err := s.auditHosts(len(r.Sites), reason); err != nil {
			return nil, err
		}
	}
	for _, site := range r.Sites {
		figures := &answer.Retracted
		if site.Listed {
			figures = &answer.Found
		}
		figures.Sites++
		shown := rematchedSite{site.Host, site.Listed, site.Hosts, site.Links, site.Posts, site.Cards, site.FirstAt.UTC()}
		if withheld && !hosts {
			shown.Host = ""
		}
		answer.Sites = append(answer.Sites, shown)
	}
	return answer, nil
}

// changes says since when each site of a family is listed, or is not.
func (s *session) changes(list *watchlist.Effective, family string) (changes []store.Change) {
	keyer := s.parts.ring.Keyer()
	for _, site := range list.Sites {
		if site.Family == family {
			changes = append(changes, store.Change{Key: site.Key(keyer), Since: site.Since})
		}
	}
	return changes
}

func figuresOf(f store.RematchFigures) rematchedFigures {
	return rematchedFigures{Hosts: f.Hosts, Links: f.Links, Posts: f.Posts, Cards: f.Cards, FirstSightings: f.FirstSightings}
}

func (r *rematched) print(w io.Writer) error {
	fmt.Fprintf(w, "%s, watch list generation %d\n", r.Family, r.Generation)
	fmt.Fprintf(w, "found      %s; through them alone %s\n", r.Found.where(), r.Found.what("belong to it"))
	fmt.Fprintf(w, "           %s\n", plurals(int(r.Found.FirstSightings), "card was first seen on a platform through one of them", "cards were first seen on a platform through one of them"))
	fmt.Fprintf(w, "retracted  %s; with them %s\n", r.Retracted.where(), r.Retracted.what("do not belong to it any more"))
	if len(r.Sites) > 0 {
		fmt.Fprintln(w)
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(tw, "site\twhat\thosts\tlinks\tposts\tcards\tfirst")
		for _, site := range r.Sites {
			what := "retracted"
			if site.Listed {
				what = "found"
			}
			fmt.Fprintf(tw, "%s\t%s\t%d\t%d\t%d\t%d\t%s\n", orNone(site.Host), what, site.Hosts, site.Links, site.Posts, site.Cards, site.FirstAt.Format(time.DateOnly))
		}
		if err := tw.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "undecided  %d of %s were read before the list had all labels of the family: links that are spelled out in them were not looked for\n",
		r.Undecided.OlderPosts, plural(int(r.Undecided.Posts), "post"))
	return err
}

func (f rematchedFigures) where() string {
	return plural(int(f.Links), "link") + " to " + plural(int(f.Hosts), "host") + " of " + plural(int(f.Sites), "site")
}

func (f rematchedFigures) what(do string) string {
	return plural(int(f.Posts), "post") + " and " + plural(int(f.Cards), "card") + " " + do
}
