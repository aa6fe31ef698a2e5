// Command demo writes the invented campaign of pkg/campaign: its archives, a
// watch list, a configuration that names it, and the ledger of what is true.
//
//	go run ./deploy/demo -out DIR
//	go run ./deploy/demo -load 1000000 -format twarc2 | doxtrail import -
//
// With -show it asks a running doxtrail about the campaign and tells the answers.
// With -load it writes that many posts of one format to stdout instead, and
// their figures to stderr. The same seed gives the same bytes. Everything in
// the campaign is invented; see the README beside this file.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

func main() {
	err := run(os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("out", "", "folder to write the demo into")
	seed := flags.Uint64("seed", 2019, "seed; the same seed gives the same campaign")
	posts := flags.Int("posts", 30_000, "distinct posts of the campaign")
	load := flags.Int("load", 0, "write this many posts to stdout instead")
	binary := flags.String("show", "", "doxtrail binary to ask about the demo in -out, instead of writing it")
	format := flags.String("format", "telegram", "format of -load: telegram or twarc2")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *load > 0 {
		return writeLoad(stdout, stderr, *format, *load, *seed)
	}
	if *binary != "" && *out != "" {
		return show{w: stdout, binary: *binary, config: filepath.Join(*out, "doxtrail.yaml")}.all(context.Background())
	}
	if *out == "" {
		return errors.New("name a folder with -out, or a number of posts with -load")
	}
	return writeDemo(*out, campaign.New(*seed, campaign.Size{Posts: *posts}))
}

func writeLoad(stdout, stderr io.Writer, format string, n int, seed uint64) error {
	formats := map[string]campaign.Format{
		"telegram": campaign.TelegramDesktop, string(campaign.TelegramDesktop): campaign.TelegramDesktop,
		string(campaign.Twarc2): campaign.Twarc2,
	}
	figures, err := campaign.Load(stdout, formats[format], n, seed)
	if err != nil {
		return err
	}
	return json.NewEncoder(stderr).Encode(figures)
}

// writeDemo writes DIR/archives, DIR/watchlist.yaml, DIR/doxtrail.yaml and,
// outside the archives, DIR/ledger.json.
func writeDemo(dir string, c *campaign.Campaign) error {
	if _, err := c.WriteArchives(filepath.Join(dir, "archives")); err != nil {
		return err
	}
	files := []struct {
		name  string
		write func(io.Writer) error
	}{
		{"watchlist.yaml", func(w io.Writer) error { return c.WriteWatchlist(w, c.Sites()) }},
		{"doxtrail.yaml", func(w io.Writer) error {
			_, err := io.WriteString(w, "# The demo's configuration. Paths start at this file's folder.\n"+
				"watchlist: watchlist.yaml\ndata: data\nkeys: keys\n"+
				"# On what ground in X's terms its posts are held: without a ground, questions about\n"+
				"# single accounts of X are not answered. Nobody in the demo is real; in a study of\n"+
				"# your own this is for you and your lawyer to say.\n"+
				"collector_twitter: {terms_basis: dsa_40_12}\n")
			return err
		}},
		{"ledger.json", func(w io.Writer) error {
			encoder := json.NewEncoder(w)
			encoder.SetIndent("", " ")
			return encoder.Encode(c.Truth(c.Sites()))
		}},
	}
	for _, f := range files {
		if err := writeFile(filepath.Join(dir, f.name), f.write); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	return nil
}

func writeFile(path string, write func(io.Writer) error) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(out); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}
