// Command live shows live collection on an invented campaign: a Telegram and an X of
// its own on loopback ports, the real doxtrail reading them, and how long a post takes
// from being posted to being a row.
//
//	go run ./deploy/demo/live -binary bin/doxtrail -out demo-live
//
// It starts everything, ends everything, and ends with an exit code other than 0
// if anything is not as promised. What it makes lies in -out, which is made anew
// each time. Everything in the campaign is invented; see the README of the folder
// above.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
	x "github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// patience bounds the whole demo.
const patience = 3 * time.Minute

// exitStopped is the exit code after Ctrl-C.
const exitStopped = 130

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stopped := ctx.Err() != nil
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case stopped && !errors.Is(err, errEnding):
		fmt.Fprintln(os.Stderr, "demo-live: stopped; nothing of it runs any more")
		os.Exit(exitStopped)
	default:
		fmt.Fprintln(os.Stderr, "demo-live:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("live", flag.ContinueOnError)
	flags.SetOutput(stderr)
	binary := flags.String("binary", "", "doxtrail binary to show")
	out := flags.String("out", "", "folder to work in; it is removed and made anew")
	seed := flags.Uint64("seed", 2019, "seed; the same seed gives the same campaign")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *binary == "" || *out == "" {
		return errors.New("name the doxtrail binary with -binary and a folder with -out")
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := emptied(*out); err != nil {
		return err
	}
	telegram, err := fake.Start(ctx, fake.Options{Phone: phone, Code: code, Password: password})
	if err != nil {
		return err
	}
	defer telegram.Close()
	twitter := x.New(x.Options{Token: token}) //nolint:contextcheck // it lives until Close
	defer twitter.Close()
	invented := campaign.New(*seed, campaign.Size{Posts: 7000, Channels: 10, Accounts: 8, Cards: 24})
	s := newStage(telegram, invented, time.Now())
	if err := writeStudy(*out, telegram, twitter.URL(), invented); err != nil {
		return err
	}
	work := study{binary: *binary, dir: *out, log: filepath.Join(*out, "up.log")}
	tweets := newXStage(twitter, invented, s.posts[s.live[0]].PostedAt)
	return (&demo{w: stdout, study: work, stage: s, x: tweets, campaign: invented}).all(ctx)
}

// emptied makes an empty folder where an earlier demo, or nothing, was. Anything
// else is left alone.
func emptied(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("look into the folder of -out: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, marker)); len(entries) > 0 && err != nil {
		return errors.New("the folder of -out holds something that no earlier demo made; name another one")
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the earlier demo: %w", err)
	}
	return os.MkdirAll(dir, 0o700)
}
