package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// CardPage is a card at a host or site that shows it.
type CardPage struct {
	Card, Path, Site privacy.Key
}

// Part is a key that goes with another when that is erased: a post with its channel
// or account, the items of an album with each other.
type Part struct {
	Of, Key privacy.Key
}

// CardKey is the key of a card: of a family and a path. Where no site is listed the
// family is a site's own key as text, as in the view sightings.
func CardKey(family string, path privacy.Key) privacy.Key {
	sum := sha256.Sum256([]byte(family + "\x00" + path.String()))
	return privacy.Key(sum[:privacy.KeySize])
}

// ChannelNames gives the keys of channels and of all other names of theirs.
func (s *Store) ChannelNames(ctx context.Context, channels []privacy.Key) ([]privacy.Key, error) {
	var all []privacy.Key
	known := map[privacy.Key]bool{}
	for fresh := channels; len(fresh) > 0; { // a name may have been that of another channel before
		var found []privacy.Key
		for _, key := range fresh {
			if !known[key] {
				known[key] = true
				all, found = append(all, key), append(found, key)
			}
		}
		fresh = nil
		for some := range slices.Chunk(found, listedAtOnce) {
			names, err := s.keys(ctx, "find the names of channels", fmt.Sprintf(`SELECT arrayJoin([alias_key, channel_key]) AS found FROM %[1]s.channel_aliases
WHERE alias_key IN (%[2]s) OR channel_key IN (%[2]s)`, s.cfg.Tables, literals(texts(some))))
			if err != nil {
				return nil, err
			}
			fresh = append(fresh, names...)
		}
	}
	return all, nil
}

// NumberedPosts gives the keys of the posts that have a number in one of the
// channels, whichever name of its channel a post was read under.
func (s *Store) NumberedPosts(ctx context.Context, number privacy.Key, channels []privacy.Key) ([]privacy.Key, error) {
	return s.keys(ctx, "find posts by number", fmt.Sprintf(`SELECT DISTINCT found FROM (
    SELECT post_key AS found FROM %[1]s.posts WHERE post_no_key = '%[2]s' AND channel_key IN (%[3]s)
    UNION ALL SELECT assumeNotNull(source_post_key) FROM %[1]s.shares WHERE source_post_no_key = '%[2]s' AND source_channel_key IN (%[3]s) AND source_post_key IS NOT NULL
)`, s.cfg.Tables, number, literals(texts(channels))))
}

// AccountsOf gives the accounts that wrote posts of channels.
func (s *Store) AccountsOf(ctx context.Context, channels []privacy.Key) ([]privacy.Key, error) {
	return s.keys(ctx, "find the accounts of channels", fmt.Sprintf(`SELECT DISTINCT assumeNotNull(account_key) AS found FROM %s.posts
WHERE channel_key IN (%s) AND account_key IS NOT NULL`, s.cfg.Tables, literals(texts(channels))))
}

// FamiliesAt gives the families that a host or a site belongs or belonged to.
func (s *Store) FamiliesAt(ctx context.Context, keys ...privacy.Key) ([]string, error) {
	l, err := s.everListed(ctx)
	if err != nil {
		return nil, err
	}
	return l.familiesAt(keys...), nil
}

// PagesAt gives the pages of a path: at a site as a card of its own, and at all sites
// of each family.
func (s *Store) PagesAt(ctx context.Context, path, site privacy.Key, families []string) ([]CardPage, error) {
	l, err := s.everListed(ctx)
	if err != nil {
		return nil, err
	}
	return l.pagesAt(path, site, families), nil
}

// everListed is what belongs or belonged to families: hosts and sites, from both ends.
type everListed struct {
	families map[privacy.Key][]string
	sites    map[string][]privacy.Key
}

func (s *Store) everListed(ctx context.Context) (everListed, error) {
	var rows []struct {
		Key    uuid.UUID `ch:"match_key"`
		Family string    `ch:"family_name"`
	}
	sql := fmt.Sprintf(`SELECT DISTINCT match_key, toString(family) AS family_name FROM %s.sites`, s.cfg.Tables)
	if err := s.server.Select(ctx, &rows, sql); err != nil {
		return everListed{}, wrap("find the sites of families", err)
	}
	l := everListed{families: map[privacy.Key][]string{}, sites: map[string][]privacy.Key{}}
	for _, row := range rows {
		key := privacy.Key(row.Key)
		l.families[key] = append(l.families[key], row.Family)
		l.sites[row.Family] = append(l.sites[row.Family], key)
	}
	return l, nil
}

func (l everListed) familiesAt(keys ...privacy.Key) []string {
	families := []string{}
	for _, key := range keys {
		for _, family := range l.families[key] {
			if !slices.Contains(families, family) {
				families = append(families, family)
			}
		}
	}
	return families
}

func (l everListed) pagesAt(path, site privacy.Key, families []string) []CardPage {
	pages := []CardPage{{Card: CardKey(site.String(), path), Path: path, Site: site}}
	for _, family := range families {
		for _, site := range l.sites[family] {
			pages = append(pages, CardPage{Card: CardKey(family, path), Path: path, Site: site})
		}
	}
	return pages
}

// CardPages gives the pages of cards: each at the sites where links show it, and at
// all sites of its family. Of a card that no link shows nothing is known.
func (s *Store) CardPages(ctx context.Context, cards []privacy.Key) (pages []CardPage, err error) {
	wanted, known := map[privacy.Key]bool{}, map[CardPage]bool{}
	for _, card := range cards {
		wanted[card] = true
	}
	shown, err := s.showing(ctx, cards)
	if err != nil {
		return nil, err
	}
	l, err := s.everListed(ctx)
	if err != nil {
		return nil, err
	}
	for _, link := range shown {
		host, site, path := privacy.Key(link.Host), privacy.Key(link.Site), privacy.Key(link.Path)
		for _, page := range l.pagesAt(path, site, l.familiesAt(host, site)) {
			if wanted[page.Card] && !known[page] {
				known[page] = true
				pages = append(pages, page)
			}
		}
	}
	return pages, nil
}

// shownAt is where a link shows a card.
type shownAt struct {
	Host uuid.UUID `ch:"host_key"`
	Site uuid.UUID `ch:"site_key"`
	Path uuid.UUID `ch:"path_key"`
}

// showing lists where links show cards.
func (s *Store) showing(ctx context.Context, cards []privacy.Key) (all []shownAt, err error) {
	for some := range slices.Chunk(cards, listedAtOnce) {
		rule := erasure{only: literals(texts(some)), tables: []string{s.cfg.Tables}}
		var shown []shownAt
		if err := s.server.Select(longStatements(ctx), &shown, "SELECT DISTINCT host_key, site_key, path_key FROM ("+rule.cards("host_key, site_key, path_key")+")"); err != nil {
			return nil, wrap("find the pages of cards", err)
		}
		all = append(all, shown...)
	}
	return all, nil
}

// PartsOf gives what goes with posts, channels and accounts and does not name them:
// their posts and the items of those.
func (s *Store) PartsOf(ctx context.Context, targets []privacy.Key) (parts []Part, err error) {
	for some := range slices.Chunk(targets, listedAtOnce) {
		var rows []struct {
			Of  uuid.UUID `ch:"target"`
			Key uuid.UUID `ch:"part"`
		}
		sql := fmt.Sprintf(`SELECT DISTINCT target, part FROM (
    SELECT channel_key AS target, arrayJoin(arrayPushFront(item_keys, post_key)) AS part FROM %[1]s.posts WHERE channel_key IN (%[2]s)
    UNION ALL SELECT assumeNotNull(account_key), arrayJoin(arrayPushFront(item_keys, post_key)) FROM %[1]s.posts WHERE account_key IN (%[2]s)
    UNION ALL SELECT post_key, arrayJoin(item_keys) FROM %[1]s.posts WHERE post_key IN (%[2]s)
    UNION ALL SELECT item, arrayJoin(arrayPushFront(item_keys, post_key)) FROM %[1]s.posts ARRAY JOIN item_keys AS item WHERE item IN (%[2]s)
) WHERE part != target`, s.cfg.Tables, literals(texts(some)))
		if err := s.server.Select(longStatements(ctx), &rows, sql); err != nil {
			return nil, wrap("find what goes with what is erased", err)
		}
		for _, row := range rows {
			parts = append(parts, Part{Of: privacy.Key(row.Of), Key: privacy.Key(row.Key)})
		}
	}
	return parts, nil
}

// keys runs a statement that gives one column of keys, found.
func (s *Store) keys(ctx context.Context, doing, sql string) ([]privacy.Key, error) {
	var rows []struct {
		Found uuid.UUID `ch:"found"`
	}
	if err := s.server.Select(longStatements(ctx), &rows, sql); err != nil {
		return nil, wrap(doing, err)
	}
	keys := make([]privacy.Key, len(rows))
	for i, row := range rows {
		keys[i] = privacy.Key(row.Found)
	}
	return keys, nil
}
