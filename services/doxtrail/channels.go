package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
	"github.com/doxtrail/doxtrail/services/provisioner"
)

func newChannels(opts *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "channels",
		Short: "Show watched and proposed channels, and decide about those that are proposed",
		Long: `Channels that watched channels pass on or link to are counted and proposed. Nothing
is read from one before a person approves it. A channel is named by its key, never
by its handle, which may name a victim. Decisions are kept sealed, beside the watch
list file and independent of it; where both name a channel the file wins.

Beside real servers the key ring is needed: run this where it lies, or name it with
--keys.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newChannelsList(opts), newChannelsProposed(opts), newChannelsApprove(opts), newChannelsReject(opts))
	return cmd
}

func newChannelsList(opts *options) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the watched channels, and how the collector gets on with each",
		Args:  args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
				channels, err := s.watched(ctx)
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"channels": channels})
				}
				return printWatched(cmd.OutOrStdout(), channels)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	return cmd
}

// watchedChannel is one channel of the list in force.
type watchedChannel struct {
	Label    string `json:"label"`
	Platform string `json:"platform"`
	// From is file or decision: what has it on the list.
	From string `json:"from"`
	// State and Why are what the collector last said of it; empty where none looks
	// at it.
	State string `json:"state,omitempty"`
	Why   string `json:"why,omitempty"`
}

func (s *session) watched(ctx context.Context) ([]watchedChannel, error) {
	k, err := s.knownChannels(ctx)
	if err != nil {
		return nil, err
	}
	report, _, err := telegramcollector.ReadReport(ctx, s.conn, s.parts.ring.StateKey(), s.cfg.CollectorTelegram)
	if err != nil {
		return nil, err
	}
	looked := map[string]telegramcollector.ChannelReport{}
	for _, c := range report.Channels {
		looked[c.Label] = c
	}
	channels := []watchedChannel{}
	for _, c := range k.effective.Channels {
		if !c.Listed {
			continue
		}
		w := watchedChannel{Label: c.Label, Platform: c.Platform, From: "file"}
		if c.Decided {
			w.From = "decision"
		}
		if r, ok := looked[c.Label]; ok && c.Platform == "telegram" {
			w.State, w.Why = r.State, r.Why
		}
		channels = append(channels, w)
	}
	return channels, nil
}

func printWatched(w io.Writer, channels []watchedChannel) error {
	if len(channels) == 0 {
		_, err := fmt.Fprintln(w, "no channel is watched")
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "label\tplatform\tfrom\tstate\twhy")
	for _, c := range channels {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", c.Label, c.Platform, c.From, orNone(c.State), orNone(c.Why))
	}
	return tw.Flush()
}

// orNone shows an empty column.
func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// knownChannels is what a study knows of channels.
type knownChannels struct {
	effective *watchlist.Effective
	decided   *watchlist.Decided
}

// errNoRingForChannels says that the names of channels cannot be opened here.
var errNoRingForChannels = wrongUse(errors.New("channels are kept sealed: run this where the study's key ring lies, or name it with --keys"))

// knownChannels reads the list in force and the decisions.
func (s *session) knownChannels(ctx context.Context) (k knownChannels, err error) {
	if s.parts.ring == nil {
		return k, errNoRingForChannels
	}
	key := s.parts.ring.StateKey()
	bucket, err := s.conn.Watchlist(ctx)
	if err != nil {
		return k, err
	}
	published, err := bucket.Load(ctx)
	switch {
	case errors.Is(err, bus.ErrAbsent):
		k.effective = &watchlist.Effective{}
	case err != nil:
		return k, err
	default:
		if k.effective, err = watchlist.Unseal(key, published.Sealed); err != nil {
			return k, err
		}
	}
	k.decided, _, err = provisioner.LoadDecided(ctx, s.conn, key)
	return k, err
}

// listed gives the entry that has a channel on the list in force.
func (k knownChannels) listed(c watchlist.Channel) (watchlist.EffectiveChannel, bool) {
	for _, e := range k.effective.Channels {
		if e.Listed && e.Same(c) {
			return e, true
		}
	}
	return watchlist.EffectiveChannel{}, false
}
