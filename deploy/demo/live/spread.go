package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// barWidth is the longest bar, in characters.
const barWidth = 40

// Rows of the queries, as far as the demo tells them.
type (
	bucket struct {
		At          time.Time `json:"at"`
		Platform    string    `json:"platform"`
		Posts       int       `json:"posts"`
		NewChannels int       `json:"new_channels"`
	}
	card struct {
		Key      string    `json:"card_key"`
		Posts    int       `json:"posts"`
		Channels int       `json:"channels"`
		Sites    int       `json:"sites"`
		Reach    *int      `json:"reach"`
		FirstAt  time.Time `json:"first_at"`
		LastAt   time.Time `json:"last_at"`
	}
)

// timeline are the days on which cards were posted.
func (d *demo) timeline(ctx context.Context) (days []bucket, err error) {
	err = d.study.ask(ctx, &days, "spread_timeline", "--param", "family="+campaign.FamilyLabel)
	return slices.DeleteFunc(days, func(b bucket) bool { return b.Posts == 0 }), err
}

// spread draws the family day by day.
func (d *demo) spread(ctx context.Context) ([]bucket, error) {
	d.say("\nHow did the campaign spread so far? (%d months of it are told as %d days.)\n  $ doxtrail query spread_timeline --param family=%s\n\n", d.stage.months, historyDays, campaign.FamilyLabel)
	days, err := d.timeline(ctx)
	if err != nil {
		return nil, err
	}
	if len(days) == 0 {
		return nil, errors.New("the history has no sighting of a card")
	}
	d.draw(days, mostPosts(days), "")
	return days, nil
}

// grown asks again and draws the last days of before and those that are new.
func (d *demo) grown(ctx context.Context, before []bucket) error {
	d.say("\nHow did the campaign spread, asked again?\n  $ doxtrail query spread_timeline --param family=%s\n\n", campaign.FamilyLabel)
	days, err := d.timeline(ctx)
	if err != nil {
		return err
	}
	fresh := added(before, days)
	if fresh != liveCards+liveTweets {
		return fmt.Errorf("%d posts were new in the tables, and %d in spread_timeline", liveCards+liveTweets, fresh)
	}
	const shown = 2
	old := min(len(before), len(days))
	d.say("  ...\n")
	d.draw(days[max(0, old-shown):old], mostPosts(days), "")
	for _, day := range days[old:] {
		d.draw([]bucket{day}, mostPosts(days), "   <- now, "+day.Platform)
	}
	return nil
}

// added is how many posts lie in days that were not there before.
func added(before, days []bucket) (posts int) {
	for _, day := range days {
		if !slices.ContainsFunc(before, func(b bucket) bool { return b.At.Equal(day.At) }) {
			posts += day.Posts
		}
	}
	return posts
}

func mostPosts(days []bucket) int {
	most := 1
	for _, day := range days {
		most = max(most, day.Posts)
	}
	return most
}

func (d *demo) draw(days []bucket, most int, mark string) {
	for _, day := range days {
		bar := strings.Repeat("█", (day.Posts*barWidth+most-1)/most)
		d.say("  %s  %-*s %4d posts, %2d new channels%s\n", day.At.Format(time.DateOnly), barWidth, bar, day.Posts, day.NewChannels, mark)
	}
}

// shownCards is how many cards are told.
const shownCards = 4

// cards tells which cards spread furthest.
func (d *demo) cards(ctx context.Context) error {
	d.say("\nWhich cards spread furthest?\n  $ doxtrail query card_spread\n\n")
	var rows []card
	if err := d.study.ask(ctx, &rows, "card_spread"); err != nil {
		return err
	}
	d.say("  card      posts  channels  mirrors   reach   from        to\n")
	for _, r := range rows[:min(shownCards, len(rows))] {
		reach := "unknown"
		if r.Reach != nil {
			reach = fmt.Sprint(*r.Reach)
		}
		d.say("  %s  %5d  %8d  %7d  %7s  %s  %s\n", short(r.Key), r.Posts, r.Channels, r.Sites, reach, r.FirstAt.Format(time.DateOnly), r.LastAt.Format(time.DateOnly))
	}
	d.say("  ... and %d more\n", len(rows)-min(shownCards, len(rows)))
	return nil
}
