package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// goneLimit is how soon X's own word that a post is gone is to be a row, and what came
// of its content to be gone too. A compliance job has a few steps, seconds apart.
const goneLimit = 20 * time.Second

// What X charges for a post and for an account that it sends, in US dollars.
const (
	postPrice = 0.005
	userPrice = 0.010
)

// deletion is a post of X that was deleted.
type deletion struct {
	of arrival
	at time.Time
}

// tweets posts on X and tells when it became rows. The last but one is deleted.
func (d *demo) tweets(ctx context.Context) (deletion, error) {
	if err := d.x.listened(ctx); err != nil {
		return deletion{}, err
	}
	d.say("\nMore posts with cards now, one after another. How long until each is a row that a\nquestion finds? %d on X, whose filtered stream brings what holds a watched site:\n\n", len(d.x.posts))
	d.say("  after    account     card      repeats          posted to row\n")
	began := time.Now()
	var all []arrival
	var took []time.Duration
	for n := range d.x.posts {
		wait(ctx, pauses[n%len(pauses)]/4)
		at := time.Now()
		d.x.post() //nolint:contextcheck // it is posted at once
		row, err := d.nextTweet(ctx, all, at)
		if err != nil {
			return deletion{}, err
		}
		took = append(took, time.Since(at))
		one := arrival{n, row.Key, row.Channel, at.Sub(began), took[n]}
		if err := d.toldTweet(ctx, one); err != nil {
			return deletion{}, err
		}
		all = append(all, one)
	}
	d.say("\n  median %d ms, longest %d ms: %s\n", median(took).Milliseconds(), longest(took).Milliseconds(), verdict(took))
	reads := d.x.x.Reads()
	d.say("  X charges for what it sends: $%.2f here, of the $25 a month that the study may spend\n", float64(reads.Posts)*postPrice+float64(reads.Users)*userPrice)
	d.x.x.Delete(d.x.ids[len(all)-2])
	return deletion{all[len(all)-2], time.Now()}, nil
}

// nextTweet waits for a row of X that was not there before.
func (d *demo) nextTweet(ctx context.Context, known []arrival, since time.Time) (found, error) {
	for {
		list, err := d.tables.tweets(ctx)
		if err != nil {
			return found{}, err
		}
		for _, row := range list {
			if fresh(row.Key, known) {
				return row, nil
			}
		}
		if time.Since(since) > rowLimit {
			return found{}, fmt.Errorf("a post of X was no row after %s", rowLimit)
		}
		wait(ctx, pollEvery)
		if ctx.Err() != nil {
			return found{}, ctx.Err()
		}
	}
}

func fresh(key string, known []arrival) bool {
	for _, a := range known {
		if a.key == key {
			return false
		}
	}
	return true
}

// toldTweet tells one post: its account, card, and whose it repeats.
func (d *demo) toldTweet(ctx context.Context, a arrival) (err error) {
	if d.labels[a.channel] == "" {
		if d.labels, err = d.tables.labels(ctx); err != nil {
			return err
		}
	}
	card, from := "", ""
	for end := time.Now().Add(rowLimit); card == "" || a.index == repostAt && from == ""; wait(ctx, pollEvery) {
		if card, err = d.tables.card(ctx, a.key); err != nil {
			return err
		}
		if from, err = d.tables.source(ctx, a.key); err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s after a post of X was a row, its card or whose it repeats was none", rowLimit)
		}
	}
	d.say("  %4.1f s   %-10s  %-8s  %-14s   %5d ms\n", a.since.Seconds(), d.named(a.channel), short(card), d.named(from), a.took.Milliseconds())
	return nil
}

// named is the label of a channel, or the beginning of its key.
func (d *demo) named(channel string) string {
	if label := d.labels[channel]; label != "" || channel == "" {
		return label
	}
	return short(channel)
}

// lag is a line of platform_lag.
type lag struct {
	Card   string  `json:"card_key"`
	From   string  `json:"from_platform"`
	To     string  `json:"to_platform"`
	Median float64 `json:"lag_s_median"`
}

// shownLags is how many cards are told.
const shownLags = 3

// lags tells how long cards took from one platform to the other.
func (d *demo) lags(ctx context.Context) error {
	d.say("\nHow long did cards take from one platform to the other?\n  $ doxtrail query platform_lag --param per=card\n\n")
	var all []lag
	if err := d.study.ask(ctx, &all, "platform_lag", "--param", "per=card"); err != nil {
		return err
	}
	if len(all) == 0 {
		return errors.New("no card is on both platforms")
	}
	d.say("  card      from      to        after\n")
	for _, l := range all[:min(shownLags, len(all))] {
		took := time.Duration(l.Median * float64(time.Second)).Round(time.Minute)
		d.say("  %s  %-8s  %-8s  %d days %d h\n", short(l.Card), l.From, l.To, int(took.Hours())/24, int(took.Hours())%24)
	}
	if more := len(all) - shownLags; more > 0 {
		d.say("  ... and %d more\n", more)
	}
	return nil
}

// stripped waits until a deleted post of X is known to be gone, and its row is empty.
func (d *demo) stripped(ctx context.Context, gone deletion) error {
	d.say("\nOne on X was deleted meanwhile, and X's terms want that nothing is kept of it:\n\n")
	for _, step := range []struct {
		told string
		is   func() (bool, error)
	}{
		{"gone     X's compliance job says so; noted within %.1f s\n", func() (bool, error) { return d.tables.looked(ctx, gone.of.key, "gone") }},
		{"emptied  what came of its content (language, length, counters) is unknown within %.1f s;\n           the keyed ids of post, account and card stay, so figures still count it\n", func() (bool, error) { return d.tables.emptied(ctx, gone.of.key) }},
	} {
		for is := false; !is; {
			var err error
			if is, err = step.is(); err != nil {
				return err
			}
			if !is && time.Since(gone.at) > goneLimit {
				return fmt.Errorf("what was deleted on X is still there %s later", goneLimit)
			}
			wait(ctx, pollEvery)
		}
		d.say("  "+step.told, time.Since(gone.at).Seconds())
	}
	return nil
}
