package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// coverageLine is a row of the query coverage_line.
type coverageLine struct {
	Platform     string     `ch:"platform"`
	Channels     uint64     `ch:"channels"`
	Searches     uint64     `ch:"searches"`
	FromAt       *time.Time `ch:"from_at"`
	ToAt         *time.Time `ch:"to_at"`
	Posts        uint64     `ch:"posts"`
	Gaps         uint64     `ch:"gaps"`
	ChannelsFull uint64     `ch:"channels_full"`
	Generation   uint32     `ch:"generation"`
	Families     uint64     `ch:"families"`
	Sites        uint64     `ch:"sites"`
}

// CoverageLines says in a few sentences what any figure rests on: for each
// platform what was collected and from when to when, and which watch list is
// in force. The command line prints them under each result.
func (s *Store) CoverageLines(ctx context.Context) ([]string, error) {
	var rows []coverageLine
	if err := s.SelectQuery(ctx, &rows, "coverage_line", nil); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return []string{"Nothing was collected yet."}, nil
	}
	lines := make([]string, 0, len(rows)+1)
	for _, r := range rows {
		lines = append(lines, r.sentence())
	}
	if r := rows[0]; r.Sites == 0 {
		lines = append(lines, "No site is listed: every link counts, and every domain is a family of its own.")
	} else {
		lines = append(lines, fmt.Sprintf("Watch list of generation %d: %s, %s.",
			r.Generation, counted(r.Families, "family", "families"), counted(r.Sites, "site", "sites")))
	}
	return lines, nil
}

func (r coverageLine) sentence() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", r.Platform, counted(r.Posts, "post", "posts"))
	if r.FromAt != nil && r.ToAt != nil {
		fmt.Fprintf(&b, " from %s to %s", r.FromAt.UTC().Format(time.DateOnly), r.ToAt.UTC().Format(time.DateOnly))
	}
	fmt.Fprintf(&b, ", %s", counted(r.Channels, "channel", "channels"))
	if r.ChannelsFull < r.Channels {
		fmt.Fprintf(&b, " (%d of them read in full)", r.ChannelsFull)
	}
	if r.Searches > 0 {
		fmt.Fprintf(&b, ", %s", counted(r.Searches, "search", "searches"))
	}
	if r.Gaps == 0 {
		b.WriteString("; no gap reported.")
	} else {
		fmt.Fprintf(&b, "; %s reported.", counted(r.Gaps, "gap", "gaps"))
	}
	return b.String()
}

func counted(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
