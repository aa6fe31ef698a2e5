package store

import (
	"context"
	"fmt"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// Page names a page by its keys.
type Page struct{ Host, Site, Path privacy.Key }

// Seen is where a page, or the card on it, was seen.
type Seen struct {
	// Places counts the channels that carried it, Posts the posts.
	Places uint64 `ch:"places"`
	Posts  uint64 `ch:"posts"`
	// Since is when the first of them was posted; the zero time if there is none.
	Since time.Time `ch:"since"`
	// Up counts the posts that were there at the last look, Looked those that anybody
	// looked at again: the others are taken to be as they were read.
	Up     uint64 `ch:"up"`
	Looked uint64 `ch:"looked"`
	// Watched says that the page is on a site of a family, so that its mirrors count.
	Watched bool `ch:"watched"`
}

// Seen says where a page was seen. On a site of a family that is the card, under
// whatever site of the family; elsewhere the page alone. A listed host goes before its
// site, as in the view sightings.
func (s *Store) Seen(ctx context.Context, page Page) (Seen, error) {
	var found []Seen
	err := s.Select(ctx, &found, fmt.Sprintf(`
WITH
    owner AS
    (
        SELECT toString(family) AS family FROM %[1]s.sites
        WHERE listed AND (match = 'host' AND match_key = {host:UUID} OR match = 'site' AND match_key = {site:UUID})
        ORDER BY match = 'host' DESC LIMIT 1
    ),
    carried AS
    (
        SELECT post_key, channel_key, posted_at FROM %[1]s.sightings
        WHERE path_key = {path:UUID} AND family IN (SELECT family FROM owner)
        UNION DISTINCT
        SELECT post_key, channel_key, posted_at FROM %[1]s.links WHERE host_key = {host:UUID} AND path_key = {path:UUID}
    )
SELECT
    uniqExact(k.channel_key) AS places,
    uniqExact(k.post_key) AS posts,
    min(k.posted_at) AS since,
    uniqExactIf(k.post_key, s.state NOT IN ('gone', 'private')) AS up,
    uniqExactIf(k.post_key, s.looks > 0) AS looked,
    (SELECT count() > 0 FROM owner) AS watched
FROM carried AS k
LEFT ANY JOIN (SELECT post_key, state, looks FROM %[1]s.post_states WHERE post_key IN (SELECT post_key FROM carried)) AS s
    ON s.post_key = k.post_key`, s.cfg.Research), map[string]string{"host": page.Host.String(), "site": page.Site.String(), "path": page.Path.String()})
	if err != nil || len(found) == 0 {
		return Seen{}, err
	}
	if found[0].Posts == 0 {
		found[0].Since = time.Time{}
	}
	return found[0], nil
}
