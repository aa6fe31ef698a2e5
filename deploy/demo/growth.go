package main

import (
	"context"
	"fmt"
	"strings"
)

// barWidth is the longest bar of the growth picture, in characters.
const barWidth = 40

// month is what a card did in one month on both platforms.
type month struct {
	name              string
	telegram, twitter int
	newChannels       int
}

// growth draws how the card that spread furthest grew, month by month.
func (s show) growth(ctx context.Context, widest []cardRow) error {
	if len(widest) == 0 {
		return nil
	}
	card := widest[0].Card
	s.heading(fmt.Sprintf("How did card %s grow?", short(card)), "spread_timeline --param card="+short(card)+"...")
	var rows []bucketRow
	if err := s.ask(ctx, &rows, "spread_timeline", "--param", "card="+card, "--param", "bucket=day"); err != nil {
		return err
	}
	months := monthsOf(rows)
	most := 1
	for _, m := range months {
		most = max(most, m.telegram+m.twitter)
	}
	for _, m := range months {
		bar := func(sign string, posts int) string { return strings.Repeat(sign, (posts*barWidth+most-1)/most) }
		fmt.Fprintf(s.w, "  %s  %-*s  %4d posts, %3d new channels\n", m.name, barWidth+1, bar("█", m.telegram)+bar("░", m.twitter), m.telegram+m.twitter, m.newChannels)
	}
	fmt.Fprintln(s.w, "  █ telegram  ░ twitter")
	return nil
}

// monthsOf adds days up to months, in order.
func monthsOf(rows []bucketRow) []month {
	var months []month
	for _, r := range rows {
		name := r.At.Format("2006-01")
		if len(months) == 0 || months[len(months)-1].name != name {
			months = append(months, month{name: name})
		}
		m := &months[len(months)-1]
		if r.Platform == "telegram" {
			m.telegram += r.Posts
		} else {
			m.twitter += r.Posts
		}
		m.newChannels += r.NewChannels
	}
	return months
}
