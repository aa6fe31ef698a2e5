package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
)

const (
	// worthALook is how often a channel is named before it is shown: the threshold
	// at which 4CAT follows a channel by itself.
	worthALook = 5
	// shortKey is how many digits of a key are shown, and at least named.
	shortKey = 8
	// labelsShown bounds the watched channels that a line of the table names.
	labelsShown = 3
)

func newChannelsProposed(opts *options) *cobra.Command {
	var asJSON, all, handles bool
	cmd := &cobra.Command{
		Use:   "proposed",
		Short: "List the channels that watched channels name, those first that most of them name",
		Long: fmt.Sprintf(`Lists channels that watched ones pass on or link to, at least %d times unless --all
is given, and that nobody has decided about. Handles are not shown. To look at a
channel before deciding, --show-handles shows them: a handle may name a victim.`, worthALook),
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
				open, err := s.openProposals(ctx, all)
				if err != nil {
					return err
				}
				if handles {
					s.showHandles(cmd, open)
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"channels": open})
				}
				return printProposed(cmd.OutOrStdout(), open, handles)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	cmd.Flags().BoolVar(&all, "all", false, "also those that are named rarely")
	cmd.Flags().BoolVar(&handles, "show-handles", false, "also handles and ids, which may name victims")
	return cmd
}

// proposedChannel is one channel that a person may decide about. Handle and ID are
// empty unless they were asked for.
type proposedChannel struct {
	Key      privacy.Key `json:"key"`
	Platform string      `json:"platform"`
	// Kind is channel, group, or unknown where only a link was seen.
	Kind     string `json:"kind"`
	Forwards int    `json:"forwards"`
	Links    int    `json:"links"`
	// Linked says that it belongs to a watched channel, as its discussion does.
	Linked bool `json:"linked"`
	// Labels are the watched channels that name it.
	Labels  []string  `json:"labels"`
	FirstAt time.Time `json:"first_at"`
	LastAt  time.Time `json:"last_at"`
	Handle  string    `json:"handle,omitempty"`
	ID      string    `json:"id,omitempty"`

	channel watchlist.Channel
}

// short is the key as tables show it.
func (p proposedChannel) short() string { return hexOf(p.Key)[:shortKey] }

func hexOf(key privacy.Key) string { return hex.EncodeToString(key.Bytes()) }

// keyOf is the key under which a channel's posts stand in tables.
func (s *session) keyOf(c watchlist.Channel) privacy.Key {
	platform := doxtrailv1.Platform(doxtrailv1.Platform_value["PLATFORM_"+strings.ToUpper(c.Platform)])
	if c.ID != "" {
		return s.parts.ring.Keyer().Channel(platform, c.ID)
	}
	return s.parts.ring.Keyer().ChannelName(platform, c.Name)
}

// proposals reads all channels that were ever proposed, whatever was decided.
func (s *session) proposals(ctx context.Context) ([]proposedChannel, error) {
	if s.parts.ring == nil {
		return nil, errNoRingForChannels
	}
	kept, err := telegramcollector.ReadProposals(ctx, s.conn, s.parts.ring.StateKey(), s.cfg.CollectorTelegram)
	if err != nil {
		return nil, err
	}
	proposals := make([]proposedChannel, 0, len(kept))
	for _, p := range kept {
		c := watchlist.Channel{Platform: "telegram", Name: p.Name}
		if p.ID != 0 {
			c.ID = strconv.FormatInt(p.ID, 10)
		}
		proposals = append(proposals, proposedChannel{
			Key: s.keyOf(c), Platform: c.Platform, Kind: kindOf(p), Forwards: p.Forwards, Links: p.Links, Linked: p.Linked,
			Labels: append([]string{}, p.Labels...), FirstAt: time.UnixMilli(p.FirstAt).UTC(), LastAt: time.UnixMilli(p.LastAt).UTC(), channel: c,
		})
	}
	return proposals, nil
}

func kindOf(p *telegramcollector.Proposal) string {
	switch {
	case p.Hash == 0:
		return "unknown"
	case p.Group:
		return "group"
	}
	return "channel"
}

// openProposals are those that nobody decided about and the file does not name.
func (s *session) openProposals(ctx context.Context, all bool) ([]proposedChannel, error) {
	k, err := s.knownChannels(ctx)
	if err != nil {
		return nil, err
	}
	proposals, err := s.proposals(ctx)
	if err != nil {
		return nil, err
	}
	open := []proposedChannel{}
	for _, p := range proposals {
		_, listed := k.listed(p.channel)
		_, decided := k.decided.Find(p.channel)
		if !listed && !decided && (all || p.Forwards+p.Links >= worthALook) {
			open = append(open, p)
		}
	}
	return open, nil
}

// showHandles puts into each what a person needs to look at it, and leaves a trace
// of that in the log.
func (s *session) showHandles(cmd *cobra.Command, proposals []proposedChannel) {
	if len(proposals) == 0 {
		return
	}
	keys := make([]string, 0, len(proposals))
	for i := range proposals {
		p := &proposals[i]
		p.Handle, p.ID = p.channel.Name, p.channel.ID
		keys = append(keys, p.Key.String())
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "handles may name victims: show them to nobody who does not decide, and keep them out of files")
	s.log.Warn("handles of proposed channels were shown", "channel_keys", keys)
}

func printProposed(w io.Writer, proposals []proposedChannel, handles bool) error {
	if len(proposals) == 0 {
		_, err := fmt.Fprintln(w, "no channel is proposed")
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(tw, "no\tkey\tkind\tforwards\tlinks\tlinked\tfirst\tlast\tby")
	if handles {
		fmt.Fprint(tw, "\tid\thandle")
	}
	fmt.Fprintln(tw)
	for i, p := range proposals {
		fmt.Fprintf(tw, "%d\t%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s", i+1, p.short(), p.Kind, p.Forwards, p.Links, yesOrNo(p.Linked),
			p.FirstAt.Format(time.DateOnly), p.LastAt.Format(time.DateOnly), byWhom(p.Labels))
		if handles {
			fmt.Fprintf(tw, "\t%s\t%s", orNone(p.ID), orNone(p.Handle))
		}
		fmt.Fprintln(tw)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s proposed. To decide: `doxtrail channels approve KEY` or `doxtrail channels reject KEY`.\n", plural(len(proposals), "channel"))
	return err
}

func yesOrNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// byWhom says how many watched channels name one, and some of them.
func byWhom(labels []string) string {
	text := fmt.Sprintf("%d: %s", len(labels), strings.Join(labels[:min(len(labels), labelsShown)], ", "))
	if len(labels) > labelsShown {
		text += ", ..."
	}
	return text
}

// keyArgument takes one key or its beginning. The error does not repeat it: what was
// typed may be a handle.
func keyArgument(_ *cobra.Command, given []string) error {
	if len(given) != 1 {
		return errors.New("name one KEY, as `doxtrail channels proposed` shows it")
	}
	if digits := keyDigits(given[0]); len(digits) < shortKey || len(digits) > 2*privacy.KeySize || strings.Trim(digits, "0123456789abcdef") != "" {
		return fmt.Errorf("a KEY has %d to %d digits from 0 to f; `doxtrail channels proposed` shows it. Handles are never arguments", shortKey, 2*privacy.KeySize)
	}
	return nil
}

func keyDigits(given string) string { return strings.ToLower(strings.ReplaceAll(given, "-", "")) }
