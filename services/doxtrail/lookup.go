package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/doxtrail/doxtrail/pkg/audit"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// longestAddress bounds what is read of an address.
const longestAddress = 8 << 10

func newLookup(opts *options) *cobra.Command {
	var asJSON bool
	var reason string
	cmd := &cobra.Command{
		Use:   "lookup",
		Short: "Say whether a page was seen, for a person who is on it",
		Long: fmt.Sprintf(`Reads the address of one page from standard input, or asks for it at a terminal,
and says at how many places it was seen, since when, and how many of the posts are
still up. A card counts on whatever mirror of its campaign it stood.

The address is nowhere kept and not shown, and never an argument, which shells
remember. That somebody asked, when and why goes into the audit log beside the key
ring. At most %d look-ups an hour are answered, and the addresses that erase --dry-run
counts are among them: the answer says whether a guess is right.`, lookupsAnHour),
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			ring, err := existingRing(cfg.Keys)
			if err != nil {
				return err
			}
			link, err := addressAsked(cmd)
			if err != nil {
				return err
			}
			keyer := ring.Keyer()
			page := store.Page{Host: keyer.Host(link.Host), Site: keyer.Site(link.Site), Path: keyer.Path(link.Path)}
			log := audit.Open(filepath.Join(cfg.Keys, audit.FileName))
			if err := noteLookups(log, audit.Entry{Action: "lookup", Reason: reason}, 1, time.Now()); err != nil {
				return err
			}
			return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
				seen, err := s.reader.Seen(ctx, page)
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(answerOf(seen))
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), sayingOf(seen))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().StringVar(&reason, "reason", "a person who is on the page asks", "why, for the audit log; name nobody")
	return cmd
}

// addressAsked reads the one address that is asked for.
func addressAsked(cmd *cobra.Command) (cardlink.Link, error) {
	in, isFile := cmd.InOrStdin().(*os.File)
	var line string
	var err error
	if isFile && term.IsTerminal(int(in.Fd())) {
		fmt.Fprint(cmd.ErrOrStderr(), "address of the page (it is not shown): ")
		line, err = readSilently(cmd.Context(), int(in.Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
	} else {
		line, err = bufio.NewReader(io.LimitReader(interruptible(cmd.Context(), cmd.InOrStdin()), longestAddress+1)).ReadString('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return cardlink.Link{}, err
	}
	line = strings.TrimSpace(line)
	if line == "" || len(line) > longestAddress {
		return cardlink.Link{}, wrongUse(errors.New("write the address of one page to standard input, on one line"))
	}
	link, err := typedLink(line)
	if err == nil && !strings.ContainsAny(link.Host, ".:") { // a name that was typed in its place
		err = cardlink.ErrNoLink
	}
	return link, wrongUse(err)
}

// lookedUp is the answer as JSON.
type lookedUp struct {
	Places  uint64     `json:"places"`
	Posts   uint64     `json:"posts"`
	Since   *time.Time `json:"since"`
	Up      uint64     `json:"up"`
	Looked  uint64     `json:"looked"`
	Watched bool       `json:"watched"`
}

func answerOf(s store.Seen) lookedUp {
	a := lookedUp{Places: s.Places, Posts: s.Posts, Up: s.Up, Looked: s.Looked, Watched: s.Watched}
	if s.Posts > 0 {
		since := s.Since.UTC()
		a.Since = &since
	}
	return a
}

// notSeen is the answer about a page of which nothing is known.
const notSeen = "It was not seen in what this study collected."

// sayingOf is the answer in a sentence.
func sayingOf(s store.Seen) string {
	var b strings.Builder
	if s.Posts == 0 {
		b.WriteString(notSeen)
	} else {
		fmt.Fprintf(&b, "It was seen at %s since %s, in %s, %d still up", plural(int(s.Places), "place"), s.Since.UTC().Format(time.DateOnly),
			plural(int(s.Posts), "post"), s.Up)
		if s.Looked < s.Posts {
			fmt.Fprintf(&b, " (nobody looked at %d of them again since they were read)", s.Posts-s.Looked)
		}
		b.WriteString(".")
	}
	if !s.Watched {
		b.WriteString(" Its site is on no watch list here, so the same page on another site would not be found.")
	}
	return b.String()
}
