package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The rows of the named queries, every column of each: a column that comes or
// goes fails the strict decoding in askRows, so none is left uncompared
// unnoticed.

type cardRow struct {
	Family        string    `json:"family"`
	CardKey       string    `json:"card_key"`
	FirstAt       time.Time `json:"first_at"`
	FirstPlatform string    `json:"first_platform"`
	LastAt        time.Time `json:"last_at"`
	Posts         int       `json:"posts"`
	Channels      int       `json:"channels"`
	Platforms     int       `json:"platforms"`
	Sites         int       `json:"sites"`
	Reach         *int      `json:"reach"`
	AudienceKnown int       `json:"audience_known"`
}

type firstRow struct {
	Family     string     `json:"family"`
	CardKey    string     `json:"card_key"`
	Platform   string     `json:"platform"`
	FirstAt    time.Time  `json:"first_at"`
	NotBefore  *time.Time `json:"not_before"`
	NotAfter   time.Time  `json:"not_after"`
	Basis      string     `json:"basis"`
	ChannelKey string     `json:"channel_key"`
	Label      *string    `json:"label"`
	Site       string     `json:"site"`
	PostKey    string     `json:"post_key"`
}

type mirrorRow struct {
	Family    string     `json:"family"`
	Site      string     `json:"site"`
	SiteKey   string     `json:"site_key"`
	Cards     int        `json:"cards"`
	Posts     int        `json:"posts"`
	Channels  int        `json:"channels"`
	Platforms int        `json:"platforms"`
	FirstAt   *time.Time `json:"first_at"`
	LastAt    *time.Time `json:"last_at"`
	SitePosts int        `json:"site_posts"`
}

type channelRow struct {
	ChannelKey string    `json:"channel_key"`
	Label      *string   `json:"label"`
	Platform   string    `json:"platform"`
	Kind       *string   `json:"kind"`
	Posts      int       `json:"posts"`
	Cards      int       `json:"cards"`
	First      int       `json:"cards_first"`
	FirstHere  int       `json:"cards_first_on_platform"`
	PassedOn   int       `json:"passed_on"`
	FirstAt    time.Time `json:"first_at"`
	LastAt     time.Time `json:"last_at"`
	Audience   *int      `json:"audience"`
}

type bucketRow struct {
	At            time.Time `json:"at"`
	Platform      string    `json:"platform"`
	Posts         int       `json:"posts"`
	Channels      int       `json:"channels"`
	NewChannels   int       `json:"new_channels"`
	Cards         int       `json:"cards"`
	SitePosts     int       `json:"site_posts"`
	Reach         *int      `json:"reach"`
	AudienceKnown int       `json:"audience_known"`
}

type lagRow struct {
	Family    string  `json:"family"`
	CardKey   *string `json:"card_key"`
	From      string  `json:"from_platform"`
	To        string  `json:"to_platform"`
	Cards     int     `json:"cards"`
	Min       float64 `json:"lag_s_min"`
	Median    float64 `json:"lag_s_median"`
	Max       float64 `json:"lag_s_max"`
	Undecided int     `json:"undecided"`
}

type importRow struct {
	ImportID   string     `json:"import_id"`
	Label      *string    `json:"label"`
	Format     string     `json:"format"`
	Platform   string     `json:"platform"`
	Records    int        `json:"records"`
	Posts      int        `json:"posts"`
	NonPosts   int        `json:"non_posts"`
	Duplicates int        `json:"duplicates"`
	Rejected   int        `json:"rejected"`
	Conflicts  int        `json:"conflicts"`
	Links      int        `json:"links"`
	Sightings  int        `json:"sightings"`
	Covered    int        `json:"covered"`
	Bytes      int        `json:"bytes"`
	Balanced   bool       `json:"balanced"`
	Complete   bool       `json:"complete"`
	FromAt     *time.Time `json:"from_at"`
	ToAt       *time.Time `json:"to_at"`
	FileHash   *string    `json:"file_hash"`
}

type coverageRow struct {
	Platform   string     `json:"platform"`
	ChannelKey *string    `json:"channel_key"`
	Label      *string    `json:"label"`
	QueryKey   *string    `json:"query_key"`
	Leg        string     `json:"leg"`
	Selection  string     `json:"selection"`
	FromAt     *time.Time `json:"from_at"`
	ToAt       *time.Time `json:"to_at"`
	LookedAt   *time.Time `json:"looked_at"`
	Complete   bool       `json:"complete"`
	Posts      int        `json:"posts"`
	Gaps       int        `json:"gaps"`
}

type overlapRow struct {
	Family1   string `json:"family_1"`
	Family2   string `json:"family_2"`
	Channels  int    `json:"channels"`
	Posts     int    `json:"posts"`
	Channels1 int    `json:"channels_1"`
	Channels2 int    `json:"channels_2"`
	Posts1    int    `json:"posts_1"`
	Posts2    int    `json:"posts_2"`
}

type edgeRow struct {
	Source   string    `json:"source_channel"`
	Channel  string    `json:"channel"`
	Platform string    `json:"platform"`
	Kind     string    `json:"kind"`
	Posts    int       `json:"posts"`
	Cards    int       `json:"cards"`
	FirstAt  time.Time `json:"first_at"`
	LastAt   time.Time `json:"last_at"`
}

// askRows asks a named query for its rows and takes no column it does not know.
func askRows[R any](s *testStudy, args ...string) []R {
	s.t.Helper()
	out := s.must(append([]string{"query", "--format", "json"}, args...)...)
	decoder := json.NewDecoder(strings.NewReader(out))
	decoder.DisallowUnknownFields()
	var rows []R
	if err := decoder.Decode(&rows); err != nil {
		s.t.Fatalf("query %s: %v in %.300s", strings.Join(args, " "), err, out)
	}
	return rows
}

// sameRows compares rows in any order. blind clears in a row what the ledger
// does not know; nil where it knows all.
func sameRows[R any](t *testing.T, what string, got, want []R, blind func(*R)) {
	t.Helper()
	order := func(rows []R) []R {
		rows = slices.Clone(rows)
		texts := make(map[int]string, len(rows))
		index := make([]int, len(rows))
		for i := range rows {
			if blind != nil {
				blind(&rows[i])
			}
			text, _ := json.Marshal(rows[i]) // plain structs
			texts[i], index[i] = string(text), i
		}
		slices.SortFunc(index, func(a, b int) int { return strings.Compare(texts[a], texts[b]) })
		sorted := make([]R, 0, len(rows))
		for _, i := range index {
			sorted = append(sorted, rows[i])
		}
		return sorted
	}
	if diff := cmp.Diff(order(want), order(got)); diff != "" {
		t.Errorf("%s (-ledger +query):\n%.6000s", what, diff)
	}
}
