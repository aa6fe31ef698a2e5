package store

import (
	"fmt"
	"strings"
)

// erasure is the one place that says which rows are about something that was
// erased: a post, channel, account or card whose key a decision of kind
// `erased` that is in force names. A channel's other names count as its key.
//
// Rows of posts, links, shares, observations, channels and locators go. What
// stays names nobody and is needed for what is left to add up or to be opened,
// or for the erasure itself: coverage, imports, sites, probes, takedowns, the
// keys of locators, decisions, aliases.
//
// Limits: a card is known by the families that its site belongs to now; one
// that was erased under the name of a family that its site has left stays. A
// post that was read under two names of its channel has two keys, and who erases
// it names both.
type erasure struct {
	// decisions names the database with the decisions that count.
	decisions string
	// only, where it is not empty, is a list of keys that counts in their place.
	only string
	// tables names the databases whose rows tell what belongs together: which
	// posts are of an erased account, which links show an erased card.
	tables []string
}

// erasedKinds lists what EnforceErasures deletes from, what depends on others
// first, so that an interrupted call is made good by the next.
func erasedKinds() []Kind {
	return []Kind{KindLocators, KindObservations, KindShares, KindLinks, KindPosts, KindChannels}
}

// condition is true for a row of the kind that is to go, and false, never NULL,
// for others; "" where none goes.
func (e erasure) condition(kind Kind) string {
	keys, posts := e.keys(), e.posts()
	switch kind {
	case KindPosts:
		// By key too: else an older row of the key, which the row that went had
		// replaced, would stand in its place.
		return anyOf(e.ofPosts(), in("post_key", posts))
	case KindLinks:
		return anyOf(in("post_key", posts), in("channel_key", keys), in("(host_key, path_key)", e.cards("host_key, path_key")))
	case KindShares:
		return anyOf(in("post_key", posts), in("source_post_key", posts), in("channel_key", keys), in("source_channel_key", keys))
	case KindObservations:
		return anyOf(in("post_key", posts), in("channel_key", keys))
	case KindChannels:
		return in("channel_key", keys)
	case KindLocators:
		return anyOf(in("target_key", posts), in("target_key", e.cards("path_key")))
	default:
		return ""
	}
}

// steps are the conditions of a kind in the order in which rows are deleted by
// them. Rows that only another row of their key shows to be erased go first: were
// both to go at once, a deletion that is cut off and goes on, part by part, might
// not find that other row any more.
func (e erasure) steps(kind Kind) []string {
	condition := e.condition(kind)
	switch kind {
	case KindPosts:
		return []string{condition + " AND NOT " + e.ofPosts(), condition}
	case KindLinks:
		return []string{condition + " AND NOT " + in("(host_key, site_key, path_key)", e.cards("host_key, site_key, path_key")), condition}
	default:
		return []string{condition}
	}
}

// ofPosts is the condition for posts, which that of others builds on. An album
// goes with any item of it.
func (e erasure) ofPosts() string {
	keys := e.keys()
	items := "hasAny(item_keys, (SELECT groupUniqArray(target_key) FROM (" + e.targets() + ")))"
	return anyOf(in("post_key", keys), in("channel_key", keys), in("account_key", keys), items)
}

func in(column, set string) string { return "ifNull(" + column + " IN (" + set + "), 0)" }

func anyOf(conditions ...string) string { return "(" + strings.Join(conditions, " OR ") + ")" }

// targets are the keys that were decided about.
func (e erasure) targets() string {
	if e.only != "" {
		return "SELECT arrayJoin(arrayMap(k -> toUUID(k), [" + e.only + "])) AS target_key"
	}
	return fmt.Sprintf("SELECT target_key FROM %s.decisions FINAL WHERE kind = 'erased' AND in_force", e.decisions)
}

// keys are the targets with all names of channels among them: first the key that
// counts, then every alias of it.
func (e erasure) keys() string {
	sets := []string{e.targets()}
	for _, db := range e.tables {
		sets = append(sets, fmt.Sprintf("SELECT channel_key FROM %s.channel_aliases FINAL WHERE alias_key IN (%s)", db, e.targets()))
	}
	counting := strings.Join(sets, " UNION ALL ")
	for _, db := range e.tables {
		sets = append(sets, fmt.Sprintf("SELECT alias_key FROM %s.channel_aliases FINAL WHERE channel_key IN (%s)", db, counting))
	}
	return strings.Join(sets, " UNION ALL ")
}

// posts are the keys with all posts of erased channels and accounts, and the
// keys of their items.
func (e erasure) posts() string {
	sets := []string{e.keys()}
	for _, db := range e.tables {
		sets = append(sets, fmt.Sprintf("SELECT arrayJoin(arrayPushFront(item_keys, post_key)) FROM %s.posts FINAL WHERE %s", db, e.ofPosts()))
	}
	return strings.Join(sets, " UNION ALL ")
}

// cards are the columns, of host_key, site_key and path_key, of each link that
// shows an erased card. A card is a family and a path; the family is that of the
// site or, where none is listed, the site's own key (see the view sightings). The
// site follows from the host.
func (e erasure) cards(columns string) string {
	const card = `toUUID(UUIDNumToString(toFixedString(substring(SHA256(concat(%s, '\0', toString(path_key))), 1, 16), 16)))`
	var sites, links []string
	for _, db := range e.tables {
		sites = append(sites, fmt.Sprintf("SELECT match_key, toString(family) AS family FROM %s.sites FINAL", db))
		links = append(links, fmt.Sprintf("SELECT host_key, site_key, path_key FROM %s.links", db))
	}
	return "SELECT " + columns + fmt.Sprintf(`
FROM (SELECT DISTINCT host_key, site_key, path_key, arrayJoin([host_key, site_key]) AS match_key FROM (%s)) AS shown
LEFT JOIN (%s) AS listed ON listed.match_key = shown.match_key
WHERE `+fmt.Sprintf(card, "listed.family")+` IN (%[3]s) OR `+fmt.Sprintf(card, "toString(site_key)")+` IN (%[3]s)`,
		strings.Join(links, " UNION ALL "), strings.Join(sites, " UNION DISTINCT "), e.targets())
}
