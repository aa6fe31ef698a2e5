package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	archivecollector "github.com/doxtrail/doxtrail/services/collector/archive"
)

func newImport(opts *options) *cobra.Command {
	var format, label string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "import [flags] PATH...",
		Short: "Read archives of posts; end when what they hold can be queried",
		Long: `Reads archives of posts: Telegram Desktop (result.json) and twarc2 (JSON lines),
plain, .gz or .zip. A PATH may be a file, a folder or - for standard input. The
format is recognised by content. Of a Telegram export only public channels are
read; private chats, contacts and sessions are skipped unread.

Reading a file twice changes nothing, and an import that was interrupted goes on
where it stopped: of a file that was read before, only what is not stored yet is
sent again, or all of it if the watch list has changed. Files are known by their
SHA-256: no path and no file name is kept or printed. What is broken is named by
the file's position in the call, byte offset and class, and the rest goes on.`,
		Args: args(count(1, math.MaxInt, "name the archives to read: files, folders, or - for standard input")),
		RunE: func(cmd *cobra.Command, paths []string) error {
			f, err := archive.ParseFormat(format)
			if err != nil {
				return wrongUse(err)
			}
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			call := archivecollector.Call{Files: archive.Open(paths, interruptible(cmd.Context(), cmd.InOrStdin())), Format: f, Label: label}
			return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
				sum, err := s.importArchives(ctx, call, cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				return reportImport(cmd, sum, asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "auto", strings.Join(archive.FormatNames(), ", "))
	cmd.Flags().StringVar(&label, "channel", "", "the watch list's neutral `LABEL` for what is read")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	return cmd
}

// imported is what an import came to, as --json prints it.
type imported struct {
	Files      int    `json:"files"`
	Records    uint64 `json:"records"`
	Posts      uint64 `json:"posts"`
	NonPosts   uint64 `json:"non_posts"`
	Duplicates uint64 `json:"duplicates"`
	Rejected   uint64 `json:"rejected"`
	Conflicts  uint64 `json:"conflicts"`
	Links      uint64 `json:"links"`
	Sightings  uint64 `json:"sightings"`

	// faults is what was wrong, one line each, without content.
	faults []string
	// incomplete says that a file was not read to its end.
	incomplete bool
	// missing says what was read and is no row, one sentence a file.
	missing []string
}

// importArchives reads archives and waits until they are rows.
func (s *session) importArchives(ctx context.Context, call archivecollector.Call, stderr io.Writer) (imported, error) {
	if err := s.checkLabel(ctx, call.Label); err != nil {
		return imported{}, err
	}
	collector := archivecollector.New(s.cfg.CollectorArchive, archivecollector.Deps{Log: s.log, Registry: prometheus.NewRegistry(), Conn: s.conn}) // nobody scrapes a command
	bar := newProgress(stderr)
	call.Reading, call.Continuing = bar.file, bar.continuing
	var err error
	if call.Covered, err = s.coveredNow(ctx); err != nil {
		return imported{}, err
	}
	sum, err := collector.Import(ctx, call)
	bar.readBefore(sum)
	bar.done()
	if err != nil {
		return imported{}, err
	}
	if err := s.awaitRows(ctx, sum.Sequence); err != nil {
		return imported{}, err
	}
	out, ids := figures(sum)
	if out.missing, err = s.missing(ctx, sum); err != nil {
		return imported{}, err
	}
	out.Links, out.Sightings, err = s.importFigures(ctx, ids)
	return out, err
}

// figures turns a summary into what is printed, and lists the files that were
// read.
func figures(sum archivecollector.Summary) (imported, [][16]byte) {
	n := sum.Counts
	out := imported{
		Files: len(sum.Files), Records: n.Records, Posts: n.Posts, NonPosts: n.NonPosts,
		Duplicates: n.Duplicates, Rejected: n.Rejected, Conflicts: n.Conflicts,
	}
	if n := sum.PassedOver; n > 0 {
		out.faults = append(out.faults, "note: passed over in folders: "+plural(n, "file")+" of other formats")
	}
	if len(sum.Files) == 0 {
		out.faults = append(out.faults, "note: there is no archive in what was named: look for result.json or JSON lines of twarc2")
	}
	ids := make([][16]byte, 0, len(sum.Files))
	for _, f := range sum.Files {
		if f.Err != nil {
			out.faults = append(out.faults, "not read: "+sentence(f.Err)) // it names the file's position
			out.incomplete = true
			continue
		}
		ids = append(ids, f.ImportID)
		for _, fault := range f.Result.Faults {
			how := "note: "
			if fault.Lost() {
				how = "not read: "
			}
			out.faults = append(out.faults, how+fault.Sentence(f.Ordinal))
		}
		out.incomplete = out.incomplete || !f.Result.Complete
	}
	return out, ids
}

// sentence says what is wrong with a file in words for its owner.
func sentence(err error) string {
	var refused *archive.Error
	if errors.As(err, &refused) {
		return refused.Sentence()
	}
	return err.Error()
}

// checkLabel refuses a label that the watch list does not have: what would be
// stored then is whatever was typed.
func (s *session) checkLabel(ctx context.Context, label string) error {
	if label == "" {
		return nil
	}
	known, err := s.knowsLabel(ctx, label)
	if err != nil {
		return err
	}
	if !known {
		return wrongUse(errors.New("the watch list has no channel with the label given by --channel"))
	}
	return nil
}

// knowsLabel asks the watch list in force. Beside real servers only services can
// open it, so the decisions that were made of it are asked: for all labels, since
// what was typed may be a name, and servers remember what they are asked.
func (s *session) knowsLabel(ctx context.Context, label string) (bool, error) {
	if s.provisioner != nil {
		list, err := s.provisioner.Effective(ctx)
		if list == nil || err != nil {
			return false, err
		}
		_, known := list.ChannelByLabel(label)
		return known, nil
	}
	const sql = `SELECT DISTINCT toString(label) AS known_label FROM decisions WHERE kind = 'channel_approved' AND in_force`
	var rows []struct {
		Label string `ch:"known_label"`
	}
	if err := s.reader.Select(ctx, &rows, sql, nil); err != nil {
		return false, err
	}
	for _, row := range rows {
		if row.Label == label {
			return true, nil
		}
	}
	return false, nil
}

// importFigures adds up what the normaliser found in the posts of some files.
func (s *session) importFigures(ctx context.Context, ids [][16]byte) (links, sightings uint64, err error) {
	const sql = `SELECT sum(link_count) AS links, sum(sighting_count) AS sightings FROM coverage WHERE import_id IN {ids:Array(UUID)}`
	texts := make([]string, 0, len(ids))
	for _, id := range ids {
		texts = append(texts, "'"+privacy.Key(id).String()+"'")
	}
	var rows []struct {
		Links     uint64 `ch:"links"`
		Sightings uint64 `ch:"sightings"`
	}
	if err := s.reader.Select(ctx, &rows, sql, map[string]string{"ids": "[" + strings.Join(texts, ",") + "]"}); err != nil {
		return 0, 0, err
	}
	return rows[0].Links, rows[0].Sightings, nil
}

// These make the exit code 1 after everything that can be read and stored is.
var (
	errIncomplete = errors.New("some files could not be read to their end")
	errMissing    = errors.New("some posts that were read are not rows")
)

// reportImport prints the figures to stdout, then the faults to stderr.
func reportImport(cmd *cobra.Command, n imported, asJSON bool) error {
	out := cmd.OutOrStdout()
	if asJSON {
		if err := json.NewEncoder(out).Encode(n); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(out, "read %s: %s records = %s posts + %s non-posts + %s rejected + %s duplicates (%s with other content)\n",
			plural(n.Files, "file"), grouped(n.Records), grouped(n.Posts), grouped(n.NonPosts), grouped(n.Rejected), grouped(n.Duplicates), grouped(n.Conflicts))
		fmt.Fprintf(out, "found %s links, %s sightings of cards\n", grouped(n.Links), grouped(n.Sightings))
	}
	for _, f := range n.faults {
		fmt.Fprintln(cmd.ErrOrStderr(), f)
	}
	for _, m := range n.missing {
		fmt.Fprintln(cmd.ErrOrStderr(), m)
	}
	switch {
	case n.incomplete:
		return errIncomplete
	case len(n.missing) > 0:
		return errMissing
	default:
		return nil
	}
}

// grouped writes a number with thousands separators.
func grouped(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
