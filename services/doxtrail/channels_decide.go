package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/provisioner"
)

const (
	// longestReason bounds the reason of a decision, in bytes.
	longestReason = 500
	// tellingPart is how much of a handle gives it away: shorter parts are in too
	// many words.
	tellingPart = 4
)

func newChannelsApprove(opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "approve KEY",
		Short: "Watch a proposed channel, under a neutral label",
		Long: `Asks for a neutral label, whether the handle names a person who is exposed, and why
the channel is to be watched; without a terminal it reads these as three lines from
standard input. The channel is watched from then on, whatever becomes of the watch
list file. KEY is what 'doxtrail channels proposed' shows. A channel that was
rejected can be approved after all.`,
		Args: args(keyArgument),
		RunE: func(cmd *cobra.Command, given []string) error { return decide(cmd, opts, given[0], askApproval) },
	}
}

func newChannelsReject(opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "reject KEY",
		Short: "Decide that a channel is not watched, nor proposed again",
		Long: `Asks why, or reads it as a line from standard input. KEY is what 'doxtrail channels
proposed' shows. A channel that was approved is not watched any more; what was read
stays.`,
		Args: args(keyArgument),
		RunE: func(cmd *cobra.Command, given []string) error { return decide(cmd, opts, given[0], askRejection) },
	}
}

// decision asks a person about one channel.
type decision func(q *questions, k knownChannels, c watchlist.Channel) (watchlist.DecidedChannel, error)

// decide finds the channel, asks, keeps the decision and says what it was.
func decide(cmd *cobra.Command, opts *options, key string, ask decision) error {
	cfg, err := opts.load()
	if err != nil {
		return err
	}
	return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
		k, err := s.knownChannels(ctx)
		if err != nil {
			return err
		}
		c, err := s.channelByKey(ctx, k, key)
		if err != nil {
			return err
		}
		if listed, ok := k.listed(c); ok && !listed.Decided {
			return wrongUse(fmt.Errorf("the watch list file names this channel, as %s, and the file wins: change it there", listed.Label))
		}
		decided, err := ask(newQuestions(ctx, cmd), k, c)
		if err != nil {
			return err
		}
		if err := s.keepDecision(ctx, decided); err != nil {
			return err
		}
		short := hexOf(s.keyOf(c))[:shortKey]
		if decided.Rejected {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "rejected %s: it is not watched, and not proposed again\n", short)
			return err
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "approved %s as %s; its handle names a target: %s\n", short, decided.Label, yesOrNo(decided.NamesTarget))
		return err
	})
}

// channelByKey finds the channel that was proposed, or decided about, under a key
// or its beginning.
func (s *session) channelByKey(ctx context.Context, k knownChannels, key string) (found watchlist.Channel, err error) {
	proposals, err := s.proposals(ctx)
	if err != nil {
		return found, err
	}
	candidates := map[string]watchlist.Channel{}
	add := func(c watchlist.Channel) {
		if digits := hexOf(s.keyOf(c)); strings.HasPrefix(digits, keyDigits(key)) {
			candidates[digits] = c
		}
	}
	for _, c := range k.decided.Channels {
		add(watchlist.Channel{Platform: c.Platform, ID: c.ID, Name: c.Name})
	}
	for _, p := range proposals {
		add(p.channel) // it knows the newest handle
	}
	switch len(candidates) {
	case 0:
		return found, wrongUse(errors.New("no channel that is proposed has this key; `doxtrail channels proposed --all` shows them"))
	case 1:
		for _, c := range candidates {
			found = c
		}
		return found, nil
	}
	return found, wrongUse(errors.New("several channels have keys that begin so; `doxtrail channels proposed --json` shows whole keys"))
}

// keepDecision keeps a decision, unless the label was given away meanwhile, and has
// it take effect.
func (s *session) keepDecision(ctx context.Context, decided watchlist.DecidedChannel) error {
	err := provisioner.Decide(ctx, s.conn, s.parts.ring.StateKey(), func(d *watchlist.Decided) (*watchlist.Decided, error) {
		for _, other := range d.Channels {
			if !other.Rejected && !decided.Rejected && other.Label == decided.Label && !other.Same(decided.Channel) {
				return nil, errLabelTaken
			}
		}
		return d.With(decided), nil
	})
	if err != nil {
		return err
	}
	return s.applyWatchlist(ctx)
}

func askApproval(q *questions, k knownChannels, c watchlist.Channel) (watchlist.DecidedChannel, error) {
	var d watchlist.DecidedChannel
	if before, ok := k.decided.Find(c); ok && !before.Rejected {
		return d, wrongUse(fmt.Errorf("this channel is approved already, as %s", before.Label))
	}
	label, err := q.line("neutral label (letters, digits and hyphens):")
	if err != nil {
		return d, err
	}
	if err := checkNewLabel(k, c, label); err != nil {
		return d, err
	}
	names, err := q.yes("does the handle identify a target, a person who is exposed?")
	if err != nil {
		return d, err
	}
	reason, err := askReason(q, "why it is watched:")
	if err != nil {
		return d, err
	}
	c.Label, c.Reason = label, reason
	return watchlist.DecidedChannel{Channel: c, NamesTarget: names, At: time.Now().UnixMilli()}, nil
}

func askRejection(q *questions, k knownChannels, c watchlist.Channel) (watchlist.DecidedChannel, error) {
	var d watchlist.DecidedChannel
	before, ok := k.decided.Find(c)
	if ok && before.Rejected {
		return d, wrongUse(errors.New("this channel is rejected already"))
	}
	reason, err := askReason(q, "why it is not watched:")
	if err != nil {
		return d, err
	}
	c.Reason = reason
	return watchlist.DecidedChannel{Channel: c, NamesTarget: before.NamesTarget, Rejected: true, At: time.Now().UnixMilli()}, nil
}

func askReason(q *questions, question string) (string, error) {
	reason, err := q.line(question)
	if err == nil && len(reason) > longestReason {
		err = wrongUse(fmt.Errorf("a reason has at most %d bytes, so nothing was decided", longestReason))
	}
	return reason, err
}

var (
	errLabelForm    = wrongUse(errors.New("a label has 1 to 64 letters, digits and hyphens, so nothing was decided"))
	errLabelTaken   = wrongUse(errors.New("another channel has or had this label, so nothing was decided: give it one of its own"))
	errLabelTelling = wrongUse(errors.New("the label holds the channel's id or a part of its handle, and labels are printed everywhere, so nothing was decided: give it one that says nothing, such as tg-17"))
)

// checkNewLabel refuses a label that is none, that is taken, and one that gives the
// channel away. Whether it is neutral else only the person can tell.
func checkNewLabel(k knownChannels, c watchlist.Channel, label string) error {
	if !watchlist.ValidLabel(label) {
		return errLabelForm
	}
	for _, other := range k.effective.Channels {
		if other.Label == label && !other.Same(c) {
			return errLabelTaken
		}
	}
	if telling(label, c) {
		return errLabelTelling
	}
	return nil
}

// telling says whether a label holds a channel's id, or as much of its handle as
// can be told, however it is spelled.
func telling(label string, c watchlist.Channel) bool {
	said, handle := bareText(label), bareText(c.Name)
	if c.ID != "" && strings.Contains(said, c.ID) {
		return true
	}
	for i := 0; i+tellingPart <= len(handle); i++ {
		if strings.Contains(said, handle[i:i+tellingPart]) {
			return true
		}
	}
	return handle != "" && len(handle) < tellingPart && said == handle
}

// bareText leaves letters and digits, in lower case.
func bareText(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}
