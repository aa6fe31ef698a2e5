package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// UnlistedSite is what links tell of a registrable domain that no family lists, and of
// the hosts below it that none lists.
type UnlistedSite struct {
	// Site and Label are keys, of the domain and of its label's skeleton.
	Site, Label [16]byte
	// Hosts, Links, Posts and Channels count what is distinct; channels under one of
	// their names.
	Hosts, Links, Posts, Channels uint64
	// FirstAt and LastAt are when the first and the last of the posts were posted.
	FirstAt, LastAt time.Time
}

// EachLabel calls do with the key of every label that a link has, each once, in no
// order. It costs one pass over one column, whatever is looked for among them: keys
// of hundreds of thousands of labels that links might have need not be sent anywhere.
// Labels of rows that were replaced since may be among them.
func (s *Store) EachLabel(ctx context.Context, do func(label [16]byte)) (err error) {
	const doing = "list labels"
	rows, err := s.tables.Query(ctx, "SELECT DISTINCT assumeNotNull(label_key) AS label FROM links WHERE isNotNull(label_key) SETTINGS final = 0")
	if err != nil {
		return wrap(doing, err)
	}
	defer func() {
		if err = errors.Join(err, rows.Close()); err != nil {
			err = wrap(doing, err)
		}
	}()
	var label uuid.UUID
	for rows.Next() {
		if err := rows.Scan(&label); err != nil {
			return err
		}
		do(label)
	}
	return rows.Err()
}

// keysAtOnce bounds the keys of one statement, so that its parameters fit into an
// address.
const keysAtOnce = 1000

// UnlistedSites gives the sites that have one of these labels and that no family
// lists, in the order of their first posts.
func (s *Store) UnlistedSites(ctx context.Context, labels [][16]byte) ([]UnlistedSite, error) {
	sql := strings.NewReplacer("{Research}", s.cfg.Research).Replace(`SELECT
    l.site_key AS site, l.label_key AS label,
    uniqExact(l.host_key) AS hosts, count() AS links, uniqExact(l.post_key) AS posts,
    uniqExact(coalesce(alias.channel_key, l.channel_key)) AS channels,
    min(l.posted_at) AS first_at, max(l.posted_at) AS last_at
FROM links AS l
LEFT ANY JOIN (SELECT alias_key, toNullable(channel_key) AS channel_key FROM {Research}.channel_aliases) AS alias ON alias.alias_key = l.channel_key
WHERE l.label_key IN {labels:Array(UUID)}
  AND l.host_key IN (SELECT host_key FROM links WHERE label_key IN {labels:Array(UUID)} SETTINGS final = 0)
  AND l.site_key NOT IN (SELECT match_key FROM sites WHERE listed AND match = 'site')
  AND l.host_key NOT IN (SELECT match_key FROM sites WHERE listed AND match = 'host')
GROUP BY site, label`)
	var found []UnlistedSite
	for some := range slices.Chunk(labels, keysAtOnce) {
		var rows []struct {
			Site     uuid.UUID  `ch:"site"`
			Label    *uuid.UUID `ch:"label"`
			Hosts    uint64     `ch:"hosts"`
			Links    uint64     `ch:"links"`
			Posts    uint64     `ch:"posts"`
			Channels uint64     `ch:"channels"`
			FirstAt  time.Time  `ch:"first_at"`
			LastAt   time.Time  `ch:"last_at"`
		}
		if err := s.SelectTables(ctx, &rows, sql, map[string]string{"labels": keyArray(some)}); err != nil {
			return nil, wrap("find unlisted sites", err)
		}
		for _, r := range rows {
			found = append(found, UnlistedSite{r.Site, *r.Label, r.Hosts, r.Links, r.Posts, r.Channels, r.FirstAt, r.LastAt})
		}
	}
	slices.SortFunc(found, func(a, b UnlistedSite) int {
		if before := a.FirstAt.Compare(b.FirstAt); before != 0 {
			return before
		}
		return slices.Compare(a.Site[:], b.Site[:])
	})
	return found, nil
}

// keyArray writes keys as the value of a parameter of type Array(UUID).
func keyArray(keys [][16]byte) string {
	var b strings.Builder
	for i, key := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("'" + uuid.UUID(key).String() + "'")
	}
	return "[" + b.String() + "]"
}
