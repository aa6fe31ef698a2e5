package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/provisioner"
)

const (
	// maxLinkLine bounds a line of text; a finder reads no more of one.
	maxLinkLine = 256 << 10
	// maxRefused is how many lines that were not read are named one by one.
	maxRefused = 20
)

func newLinks(opts *options) *cobra.Command {
	return &cobra.Command{
		Use:   "links",
		Short: "Show the links in lines of text, with their disguises and families; nothing is stored",
		Long: `Reads lines of text from standard input and prints a line of JSON for each link:
the number of the line, the bytes where the link starts and ends in it, the link as it
stands there (url), its host, registrable domain and canonical form, the level at which
it belongs to a family of the watch list file (exact, lookalike, permutation, near or
none) with the reason, and the disguises that were undone. Sites that were approved by
a decision are not in the file, so they are not known here.

  doxtrail links < lines.txt

Neither servers nor keys are needed, and nothing is kept. What is printed may name
persons: look at it, and do not keep it.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			list, err := provisioner.ReadWatchlist(cfg.Watchlist)
			if err != nil {
				return wrongUse(err)
			}
			effective, _ := watchlist.Next(nil, list)
			return newLinkPrinter(effective, cmd.OutOrStdout(), cmd.ErrOrStderr()).read(cmd.Context(), cmd.InOrStdin())
		},
	}
}

// shownLink is one link as `doxtrail links` prints it. Start and End are bytes of
// the line; a link that another one carries has the place of its carrier.
type shownLink struct {
	Line        int      `json:"line"`
	Start       int      `json:"start"`
	End         int      `json:"end"`
	URL         string   `json:"url"`
	Host        string   `json:"host"`
	Registrable string   `json:"registrable"`
	Canonical   string   `json:"canonical"`
	Level       string   `json:"level"`
	Reason      string   `json:"reason"`
	Family      string   `json:"family"`
	Disguises   []string `json:"disguises"`
}

// linkPrinter prints the links of lines.
type linkPrinter struct {
	finder   *cardlink.Finder
	levels   *watchlist.Levels
	out      *bufio.Writer
	encoder  *json.Encoder
	notes    io.Writer
	refused  int
	found    []cardlink.Link
	lineRead []byte
}

func newLinkPrinter(effective *watchlist.Effective, out, notes io.Writer) *linkPrinter {
	p := &linkPrinter{
		finder: cardlink.NewWatching(effective.Labels()), levels: watchlist.NewLevels(effective),
		out: bufio.NewWriter(out), notes: notes,
	}
	p.encoder = json.NewEncoder(p.out)
	p.encoder.SetEscapeHTML(false)
	return p
}

// read prints the links of every line of r.
func (p *linkPrinter) read(ctx context.Context, r io.Reader) error {
	in := bufio.NewReader(interruptible(ctx, r))
	for number := 1; ; number++ {
		long, err := p.line(in)
		ended := errors.Is(err, io.EOF)
		if err != nil && !ended {
			return err
		}
		if err := p.print(number, long); err != nil {
			return err
		}
		// Who types lines wants to see the links of each; who pipes a file
		// wants them soon.
		if ended || in.Buffered() == 0 {
			if err := p.out.Flush(); err != nil {
				return err
			}
		}
		if ended {
			break
		}
	}
	if more := p.refused - maxRefused; more > 0 {
		fmt.Fprintf(p.notes, "and %s more\n", plural(more, "line"))
	}
	return nil
}

// line reads one line into lineRead, without its end. Of a line that is too long
// nothing is kept.
func (p *linkPrinter) line(in *bufio.Reader) (long bool, err error) {
	p.lineRead = p.lineRead[:0]
	for {
		part, err := in.ReadSlice('\n')
		if !long {
			p.lineRead = append(p.lineRead, part...)
		}
		if len(p.lineRead) > maxLinkLine+len("\r\n") {
			p.lineRead, long = p.lineRead[:0], true
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return long, err
		}
	}
}

// print prints the links of the line that was read.
func (p *linkPrinter) print(number int, long bool) error {
	text := strings.TrimSuffix(strings.TrimSuffix(string(p.lineRead), "\n"), "\r")
	switch {
	case long || len(text) > maxLinkLine:
		p.refuse(number, "longer than 256 KiB: it was not read; break it into several lines")
		return nil
	case !utf8.ValidString(text):
		p.refuse(number, "not UTF-8: it was not read; save the text as UTF-8")
		return nil
	}
	p.found = p.finder.Text(p.found[:0], text)
	for _, link := range p.found {
		match := p.levels.Of(link)
		shown := shownLink{
			Line: number, Start: link.Start, End: link.End, URL: text[link.Start:link.End],
			Host: link.Host, Registrable: link.Registrable, Canonical: link.URL,
			Level: match.Level.String(), Reason: string(match.Reason), Family: match.Family,
			Disguises: disguiseWords(link.Disguises),
		}
		if err := p.encoder.Encode(shown); err != nil {
			return err
		}
	}
	return nil
}

// refuse says why a line was not read, without what is in it.
func (p *linkPrinter) refuse(number int, why string) {
	if p.refused++; p.refused <= maxRefused {
		fmt.Fprintf(p.notes, "line %d: %s\n", number, why)
	}
}

// disguiseWords gives the words of disguises, as tables have them.
func disguiseWords(disguises []doxtrailv1.LinkDisguise) []string {
	words := []string{}
	for _, d := range disguises {
		words = append(words, strings.ToLower(strings.TrimPrefix(d.String(), "LINK_DISGUISE_")))
	}
	return words
}
