package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
)

func newDeadlettersDrop(opts *options) *cobra.Command {
	var chosen choice
	var yes bool
	cmd := &cobra.Command{
		Use:   "drop [--class CLASS] --all | SEQUENCE...",
		Short: "Give failed records up for good",
		Long: `Deletes failed records so that they cannot be had back, and says how many of
which class. On a terminal it asks first.`,
		Args: func(_ *cobra.Command, given []string) error { return chosen.read(given) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
				return s.drop(ctx, cmd, chosen, yes)
			})
		},
	}
	cmd.Flags().BoolVar(&chosen.all, "all", false, "all failed records")
	cmd.Flags().StringVar(&chosen.class, "class", "", "only records of this `CLASS`")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (s *session) drop(ctx context.Context, cmd *cobra.Command, chosen choice, yes bool) error {
	all, err := s.deadletters(ctx)
	if err != nil {
		return err
	}
	letters, err := chosen.from(all)
	if err != nil {
		return err
	}
	if !yes && len(letters) > 0 {
		if err := confirm(ctx, cmd, fmt.Sprintf("Give up %s for good?", plural(len(letters), "record"))); err != nil {
			return err
		}
	}
	classes := map[string]int{}
	for _, d := range letters {
		for _, n := range append([]uint64{d.Sequence}, d.Copies...) {
			if err := s.conn.DropFailed(ctx, n); err != nil && !errors.Is(err, bus.ErrNoRecord) {
				return err
			}
		}
		classes[d.Class] += max(d.Records, 1)
	}
	total, parts := 0, []string{}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		total += classes[class]
		parts = append(parts, fmt.Sprintf("%d %s", classes[class], class))
	}
	text := "dropped " + plural(total, "record")
	if total > 0 {
		s.log.Warn("failed records dropped", service.KeyCount, total)
		text += ": " + strings.Join(parts, ", ")
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
	return err
}

// errNotConfirmed says that the answer was no.
var errNotConfirmed = errors.New("nothing was dropped")

// confirm asks on a terminal; elsewhere nobody can answer, and the command was
// plain enough.
func confirm(ctx context.Context, cmd *cobra.Command, question string) error {
	in, ok := cmd.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nil
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s [y/N] ", question)
	answer, err := bufio.NewReader(io.LimitReader(interruptible(ctx, in), 100)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return plain(errNotConfirmed)
}
