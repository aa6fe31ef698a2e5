package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"text/tabwriter"
	"time"
)

// show asks doxtrail its named questions and prints the answers as a person
// would tell them. It reads the same JSON that any script gets.
type show struct {
	w      io.Writer
	binary string
	config string
}

// Rows of the queries, as far as the demo tells them.
type (
	cardRow struct {
		Card          string  `json:"card_key"`
		Posts         int     `json:"posts"`
		Channels      int     `json:"channels"`
		Platforms     int     `json:"platforms"`
		Sites         int     `json:"sites"`
		Reach         *int    `json:"reach"`
		FirstPlatform string  `json:"first_platform"`
		FirstAt       isoTime `json:"first_at"`
		LastAt        isoTime `json:"last_at"`
	}
	firstRow struct {
		Card     string   `json:"card_key"`
		Platform string   `json:"platform"`
		FirstAt  isoTime  `json:"first_at"`
		NotBy    *isoTime `json:"not_before"`
		Basis    string   `json:"basis"`
		Channel  string   `json:"channel_key"`
		Label    *string  `json:"label"`
		Site     string   `json:"site"`
	}
	bucketRow struct {
		At          isoTime `json:"at"`
		Platform    string  `json:"platform"`
		Posts       int     `json:"posts"`
		NewChannels int     `json:"new_channels"`
	}
	mirrorRow struct {
		Site     string  `json:"site"`
		Cards    int     `json:"cards"`
		Posts    int     `json:"posts"`
		Channels int     `json:"channels"`
		FirstAt  isoTime `json:"first_at"`
		LastAt   isoTime `json:"last_at"`
	}
	lagRow struct {
		From   string `json:"from_platform"`
		To     string `json:"to_platform"`
		Cards  int    `json:"cards"`
		Median int    `json:"lag_s_median"`
	}
	channelRow struct {
		Label      *string `json:"label"`
		Channel    string  `json:"channel_key"`
		Platform   string  `json:"platform"`
		Posts      int     `json:"posts"`
		Cards      int     `json:"cards"`
		CardsFirst int     `json:"cards_first"`
	}
)

// isoTime prints as a date.
type isoTime struct{ time.Time }

func (t isoTime) String() string { return t.Format(time.DateOnly) }

// short is enough of a keyed id to tell it from others on one screen.
func short(id string) string { return id[:min(8, len(id))] }

func named(label *string, key string) string {
	if label != nil && *label != "" {
		return *label
	}
	return short(key)
}

// ask runs one query.
func (s show) ask(ctx context.Context, rows any, args ...string) error {
	args = append([]string{"--config", s.config, "query", "--format", "json"}, args...)
	cmd := exec.CommandContext(ctx, s.binary, args...) //nolint:gosec // the demo's own binary
	var failed strings.Builder
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		fmt.Fprint(os.Stderr, failed.String())
		return fmt.Errorf("ask doxtrail: %w", err)
	}
	return json.Unmarshal(out, rows)
}

// table prints rows in columns.
func (s show) table(head string, rows int, row func(int) string) error {
	tw := tabwriter.NewWriter(s.w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "  "+head)
	for i := range rows {
		fmt.Fprintln(tw, "  "+row(i))
	}
	return tw.Flush()
}

func (s show) heading(text, query string) {
	fmt.Fprintf(s.w, "\n%s\n  $ doxtrail query %s\n\n", text, query)
}

// all tells the whole story.
func (s show) all(ctx context.Context) error {
	widest, err := s.cards(ctx)
	if err != nil {
		return err
	}
	for _, part := range []func(context.Context) error{
		func(ctx context.Context) error { return s.firsts(ctx, widest) },
		func(ctx context.Context) error { return s.growth(ctx, widest) },
		s.mirrors, s.lag, s.channels,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

const (
	shownCards    = 8
	shownChannels = 6
)

func (s show) cards(ctx context.Context) (widest []cardRow, err error) {
	s.heading("Which cards spread furthest?", "card_spread")
	var rows []cardRow
	if err := s.ask(ctx, &rows, "card_spread"); err != nil {
		return nil, err
	}
	all := len(rows)
	rows = rows[:min(shownCards, all)]
	err = s.table("card\tposts\tchannels\tplatforms\tmirrors\treach\tfrom\tto", len(rows), func(i int) string {
		r := rows[i]
		reach := "unknown"
		if r.Reach != nil {
			reach = fmt.Sprint(*r.Reach)
		}
		return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%s\t%s\t%s", short(r.Card), r.Posts, r.Channels, r.Platforms, r.Sites, reach, r.FirstAt, r.LastAt)
	})
	fmt.Fprintf(s.w, "  ... and %d more. A card is one page, whichever mirror shows it; reach adds up the\n  last known audiences of the channels that carried it.\n", all-len(rows))
	return rows, err
}

func (s show) firsts(ctx context.Context, widest []cardRow) error {
	s.heading("Where was each of them first seen?", "first_sightings")
	var rows []firstRow
	if err := s.ask(ctx, &rows, "first_sightings"); err != nil {
		return err
	}
	var told []firstRow
	for _, card := range widest[:min(4, len(widest))] {
		for _, r := range rows {
			if r.Card == card.Card {
				told = append(told, r)
			}
		}
	}
	return s.table("card\tplatform\tfirst seen (UTC)\tchannel\ton mirror\tcame as\tearlier possible?", len(told), func(i int) string {
		r := told[i]
		earlier := "yes: read by search only"
		if r.NotBy != nil {
			earlier = "no: channel read in full"
		}
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%s", short(r.Card), r.Platform, r.FirstAt.Format("2006-01-02 15:04:05"), named(r.Label, r.Channel), r.Site, r.Basis, earlier)
	})
}

func (s show) mirrors(ctx context.Context) error {
	s.heading("Which mirrors carried the cards, and when?", "mirror_spread")
	var rows []mirrorRow
	if err := s.ask(ctx, &rows, "mirror_spread"); err != nil {
		return err
	}
	return s.table("mirror\tcards\tposts\tchannels\tfrom\tto", len(rows), func(i int) string {
		r := rows[i]
		return fmt.Sprintf("%s\t%d\t%d\t%d\t%s\t%s", r.Site, r.Cards, r.Posts, r.Channels, r.FirstAt, r.LastAt)
	})
}

func (s show) lag(ctx context.Context) error {
	s.heading("How did the campaign move from one platform to the next?", "platform_lag")
	var rows []lagRow
	if err := s.ask(ctx, &rows, "platform_lag"); err != nil {
		return err
	}
	for _, r := range rows {
		days := (time.Duration(r.Median) * time.Second).Hours() / 24
		fmt.Fprintf(s.w, "  %d cards went from %s to %s; half of them within %.1f days\n", r.Cards, r.From, r.To, days)
	}
	return nil
}

func (s show) channels(ctx context.Context) error {
	s.heading("Who carried most, and who carried first?", "channel_spread")
	var rows []channelRow
	if err := s.ask(ctx, &rows, "channel_spread"); err != nil {
		return err
	}
	rows = rows[:min(shownChannels, len(rows))]
	return s.table("channel\tplatform\tposts with cards\tcards\tcards it was first with", len(rows), func(i int) string {
		r := rows[i]
		return fmt.Sprintf("%s\t%s\t%d\t%d\t%d", named(r.Label, r.Channel), r.Platform, r.Posts, r.Cards, r.CardsFirst)
	})
}
