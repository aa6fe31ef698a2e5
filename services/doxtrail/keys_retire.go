package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/audit"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

func newKeysRetire(opts *options) *cobra.Command {
	var study bool
	var reason string
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "retire --study --reason TEXT",
		Short: "End the study: destroy the key that its keyed ids are made with",
		Long: `Destroys the pseudonym key of the study's ring, for good. From then on nobody can tell
which name, post or page a keyed id stands for, nor add anything to the study. The
tables stay: their keys still join among themselves, and 'doxtrail sql' and 'query'
answer. Gone with it are the keys that open failed records, the sealed watch list and
where collectors stopped: look at 'doxtrail deadletters list' first. Locators stay
readable with the custodian's key until they expire; destroy that key too where they
are not to be.

It ends every study of this ring: the default one serves all that name no other. Of the
others, what is still on its way to their tables is lost. Backups of the ring undo this:
whoever made one has to destroy it. Beside real servers, stop the normaliser first: a
process that runs keeps the key until it ends.

Asks for the ring's id ('doxtrail keys show'), or reads it as a line from standard input.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !study {
				return wrongUse(errors.New("say what to retire: --study"))
			}
			if strings.TrimSpace(reason) == "" {
				return wrongUse(audit.ErrNoReason)
			}
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			ring, err := privacy.DescribeRing(cfg.Keys)
			if err != nil {
				_, err = existingRing(cfg.Keys) // says what to do
				return err
			}
			answer, err := newQuestions(cmd.Context(), cmd).line("this cannot be undone; type the ring's id to go on:")
			if err != nil {
				return err
			}
			if answer != ring.ID {
				return wrongUse(errors.New("that is not the id of this ring, so nothing was retired"))
			}
			if err := retire(cmd, cfg, ring, reason, wait); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "retired key ring %s: nothing can be linked to its study any more. Destroy every backup of the ring.\n", ring.ID)
			if _, err := privacy.OpenCustodianKey(cfg.Keys); err == nil {
				fmt.Fprintln(out, "custodian.key still lies here and opens locators until they expire: destroy it too, where they are not to be opened.")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&study, "study", false, "retire the study's pseudonym key")
	cmd.Flags().StringVar(&reason, "reason", "", "why, in a few words that name no person; it goes into the audit log")
	cmd.Flags().DurationVar(&wait, "wait", 10*time.Minute, "how long to wait for what is still on its way to the tables")
	return cmd
}

// retire lets what is on its way become rows, which nothing could do afterwards, and
// destroys the key. It finishes what an earlier call began.
func retire(cmd *cobra.Command, cfg *Config, ring privacy.Description, reason string, wait time.Duration) error {
	noted, err := studyRing(cfg.Data)
	if err != nil {
		return err
	}
	if !ring.RetiredAt.IsZero() || cfg.embedded() && noted == "" { // nothing was ever read with it
		return destroyPseudonyms(cfg, reason)
	}
	return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
		if cfg.embedded() && !s.parts.servers.holder() {
			return plain(errors.New("another process serves this data folder and has the key in memory; stop it first, nothing was retired"))
		}
		if err := s.drain(ctx, wait); errors.Is(err, errInFlight) {
			return plain(errors.New("what was read is still on its way to the tables, so nothing was retired: see `doxtrail status`, or give it more time with --wait"))
		} else if err != nil {
			return err
		}
		return destroyPseudonyms(cfg, reason)
	})
}

func destroyPseudonyms(cfg *Config, reason string) error {
	err := audit.Open(filepath.Join(cfg.Keys, audit.FileName)).Append(audit.Entry{Action: "retire", Reason: reason})
	if err != nil {
		return plain(fmt.Errorf("nothing was retired: %w", err))
	}
	return plain(privacy.Retire(cfg.Keys, time.Now()))
}
