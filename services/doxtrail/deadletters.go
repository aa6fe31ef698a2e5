package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

func newDeadletters(opts *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deadletters",
		Short: "List records that failed, put them back, or give them up",
		Long: `A record that a service cannot handle is set aside, sealed, and the others of its
batch go on. It waits until somebody puts it back (after a newer version, or when
what was wrong is mended) or gives it up. Classes and sizes are shown, never what
a record says. Beside real servers the key ring is needed to put records back:
run this where it lies, or name it with --keys.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDeadlettersList(opts), newDeadlettersRetry(opts), newDeadlettersDrop(opts))
	return cmd
}

func newDeadlettersList(opts *options) *cobra.Command {
	var asJSON bool
	var chosen choice
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the records that failed",
		Args:  args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
				letters, err := s.deadletters(ctx)
				if err != nil {
					return err
				}
				chosen.all = true
				if letters, err = chosen.from(letters); err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"records": letters})
				}
				return printDeadletters(cmd.OutOrStdout(), letters)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	cmd.Flags().StringVar(&chosen.class, "class", "", "only records of this `CLASS`")
	return cmd
}

// deadletter is one failed record. A record whose batch was delivered several
// times is there as often: Sequence is its first entry, Copies are the others.
type deadletter struct {
	Sequence uint64    `json:"sequence"`
	Copies   []uint64  `json:"copies"`
	Service  string    `json:"service"`
	Class    string    `json:"class"`
	Kind     string    `json:"kind"`
	Platform string    `json:"platform"`
	Lane     string    `json:"lane"`
	Records  int       `json:"records"`
	Bytes    int       `json:"bytes"`
	FailedAt time.Time `json:"failed_at"`

	entry    bus.FailedRecord
	identity [32]byte
	known    bool // identity is
}

// deadletters reads FAILED, oldest first. With the key ring, entries of one
// record are recognised; without, each stands for itself.
func (s *session) deadletters(ctx context.Context) ([]deadletter, error) {
	key, err := s.failedKey()
	if err != nil && !errors.Is(err, errNoRingForRetry) {
		return nil, err
	}
	letters := []deadletter{}
	at := map[[32]byte]int{}
	err = s.conn.FailedRecords(ctx, func(f bus.FailedRecord) bool {
		d := deadletter{
			Sequence: f.Sequence, Copies: []uint64{}, Service: f.Service, Class: string(f.Class), Kind: string(f.Of.Kind),
			Platform: bus.PlatformToken(f.Of.Platform), Lane: string(f.Of.Lane), Records: f.Records, Bytes: f.Bytes,
			FailedAt: f.FailedAt, entry: f,
		}
		if err == nil {
			d.identity, d.known = f.Identity(key)
		}
		if i, again := at[d.identity]; again && d.known {
			letters[i].Copies = append(letters[i].Copies, f.Sequence)
			return true
		}
		if d.known {
			at[d.identity] = len(letters)
		}
		letters = append(letters, d)
		return true
	})
	return letters, err
}

// errNoRingForRetry says that records cannot be opened here.
var errNoRingForRetry = wrongUse(errors.New("failed records are sealed: run this where the study's key ring lies, or name it with --keys"))

// failedKey is what opens FAILED.
func (s *session) failedKey() (privacy.PrivateKey, error) {
	if s.parts.ring == nil {
		return privacy.PrivateKey{}, errNoRingForRetry
	}
	return s.parts.ring.FailedKey()
}

// choice is which failed records a command is about.
type choice struct {
	class     string
	all       bool
	sequences []uint64
}

// read takes the sequences from the command line.
func (c *choice) read(given []string) error {
	for _, text := range given {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return wrongUse(errors.New("a SEQUENCE is a number; `doxtrail deadletters list` shows them"))
		}
		c.sequences = append(c.sequences, n)
	}
	if c.all == (len(c.sequences) > 0) {
		return wrongUse(errors.New("name either --all or the SEQUENCEs that `doxtrail deadletters list` shows"))
	}
	return nil
}

// from picks the records. A sequence that is not there is wrong use: nothing is
// done then.
func (c *choice) from(letters []deadletter) ([]deadletter, error) {
	found := map[uint64]bool{}
	picked := slices.DeleteFunc(slices.Clone(letters), func(d deadletter) bool {
		named := c.all
		for _, n := range append([]uint64{d.Sequence}, d.Copies...) {
			if slices.Contains(c.sequences, n) {
				named, found[n] = true, true
			}
		}
		return !named || c.class != "" && d.Class != c.class
	})
	for _, n := range c.sequences {
		if !found[n] {
			return nil, wrongUse(fmt.Errorf("no failed record has the sequence %d; `doxtrail deadletters list` shows them", n))
		}
	}
	return picked, nil
}

// printDeadletters prints a table, how many they are, and what to do.
func printDeadletters(w io.Writer, letters []deadletter) error {
	if len(letters) == 0 {
		_, err := fmt.Fprintln(w, "no failed records")
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "sequence\tservice\tclass\tkind\tplatform\tlane\trecords\tbytes\ttimes\tfailed_at")
	records, entries := 0, 0
	for _, d := range letters {
		times := 1 + len(d.Copies)
		records += d.Records
		entries += times
		fmt.Fprintf(tw, "%d\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n", d.Sequence, d.Service, d.Class, d.Kind, d.Platform,
			d.Lane, d.Records, d.Bytes, times, d.FailedAt.Format(time.RFC3339))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s failed, %s in all. When the cause is mended: `doxtrail deadletters retry --all`.\nTo give them up for good: `doxtrail deadletters drop --all`.\n",
		plural(records, "record"), plurals(entries, "entry", "entries"))
	return err
}

func plurals(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
