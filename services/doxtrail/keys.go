package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

func newKeys(opts *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make and inspect the key ring of a study",
		Long: `The key ring turns names into keyed ids and opens what is sealed. It lies outside
the data folder (--keys) and is never printed. Whoever has it can test whether a
given name is in the data; whoever loses it must start the study anew. Keep a
copy apart from the data and from its backups.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeysInit(opts), newKeysShow(opts))
	return cmd
}

func newKeysInit(opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Make a key ring; refuses to touch an existing one",
		Args:  args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			if err := apart(cfg.Data, cfg.Keys); cfg.embedded() && err != nil {
				return err
			}
			ring, err := privacy.CreateRing(cfg.Keys)
			if err != nil {
				return plain(err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "made key ring %s\n", ring.ID())
			return err
		},
	}
}

func newKeysShow(opts *options) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the ring's public id, when it was made, and its RAW keys' ids",
		Args:  args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			ring, err := existingRing(cfg.Keys)
			if err != nil {
				return err
			}
			raw, err := ring.RawKeys()
			if err != nil {
				return err
			}
			shown := shownRing{ID: ring.ID(), CreatedAt: ring.CreatedAt(), RawKeys: []string{}}
			for _, k := range raw {
				shown.RawKeys = append(shown.RawKeys, k.ID())
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(shown)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "ring      %s\nmade      %s\nRAW keys  %d\n",
				shown.ID, shown.CreatedAt.Format(time.RFC3339), len(shown.RawKeys))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	return cmd
}

// shownRing is what may be seen of a key ring.
type shownRing struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	RawKeys   []string  `json:"raw_keys"`
}
