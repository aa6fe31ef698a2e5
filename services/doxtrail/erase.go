package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/audit"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// eraseFlags are what is erased and how.
type eraseFlags struct {
	what    map[string]*bool
	reason  string
	dryRun  bool
	receipt string
	wait    time.Duration
}

func newErase(opts *options) *cobra.Command {
	f := eraseFlags{what: map[string]*bool{}}
	cmd := &cobra.Command{
		Use:   "erase --card | --post | --channel | --account | --case --reason WHY",
		Short: "Erase what is known of a card, a post, a channel or an account, for good",
		Long: `Reads from standard input what is to be erased, one value a line: never as an
argument, which shells and ps show. A value is an address (of a card's page; of a post
such as t.me/NAME/1, t.me/c/ID/1 or x.com/i/web/status/1; of a channel such as t.me/NAME
or x.com/NAME; telegram:ID or twitter:ID for a channel or an account) or the key that
tables show. --case takes a list of any of these. Nothing of it is shown or kept.

It writes tombstones beside the key ring first, then deletes the rows, then takes the
records out of the streams, then looks everywhere for what is left and prints a signed
receipt: counts and nothing else. What was erased does not come back: not by a replay,
a restore, nor by importing it again. Killed half way, the same command again finishes
it. --dry-run counts what would go, and each address of it as one of the look-ups of the
hour (see lookup). Every call is in the audit log.

Archives, exports and backups that lie elsewhere still hold it: destroy them. A watched
channel is still read, and nothing of it kept: take it off the watch list.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			kind, err := f.check()
			if err != nil {
				return err
			}
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			values, err := readValues(cmd, kind)
			if err != nil {
				return err
			}
			return withSession(cmd, cfg, func(ctx context.Context, s *session) error { return s.erase(ctx, cmd, values, f) })
		},
	}
	for _, kind := range []string{kindCard, kindPost, kindChannel, kindAccount, kindCase} {
		f.what[kind] = cmd.Flags().Bool(kind, false, eraseHelp[kind])
	}
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, in a few words that name no person; for the audit log")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "count what would go; erase nothing")
	cmd.Flags().StringVar(&f.receipt, "receipt", "", "write the receipt to `FILE` and its signature to FILE.sig, not to standard output")
	cmd.Flags().DurationVar(&f.wait, "wait", 10*time.Minute, "how long to wait for what is still on its way to the tables")
	return cmd
}

var eraseHelp = map[string]string{ //nolint:gochecknoglobals // constant
	kindCard:    "erase cards: their addresses or card_keys",
	kindPost:    "erase posts: their addresses or post_keys",
	kindChannel: "erase channels and all their posts: addresses, telegram:ID, twitter:ID or channel_keys",
	kindAccount: "erase what accounts posted: addresses on X, telegram:ID, twitter:ID or account_keys",
	kindCase:    "erase a list of any of these",
}

// check finds wrong flags before anything is read.
func (f *eraseFlags) check() (kind string, err error) {
	var chosen []string
	for name, on := range f.what {
		if *on {
			chosen = append(chosen, name)
		}
	}
	switch {
	case len(chosen) != 1:
		return "", wrongUse(errors.New("say what the values are: one of --card, --post, --channel, --account, --case"))
	case strings.TrimSpace(f.reason) == "":
		return "", wrongUse(errors.New("say why with --reason, in a few words that name no person: it goes into the audit log"))
	case f.receipt != "" && f.dryRun:
		return "", wrongUse(errors.New("--dry-run erases nothing, so there is no receipt"))
	}
	if f.receipt != "" {
		if info, err := os.Stat(filepath.Dir(f.receipt)); err != nil || !info.IsDir() {
			return "", wrongUse(errors.New("--receipt names a file in a folder that is not there; nothing was erased"))
		}
		for _, path := range []string{f.receipt, f.receipt + signatureSuffix} {
			if _, err := os.Lstat(path); err == nil {
				return "", wrongUse(errors.New("--receipt names a file that is there already, or beside which a signature is; it is never overwritten"))
			}
		}
	}
	return chosen[0], nil
}

// errNoRingForErase says that keys cannot be made here.
var errNoRingForErase = wrongUse(errors.New("what is erased is known by keys: run this where the study's key ring lies, or name it with --keys"))

// erase does it, in the order in which a crash at any moment loses nothing that was
// not to go, and the next call finishes.
func (s *session) erase(ctx context.Context, cmd *cobra.Command, values []value, f eraseFlags) error {
	if s.parts.ring == nil {
		return errNoRingForErase
	}
	started := time.Now()
	tombstones, err := privacy.OpenTombstones(s.cfg.Keys)
	if err == nil {
		err = s.noteErasure(values, f)
	}
	if err != nil {
		return plain(err)
	}
	p, err := s.plan(ctx, values, tombstones)
	if err != nil {
		return err
	}
	if f.dryRun {
		return s.dryRun(ctx, cmd.OutOrStdout(), p)
	}
	if err := tombstones.Append(p.tombstones()); err != nil {
		return err
	}
	if err := s.decideErased(ctx, p.targets, f.wait); err != nil {
		return err
	}
	r := receipt{Format: receiptFormat, Version: version, Ring: s.parts.ring.ID(), StartedAt: started, Targets: countValues(values)}
	coming := s.drain(ctx, f.wait)
	if coming != nil && !errors.Is(coming, errInFlight) {
		return coming
	}
	if err = s.eraseEverywhere(ctx, p, &r); err == nil {
		err = s.dropReplaced(ctx, f.wait)
	}
	if err == nil && coming != nil {
		err = errStillComing
	}
	if err != nil {
		return err
	}
	if err := r.issue(cmd.OutOrStdout(), s.parts.ring, f.receipt); err != nil {
		return err
	}
	r.note(cmd.ErrOrStderr())
	if n := r.Scan.Total; n > 0 {
		return plain(fmt.Errorf("%s of it left: see the receipt, and run the command again", plurals(int(min(n, 1<<30)), "record is", "records are")))
	}
	return nil
}

// dropReplaced takes off this machine's disk what tables have replaced. Servers run on,
// and do so by themselves.
func (s *session) dropReplaced(ctx context.Context, wait time.Duration) error {
	if !s.cfg.embedded() {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	err := s.store.DropReplaced(bounded)
	if err != nil && ctx.Err() == nil && bounded.Err() != nil {
		return errNotOffDisk
	}
	return err
}

// errNotOffDisk is what an erasure ends with whose rows still lie on the disk.
var errNotOffDisk = plain(errors.New("it was erased from the tables, but a statement that takes its time keeps it on the disk, so there is no receipt: run the command again, or give it more time with --wait"))

// noteErasure puts the call into the audit log. A dry run tells whether something is
// known, as a look-up does, and costs nothing: so it is one for each address. Who has a
// key has it from the tables.
func (s *session) noteErasure(values []value, f eraseFlags) error {
	log := audit.Open(filepath.Join(s.cfg.Keys, audit.FileName))
	e := audit.Entry{Action: "erase", Reason: f.reason, Counts: countValues(values)}
	if !f.dryRun {
		return log.Append(e)
	}
	addresses := int64(0)
	for _, v := range values {
		if v.key.IsZero() {
			addresses++
		}
	}
	e.Action = "erase-dry-run"
	return noteLookups(log, e, addresses, time.Now())
}

// errStillComing is what an erasure ends with that cannot prove itself yet.
var errStillComing = plain(errors.New("it was erased, and nothing new of it is kept; but what was read before is still on its way to the tables, so there is no receipt: run the command again when `doxtrail status` shows no lag, or give it more time with --wait"))

// eraseEverywhere deletes rows and records and looks for what is left. What came
// meanwhile from a service that did not know of the tombstones yet goes in the next
// round.
func (s *session) eraseEverywhere(ctx context.Context, p *plan, r *receipt) error {
	const rounds = 3
	r.Rows, r.Records = map[string]uint64{}, map[string]uint64{}
	for range rounds {
		rows, err := s.store.EnforceErasures(ctx)
		for kind, n := range rows {
			r.Rows[string(kind)] += n
		}
		if err != nil {
			return err
		}
		found, err := s.siftStreams(ctx, p, true)
		if err != nil {
			return err
		}
		for stream, n := range found.records {
			r.Records[stream] += n
		}
		if r.Scan, r.Unread, err = s.scan(ctx, p); err != nil || r.Scan.Total == 0 {
			return err
		}
	}
	return nil
}

// dryRun prints what would go.
func (s *session) dryRun(ctx context.Context, out io.Writer, p *plan) error {
	rows, err := s.store.WouldErase(ctx, p.targets)
	if err != nil {
		return err
	}
	found, err := s.siftStreams(ctx, p, false)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "would erase %s and %s\n", plurals(int(rows.Rows()), "row", "rows"), plurals(int(found.sum()), "record on streams", "records on streams"))
	for _, kind := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(out, "  %s  %s\n", kind, grouped(rows[kind]))
	}
	for _, stream := range slices.Sorted(maps.Keys(found.records)) {
		fmt.Fprintf(out, "  %s  %s\n", stream, grouped(found.records[stream]))
	}
	return nil
}

// scan looks for what is left, in every column of every table and in every message
// that can be read.
func (s *session) scan(ctx context.Context, p *plan) (scan, map[string]uint64, error) {
	left, kept, err := s.store.Left(ctx, p.keys(), p.pages)
	if err != nil {
		return scan{}, nil, err
	}
	found, err := s.siftStreams(ctx, p, false)
	if err != nil {
		return scan{}, nil, err
	}
	aside, err := s.store.AsideParts(ctx)
	if err != nil {
		return scan{}, nil, err
	}
	if aside > 0 {
		found.unread[unreadParts] = aside
	}
	result := scan{At: time.Now().UTC(), Left: found.records, Kept: words(kept)}
	for kind, n := range left {
		result.Left[string(kind)] = n
	}
	for _, n := range result.Left {
		result.Total += n
	}
	return result, found.unread, nil
}

// words has the kinds of rows as a receipt names them.
func words(rows store.Erased) map[string]uint64 {
	named := map[string]uint64{}
	for kind, n := range rows {
		named[string(kind)] = n
	}
	return named
}
