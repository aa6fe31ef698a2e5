package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/provisioner"
)

func newSitesApprove(opts *options) *cobra.Command {
	return newSitesDecision(opts, false, &cobra.Command{
		Use:   "approve [flags] NO|KEY",
		Short: "List a site as one of a family's, from the beginning",
		Long: `Asks why, or reads it as a line from standard input. With --stdin the host comes
first, as a line of its own, and need not be proposed. The site is listed from then on,
as long as the watch list file names its family, and works backwards over every link
that was ever read; 'doxtrail rematch' says what that changes. A site that was rejected
can be approved after all.`,
	})
}

func newSitesReject(opts *options) *cobra.Command {
	return newSitesDecision(opts, true, &cobra.Command{
		Use:   "reject [flags] NO|KEY",
		Short: "Decide that a site is none of a family's, and is not proposed again",
		Long: `Asks why, or reads it as a line from standard input. With --stdin the host comes
first, as a line of its own. A site that was approved is listed no more, and nothing
of it counts.`,
	})
}

// newSitesDecision completes a command that decides about one site.
func newSitesDecision(opts *options, reject bool, cmd *cobra.Command) *cobra.Command {
	var family string
	var stdin bool
	cmd.Args = func(cmd *cobra.Command, given []string) error {
		if stdin {
			return args(noArgs)(cmd, given)
		}
		return args(siteArgument)(cmd, given)
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		cfg, err := opts.load()
		if err != nil {
			return err
		}
		return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
			k, err := s.knownSites(ctx, family)
			if err != nil {
				return err
			}
			q := newQuestions(ctx, cmd)
			decided := watchlist.DecidedSite{Family: family, Rejected: reject}
			if stdin {
				err = s.typedSite(q, k, &decided)
			} else {
				err = s.calledSite(ctx, k, given[0], &decided)
			}
			if err != nil {
				return err
			}
			return s.decideSite(ctx, cmd, q, k, decided)
		})
	}
	cmd.Flags().StringVar(&family, "family", "", "`LABEL` of the family; needed with --stdin if there are several")
	cmd.Flags().BoolVar(&stdin, "stdin", false, "read the host from standard input, or ask for it")
	return cmd
}

// typedSite asks for a host. Its family is the one that was named, else the one that
// it is or was listed in, else the only one.
func (s *session) typedSite(q *questions, k knownChannels, d *watchlist.DecidedSite) error {
	host, err := q.line("host, without scheme and path:")
	if err != nil {
		return err
	}
	site, err := watchlist.NewSite(host)
	if err != nil {
		return wrongUse(fmt.Errorf("the host that was read %w; nothing was decided", err))
	}
	d.Host, d.Key = site.Host, site.Key(s.parts.ring.Keyer())
	for _, e := range k.effective.Sites {
		if d.Family == "" && e.Key(s.parts.ring.Keyer()) == d.Key && checkFamily(k.effective, e.Family) == nil {
			d.Family = e.Family
		}
	}
	var only []string
	for _, f := range k.effective.Families {
		if f.Listed {
			only = append(only, f.Label)
		}
	}
	switch {
	case d.Family != "":
	case len(only) == 1:
		d.Family = only[0]
	case len(only) == 0:
		return errNoFamily
	default:
		return wrongUse(errors.New("there are several families, so nothing was decided: name one with --family"))
	}
	return nil
}

// calledSite finds a site by what it is called in the list of those proposed, or by
// the key under which it was decided about.
func (s *session) calledSite(ctx context.Context, k knownChannels, called string, d *watchlist.DecidedSite) error {
	open, err := s.proposedSites(ctx, k)
	if err != nil {
		return err
	}
	for _, before := range k.decided.Sites {
		open = append(open, proposedSite{Key: before.Key, Family: before.Family, Host: before.Host})
	}
	found := map[privacy.Key]proposedSite{}
	for _, p := range open {
		if _, again := found[p.Key]; p.called(called) && !again {
			found[p.Key] = p
		}
	}
	if len(found) > 1 {
		return wrongUse(errors.New("several sites have keys that begin so; `doxtrail sites proposed --json` shows whole keys"))
	}
	for _, p := range found {
		d.Key, d.Host = p.Key, p.Host
		if d.Family == "" {
			d.Family = p.Family
		}
		if d.Host == "" && !d.Rejected {
			return wrongUse(errors.New("this site could not be named, and keys cannot be read: `doxtrail sites approve --stdin` takes its host from who knows it"))
		}
		return nil
	}
	return wrongUse(errors.New("no site that is proposed has this number or key; `doxtrail sites proposed` shows them"))
}

// decideSite asks why, keeps the decision and says what it was.
func (s *session) decideSite(ctx context.Context, cmd *cobra.Command, q *questions, k knownChannels, d watchlist.DecidedSite) error {
	if err := s.mayDecide(k, d); err != nil {
		return err
	}
	name := s.siteName(k, d)
	question := "why it is listed as a site of " + d.Family + ":"
	if d.Rejected {
		question = "why it is not listed:"
	}
	fmt.Fprintln(q.to, name) // who decides sees what about
	reason, err := askReason(q, question)
	if err != nil {
		return err
	}
	d.Reason, d.At = reason, time.Now().UnixMilli()
	err = provisioner.Decide(ctx, s.conn, s.parts.ring.StateKey(), func(all *watchlist.Decided) (*watchlist.Decided, error) {
		return all.WithSite(d), nil
	})
	if err != nil {
		return err
	}
	if err := s.applyWatchlist(ctx); err != nil {
		return err
	}
	if d.Rejected {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "rejected %s: it is not listed, and not proposed again\n", name)
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "approved %s as a site of %s%s; `doxtrail rematch --family %s` says what it changes\n", name, d.Family, howClose(k, d), d.Family)
	return err
}

// mayDecide refuses what the file says otherwise, and what is decided already.
func (s *session) mayDecide(k knownChannels, d watchlist.DecidedSite) error {
	if err := checkFamily(k.effective, d.Family); err != nil {
		return err
	}
	for _, e := range k.effective.Sites {
		if e.Listed && !e.Decided && e.Key(s.parts.ring.Keyer()) == d.Key {
			return wrongUse(fmt.Errorf("the watch list file names this site, in the family %s, and the file wins: change it there", e.Family))
		}
	}
	before, ok := k.decided.FindSite(d.Key)
	switch {
	case ok && before.Rejected && d.Rejected:
		return wrongUse(errors.New("this site is rejected already"))
	case ok && !before.Rejected && !d.Rejected:
		return wrongUse(fmt.Errorf("this site is approved already, in the family %s", before.Family))
	}
	return nil
}

// siteName is what a site is called in sentences: its host, or where that is not known
// or to be shown, the beginning of its key.
func (s *session) siteName(k knownChannels, d watchlist.DecidedSite) string {
	if d.Host == "" || sensitive(k.effective, d.Family) {
		return hexOf(d.Key)[:shortKey]
	}
	return d.Host
}

// howClose warns of a site that does not look like the family's: the host may have been
// typed wrongly.
func howClose(k knownChannels, d watchlist.DecidedSite) string {
	theirs := *k.effective
	theirs.Sites = slices.DeleteFunc(slices.Clone(theirs.Sites), func(e watchlist.EffectiveSite) bool { return e.Family != d.Family })
	link, err := cardlink.Canonicalise("http://" + d.Host)
	if err == nil && watchlist.NewLevels(&theirs).Of(link).Level != watchlist.LevelNone {
		return ""
	}
	return ", though its label is not like theirs"
}
