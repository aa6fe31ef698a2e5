package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

func newKeys(opts *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, inspect, back up and retire the key ring of a study",
		Long: `The key ring turns names into keyed ids and opens what is sealed. It lies outside
the data folder (--keys) and is never printed. Whoever has it can test whether a
given name is in the data; whoever loses it must start the study anew. Keep a
copy apart from the data and from its backups.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeysInit(opts), newKeysShow(opts), newKeysBackup(opts), newKeysRestore(opts), newKeysRetire(opts))
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
		Short: "Print the ring's public id, when it was made, its RAW keys' ids, and what checks receipts",
		Args:  args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			shown, err := showRing(cfg.Keys)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(shown)
			}
			return shown.print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	return cmd
}

// shownRing is what may be seen of a key ring.
type shownRing struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	RetiredAt time.Time `json:"retired_at,omitzero"`
	RawKeys   []string  `json:"raw_keys"`
	// ReceiptKey checks the signatures of receipts, in PEM; empty before the first.
	ReceiptKey string `json:"receipt_key,omitempty"`
}

// receiptKey is the public half of the key that signs receipts, if there is one.
func receiptKey(ring *privacy.Ring) (string, error) {
	key, err := ring.PresentReceiptKey()
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return key.PublicPEM()
}

func showRing(dir string) (shown shownRing, err error) {
	ring, err := existingRing(dir)
	if errors.Is(err, privacy.ErrRetired) {
		described, err := privacy.DescribeRing(dir)
		return shownRing{ID: described.ID, CreatedAt: described.CreatedAt, RetiredAt: described.RetiredAt, RawKeys: []string{}}, plain(err)
	}
	if err != nil {
		return shown, err
	}
	shown = shownRing{ID: ring.ID(), CreatedAt: ring.CreatedAt(), RawKeys: []string{}}
	raw, err := ring.RawKeys()
	for _, k := range raw {
		shown.RawKeys = append(shown.RawKeys, k.ID())
	}
	if err == nil {
		shown.ReceiptKey, err = receiptKey(ring)
	}
	return shown, plain(err)
}

func (r shownRing) print(w io.Writer) error {
	if !r.RetiredAt.IsZero() {
		_, err := fmt.Fprintf(w, "ring      %s\nmade      %s\nretired   %s\n", r.ID, r.CreatedAt.Format(time.RFC3339), r.RetiredAt.Format(time.RFC3339))
		return err
	}
	_, err := fmt.Fprintf(w, "ring      %s\nmade      %s\nRAW keys  %d\n", r.ID, r.CreatedAt.Format(time.RFC3339), len(r.RawKeys))
	if err == nil && r.ReceiptKey != "" {
		_, err = fmt.Fprint(w, "receipts of erasures are signed with\n", r.ReceiptKey)
	}
	return err
}
