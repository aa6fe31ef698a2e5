package store

import (
	"context"
	_ "embed"
	"strconv"
	"strings"
	"time"
)

// Rematch is how the list in force changes what links mean that were read before it
// was: for one family.
type Rematch struct {
	// Found is what counts although the site was not listed when the link was read,
	// Retracted what counted then and does not any more.
	Found, Retracted RematchFigures
	// Sites are those with such links, by host.
	Sites []RematchSite
	// Posts are all posts of the study, OlderPosts those of them that were read under
	// a list, or rules, from before the generation that was asked for.
	Posts, OlderPosts uint64
}

// RematchFigures are of links that were found, or retracted.
type RematchFigures struct {
	Hosts, Links uint64
	// Posts and Cards belong to the family through such links alone.
	Posts, Cards uint64
	// FirstSightings are cards that one of them is the first sighting of on a platform.
	FirstSightings uint64
}

// RematchSite is a site with links that were found or retracted, and what shows it.
type RematchSite struct {
	Host   string
	Listed bool
	// Posts and Cards are those of its links.
	Hosts, Links, Posts, Cards uint64
	FirstAt                    time.Time
}

// Change says since which generation a site is listed, or is not any more.
type Change struct {
	// Key is the site's match_key.
	Key   [16]byte
	Since uint64
}

//go:embed rematch.sql
var rematchSQL string

// Rematch works over the stored links of a family. It writes nothing: sightings are
// worked out anew for every question anyway. changes are the family's sites, those
// taken off the list included; one that is not among them was always as it is.
// oldest is the generation from which on posts were read as they would be now.
func (s *Store) Rematch(ctx context.Context, family string, changes []Change, oldest uint64) (*Rematch, error) {
	const doing = "rematch"
	params := map[string]string{"family": escapeParameter(family)}
	var keys [][16]byte
	var since []string
	for _, c := range changes {
		keys, since = append(keys, c.Key), append(since, strconv.FormatUint(c.Since, 10))
	}
	params["keys"], params["since"] = keyArray(keys), "["+strings.Join(since, ",")+"]"

	r := &Rematch{}
	for _, part := range []func(context.Context, map[string]string, *Rematch) error{s.rematchSites, s.rematchPosts, s.rematchCards} {
		if err := part(ctx, params, r); err != nil {
			return nil, wrap(doing, err)
		}
	}
	var posts []struct {
		All   uint64 `ch:"all_posts"`
		Older uint64 `ch:"older_posts"`
	}
	err := s.SelectTables(ctx, &posts, "SELECT count() AS all_posts, countIf(generation < {oldest:UInt64}) AS older_posts FROM posts",
		map[string]string{"oldest": strconv.FormatUint(oldest, 10)})
	if err != nil {
		return nil, wrap(doing, err)
	}
	r.Posts, r.OlderPosts = posts[0].All, posts[0].Older
	return r, nil
}

// rematchSites fills in the sites, and what adds up over them.
func (s *Store) rematchSites(ctx context.Context, params map[string]string, r *Rematch) error {
	var rows []struct {
		Host    string    `ch:"host"`
		State   string    `ch:"state"`
		Hosts   uint64    `ch:"host_count"`
		Links   uint64    `ch:"link_count"`
		Posts   uint64    `ch:"posts"`
		Cards   uint64    `ch:"cards"`
		FirstAt time.Time `ch:"first_at"`
	}
	err := s.SelectTables(ctx, &rows, rematchSQL+`SELECT
    host, state, uniqExactArray(hosts) AS host_count, sum(links) AS link_count,
    uniqExact(post_key) AS posts, uniqExact(card_path) AS cards, min(posted_at) AS first_at
FROM seen WHERE state != 'held' GROUP BY host, matched_key, state ORDER BY host, matched_key, state`, params)
	if err != nil {
		return err
	}
	for _, row := range rows {
		figures, found := &r.Retracted, row.State == "found"
		if found {
			figures = &r.Found
		}
		figures.Hosts += row.Hosts
		figures.Links += row.Links
		r.Sites = append(r.Sites, RematchSite{row.Host, found, row.Hosts, row.Links, row.Posts, row.Cards, row.FirstAt})
	}
	return nil
}

// rematchPosts counts the posts that are of the family through links of one state
// alone.
func (s *Store) rematchPosts(ctx context.Context, params map[string]string, r *Rematch) error {
	var rows []struct {
		Found     uint64 `ch:"found"`
		Retracted uint64 `ch:"retracted"`
	}
	err := s.SelectTables(ctx, &rows, rematchSQL+`SELECT countIf(states = ['found']) AS found, countIf(states = ['retracted']) AS retracted
FROM (SELECT groupUniqArray(state) AS states FROM seen GROUP BY post_key)`, params)
	if err != nil {
		return err
	}
	r.Found.Posts, r.Retracted.Posts = rows[0].Found, rows[0].Retracted
	return nil
}

// rematchCards does the same for cards, and counts first sightings, in the order that
// the question first_sightings has. What was first once is asked of what is held and
// what was retracted.
func (s *Store) rematchCards(ctx context.Context, params map[string]string, r *Rematch) error {
	var rows []struct {
		Found           uint64 `ch:"found"`
		Retracted       uint64 `ch:"retracted"`
		FirstsFound     uint64 `ch:"firsts_found"`
		FirstsRetracted uint64 `ch:"firsts_retracted"`
	}
	err := s.SelectTables(ctx, &rows, rematchSQL+`SELECT
    countIf(states = ['found']) AS found, countIf(states = ['retracted']) AS retracted,
    sum(now_found) AS firsts_found, sum(then_retracted) AS firsts_retracted
FROM
(
    SELECT
        groupUniqArrayArray(platform_states) AS states,
        countIf(first_now = 'found') AS now_found,
        countIf(first_then = 'retracted') AS then_retracted
    FROM
    (
        SELECT
            card_path,
            groupUniqArray(state) AS platform_states,
            argMinIf(state, (posted_at, post_key, basis, matched_key), state != 'retracted') AS first_now,
            argMinIf(state, (posted_at, post_key, basis, matched_key), state != 'found') AS first_then
        FROM seen
        WHERE isNotNull(card_path)
        GROUP BY card_path, platform
    )
    GROUP BY card_path
)`, params)
	if err != nil {
		return err
	}
	r.Found.Cards, r.Retracted.Cards = rows[0].Found, rows[0].Retracted
	r.Found.FirstSightings, r.Retracted.FirstSightings = rows[0].FirstsFound, rows[0].FirstsRetracted
	return nil
}
