package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/audit"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

func newSitesProposed(opts *options) *cobra.Command {
	var family, reason string
	var asJSON, hosts bool
	cmd := &cobra.Command{
		Use:   "proposed",
		Short: "List the sites that links lead to, that look like a family's, and that no family lists",
		Long: `Lists sites by how close they are, with the levels of 'doxtrail links': lookalike
(one of the family's labels in other letters or with other hyphens), permutation (the
label under another suffix, or with a number or word of a small list more, or a word
less or other), or near, one letter away. What is near is for review only: most of it
is chance.

A host is shown where trying the label's forms under every public suffix found it. What
is not found has a key and figures and no host, and the closest level that its key
allows: keys cannot be read. Who knows the host gives it on standard input
(doxtrail sites approve --stdin). Numbers count the whole list as it is now; a key
never changes.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
				k, err := s.knownSites(ctx, family)
				if err != nil {
					return err
				}
				open, err := s.proposedSites(ctx, k)
				if err != nil {
					return err
				}
				if open, err = s.shownSites(k.effective, open, family, hosts, reason); err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"sites": open})
				}
				return printSites(cmd.OutOrStdout(), open)
			})
		},
	}
	cmd.Flags().StringVar(&family, "family", "", "only sites close to the family with this `LABEL`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	cmd.Flags().BoolVar(&hosts, "show-hosts", false, "also the hosts of sensitive families; goes into the audit log, with a --reason")
	cmd.Flags().StringVar(&reason, "reason", "", "why hosts of sensitive families are shown, in a few `WORDS` that name no person")
	return cmd
}

// shownSites are those of a family, or of all, without the hosts of sensitive families
// unless they were asked for, for a reason.
func (s *session) shownSites(list *watchlist.Effective, open []proposedSite, family string, hosts bool, reason string) ([]proposedSite, error) {
	shown := []proposedSite{}
	opened := 0
	for _, p := range open {
		if family != "" && p.Family != family {
			continue
		}
		if p.Host != "" && sensitive(list, p.Family) {
			if !hosts {
				p.Host = ""
			} else {
				opened++
			}
		}
		shown = append(shown, p)
	}
	return shown, s.auditHosts(opened, reason)
}

// auditHosts notes in the audit log that hosts of sensitive families are shown.
func (s *session) auditHosts(hosts int, reason string) error {
	if hosts == 0 {
		return nil
	}
	log := audit.Open(filepath.Join(s.cfg.Keys, audit.FileName))
	err := log.Append(audit.Entry{Action: "hosts", Reason: reason, Counts: map[string]int64{"hosts": int64(hosts)}})
	if errors.Is(err, audit.ErrNoReason) {
		return wrongUse(err)
	}
	return err
}

func printSites(w io.Writer, sites []proposedSite) error {
	if len(sites) == 0 {
		_, err := fmt.Fprintln(w, "no site is proposed")
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "no\tkey\tfamily\tlevel\thost\tposts\tchannels\tlinks\tfirst\tlast")
	unnamed, near := 0, 0
	for _, p := range sites {
		if !p.Named {
			unnamed++
		}
		if p.level == watchlist.LevelNear {
			near++
		}
		fmt.Fprintf(tw, "%d\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\n", p.No, p.short(), p.Family, p.Level, orNone(p.Host), p.Posts, p.Channels, p.Links,
			p.FirstAt.Format(time.DateOnly), p.LastAt.Format(time.DateOnly))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%s proposed; none counts. To decide: `doxtrail sites approve NO` or `doxtrail sites reject NO`.\n", plural(len(sites), "site"))
	if near > 0 {
		fmt.Fprintln(w, "What is near is one letter away, which may be chance: look at it before you approve it.")
	}
	if unnamed > 0 {
		fmt.Fprintf(w, "%s could not be named: keys cannot be read. Who knows a host gives it to `doxtrail sites approve --stdin`.\n", plural(unnamed, "site"))
	}
	return nil
}
