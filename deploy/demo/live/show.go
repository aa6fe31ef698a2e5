package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// demo is the whole story, told to w as it happens.
type demo struct {
	w        io.Writer
	study    study
	stage    *stage
	x        *xStage
	campaign *campaign.Campaign

	tables *tables
	labels map[string]string // of watched channels, by channel_key
	rows   []byte            // of all views, at the end
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.w, format, args...) }

// all tells it and leaves nothing running.
func (d *demo) all(ctx context.Context) error {
	d.say(`
doxtrail live demo: the channels of an invented doxxing campaign, %q, are
read as they post. They live on a Telegram and an X inside this program, which speak
the real protocols on loopback ports. Every person, channel and site is made up.

Logging in, once for each study. The session is kept, sealed:
  $ doxtrail login telegram      (number, code, password: typed, or a line each)

`, campaign.FamilyLabel)
	said, err := d.study.call(ctx, phone+"\n"+code+"\n"+password+"\n", "login", "telegram")
	if err != nil {
		return err
	}
	d.say("  %s", said)
	d.say("\nReading what the channels hold already, then whatever comes:\n  $ doxtrail up\n\n")
	began := time.Now()
	up, err := d.study.up(ctx)
	if err != nil {
		return err
	}
	err = d.collected(ctx, began)
	if ctx.Err() == nil {
		err = errors.Join(err, d.study.healthy(ctx)) // records that failed may be why
	}
	if ending := up.stop(); err == nil && ending == nil {
		d.say("\nCtrl-C: what was in hand is finished, exit code 0.\n")
	} else if err != nil || ending != nil {
		return errors.Join(err, ending)
	}
	return d.searched()
}

// collected is what is shown while the collector runs.
func (d *demo) collected(ctx context.Context, began time.Time) (err error) {
	if d.tables, err = d.study.open(ctx); err != nil {
		return err
	}
	if err := d.awaitHistory(ctx, began); err != nil {
		return err
	}
	before, err := d.spread(ctx)
	if err != nil {
		return err
	}
	if err := d.cards(ctx); err != nil {
		return err
	}
	gone, err := d.tweets(ctx)
	if err != nil {
		return err
	}
	arrived, err := d.live(ctx)
	if err != nil {
		return err
	}
	if err := d.looks(ctx, arrived); err != nil {
		return err
	}
	if err := d.stripped(ctx, gone); err != nil {
		return err
	}
	if err := errors.Join(d.lags(ctx), d.grown(ctx, before)); err != nil {
		return err
	}
	d.rows, err = d.tables.all(ctx)
	return err
}

// awaitHistory waits until every post of the history is a row, and no more.
func (d *demo) awaitHistory(ctx context.Context, began time.Time) (err error) {
	for {
		n, err := d.tables.posts(ctx)
		if err != nil {
			return err
		}
		if n > d.stage.held {
			return fmt.Errorf("the history has %d posts, and %d rows", d.stage.held, n)
		}
		if n == d.stage.held {
			break
		}
		wait(ctx, 50*time.Millisecond)
		if ctx.Err() != nil {
			return fmt.Errorf("wait for the history, of which %d posts of %d are rows: %w", n, d.stage.held, ctx.Err())
		}
	}
	d.say("  %d posts of %d channels are rows, %.1f s after the start; no text, no name and\n  no link was kept, only keyed ids\n",
		d.stage.held, len(d.stage.labels), time.Since(began).Seconds())
	d.labels, err = d.tables.labels(ctx)
	if watched := len(d.stage.labels) + len(d.campaign.LiveAccounts()); err == nil && len(d.labels) != watched {
		err = fmt.Errorf("%d channels and accounts are watched, %d have a label", watched, len(d.labels))
	}
	return err
}

// live posts what was kept back and tells when it became rows.
func (d *demo) live(ctx context.Context) ([]arrival, error) {
	d.say("\n%d on Telegram:\n\n", len(d.stage.live))
	d.say("  after    channel     card      passed on from   posted to row\n")
	var all []arrival
	var took []time.Duration
	err := d.arrivals(ctx, func(a arrival) error {
		card, from, err := d.about(ctx, a)
		if err != nil {
			return err
		}
		d.say("  %4.1f s   %-10s  %-8s  %-14s   %5d ms\n", a.since.Seconds(), d.labels[a.channel], short(card), from, a.took.Milliseconds())
		all, took = append(all, a), append(took, a.took)
		return nil
	})
	if err != nil {
		return nil, err
	}
	d.say("  An id instead of a label is a channel that is not on the watch list: nothing is\n  read there.\n")
	d.say("\n  median %d ms, longest %d ms: %s\n", median(took).Milliseconds(), longest(took).Milliseconds(), verdict(took))
	return all, nil
}

// verdict says whether all came as soon as is promised.
func verdict(took []time.Duration) string {
	if longest(took) > promised {
		return "NOT within the second that is promised; is the machine busy?"
	}
	return "within a second, as promised"
}

// about tells the card of a post and whom it passes on. Both are rows of other
// tables, a moment later perhaps.
func (d *demo) about(ctx context.Context, a arrival) (card, from string, err error) {
	forwarded := d.stage.posts[a.index].Passes != nil
	for end := time.Now().Add(rowLimit); card == "" || forwarded && from == ""; wait(ctx, pollEvery) {
		var cardErr, fromErr error
		card, cardErr = d.tables.card(ctx, a.key)
		from, fromErr = d.tables.source(ctx, a.key)
		if err := errors.Join(cardErr, fromErr); err != nil {
			return "", "", err
		}
		if time.Now().After(end) {
			return "", "", fmt.Errorf("%s after a post was a row, its card or where it is from was none", rowLimit)
		}
	}
	return card, d.named(from), nil
}

// looks edits one of the posts and takes another down.
func (d *demo) looks(ctx context.Context, arrived []arrival) error {
	d.say("\nOne on Telegram is edited, another is taken down. Both stay rows; what was seen is noted:\n  $ doxtrail sql \"SELECT state, observed_at FROM observations ...\"\n\n")
	for _, event := range []struct {
		state string
		of    arrival
		do    func(int)
	}{
		{"edited", arrived[2], func(i int) { d.stage.edit(i) }},
		{"gone", arrived[5], d.stage.remove},
	} {
		began := time.Now()
		event.do(event.of.index)
		for seen := false; !seen; {
			var err error
			if seen, err = d.tables.looked(ctx, event.of.key, event.state); err != nil {
				return err
			}
			if took := time.Since(began); !seen && took > rowLimit {
				return fmt.Errorf("a post was not seen %s after %s", event.state, rowLimit)
			}
			wait(ctx, pollEvery)
		}
		d.say("  %-7s  a post of %s, noted after %d ms\n", event.state, d.labels[event.of.channel], time.Since(began).Milliseconds())
	}
	n, err := d.tables.posts(ctx)
	if want := d.stage.held + liveCards + liveTweets; err == nil && n != want {
		err = fmt.Errorf("%d posts were posted, and %d are rows", want, n)
	}
	return err
}

// searched looks for the campaign in what is left behind.
func (d *demo) searched() error {
	canaries := slices.Concat(d.campaign.Canaries(), d.x.secrets())
	for _, text := range d.stage.texts() {
		canaries = append(canaries, campaign.Canary{Kind: campaign.CanaryText, Value: text})
	}
	secrets := newSecrets(canaries)
	if err := secrets.searchFile(filepath.Join(d.study.dir, watchlistFile)); !errors.Is(err, errReadable) {
		return errors.New("the handles in the watch list were not found: the search is broken")
	}
	data := filepath.Join(d.study.dir, "data")
	files, err := secrets.search(data)
	if err := errors.Join(err, secrets.searchFile(d.study.log), secrets.searchRows(d.rows, "a view")); err != nil {
		return err
	}
	d.say(`
Is anything of the campaign readable in what it left? %d names, titles, handles,
numbers, card paths, texts and X's token were looked for in all rows (%d kB), in the raw
bytes of all %d files of %s, and in the log: nothing.

What to type next:
  bin/doxtrail --config %[5]s query first_sightings
  bin/doxtrail --config %[5]s sql "SELECT state, count() FROM observations GROUP BY state"
The Telegram and the X are gone, so there is nothing to collect any more. With real
ones: README, "Live collection".
`, secrets.count, len(d.rows)>>10, files, data, filepath.Join(d.study.dir, marker))
	return nil
}

// short is enough of a keyed id to tell it from others on one screen.
func short(id string) string { return strings.ReplaceAll(id, "-", "")[:min(8, len(id))] }
