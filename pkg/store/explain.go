package store

import (
	"context"
	"fmt"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// Explained is what is kept of a post and why it counts. Nothing of it can be read as
// text: there is none.
type Explained struct {
	Platform   string            `ch:"platform" json:"platform"`
	Kind       string            `ch:"kind" json:"kind"`
	PostedAt   time.Time         `ch:"posted_at" json:"posted_at"`
	Length     *uint32           `ch:"length" json:"length"`
	Personal   map[string]uint32 `ch:"personal" json:"personal_data"`
	Flags      []string          `ch:"flags" json:"flags"`
	Media      uint64            `ch:"media" json:"media"`
	State      string            `ch:"state" json:"state"`
	Looks      uint64            `ch:"looks" json:"looks"`
	Generation uint32            `ch:"generation" json:"generation"`
	Links      []ExplainedLink   `ch:"-" json:"links"`
}

// ExplainedLink is one link of a post. Family is empty where it belongs to none; Card is
// nil where it counts for no card.
type ExplainedLink struct {
	Role       string   `ch:"role" json:"role"`
	Source     string   `ch:"source" json:"source"`
	Disguises  []string `ch:"disguises" json:"disguises"`
	ExpandedBy string   `ch:"expanded_by" json:"expanded_by"`
	// State is what a shortener said of a short link or of the one that led here; empty
	// where nobody asked.
	State      string  `ch:"state" json:"state"`
	Depth      uint16  `ch:"depth" json:"depth"`
	Family     string  `ch:"family" json:"family"`
	Match      string  `ch:"match" json:"match"`
	ListPage   bool    `ch:"list_page" json:"list_page"`
	Card       *string `ch:"card" json:"card_key"`
	Basis      string  `ch:"basis" json:"basis"`
	Generation uint32  `ch:"generation" json:"generation"`
}

// Explain says what is kept of a post, and why each of its links counts or does not.
// Found is false where the study has no such post.
func (s *Store) Explain(ctx context.Context, post privacy.Key) (e Explained, found bool, err error) {
	params := map[string]string{"post": post.String()}
	var posts []Explained
	err = s.Select(ctx, &posts, fmt.Sprintf(`
SELECT
    toString(p.platform) AS platform, toString(p.kind) AS kind, p.posted_at AS posted_at, p.length AS length,
    CAST(p.personal_data, 'Map(String, UInt32)') AS personal, arrayMap(f -> toString(f), p.flags) AS flags,
    length(p.media_kinds) AS media, toString(s.state) AS state, toUInt64(s.looks) AS looks, toUInt32(p.generation) AS generation
FROM (SELECT * FROM %[1]s.posts WHERE post_key = {post:UUID}) AS p
LEFT ANY JOIN (SELECT post_key, state, looks FROM %[1]s.post_states WHERE post_key = {post:UUID}) AS s ON s.post_key = p.post_key`, s.cfg.Research), params)
	if err != nil || len(posts) == 0 {
		return Explained{}, false, err
	}
	e = posts[0]
	e.Links = []ExplainedLink{}
	err = s.Select(ctx, &e.Links, fmt.Sprintf(`
WITH
    listed AS (SELECT match, match_key, toString(family) AS family, page_keys FROM %[1]s.sites WHERE listed),
    sighted AS (SELECT family, path_key, any(card_key) AS card_key, any(basis) AS basis FROM %[1]s.sightings
        WHERE post_key = {post:UUID} AND NOT is_site_sighting GROUP BY family, path_key)
SELECT
    toString(l.role) AS role, ifNull(toString(l.source), '') AS source, arrayMap(d -> toString(d), l.disguises) AS disguises,
    ifNull(toString(l.expanded_by), '') AS expanded_by, ifNull(toString(l.state), '') AS state, toUInt16(l.depth) AS depth,
    if(h.family != '', h.family, s.family) AS family, multiIf(h.family != '', 'host', s.family != '', 'site', '') AS match,
    has(if(h.family != '', h.page_keys, s.page_keys), l.path_key) AS list_page,
    if(c.family = '', NULL, toString(c.card_key)) AS card, toString(c.basis) AS basis, toUInt32(l.generation) AS generation
FROM (SELECT * FROM %[1]s.links WHERE post_key = {post:UUID}) AS l
LEFT ANY JOIN (SELECT * FROM listed WHERE match = 'host') AS h ON h.match_key = l.host_key
LEFT ANY JOIN (SELECT * FROM listed WHERE match = 'site') AS s ON s.match_key = l.site_key
LEFT ANY JOIN sighted AS c ON c.family = if(h.family != '', h.family, if(s.family != '', s.family, toString(l.site_key))) AND c.path_key = l.path_key
ORDER BY role, source, depth, toString(l.path_key), toString(l.host_key)`, s.cfg.Research), params)
	return e, true, err
}
