-- A sighting is a link to a listed site, counted once for a post, a card and a
-- site. It is worked out at reading time: a site that is listed tomorrow makes
-- sightings of links that were collected years ago.
--
-- card_key stands for family and path, so one card on fourteen mirrors is one
-- card. It is the head of a SHA-256, which any program can work out again. It
-- is NULL, like path_key, where the link leads to a start page or a list of
-- the family: that is a sighting of the site.
--
-- A listed host goes before the registrable domain it is part of. Pages that
-- are no cards count for all sites of their family.
--
-- No site listed at all: every registrable site is a family of its own, named
-- by its key, because its host is not readable.
CREATE OR REPLACE VIEW {{.Research}}.sightings{{.OnCluster}}{{.Security}} AS
WITH
    (SELECT count() = 0 FROM {{.Tables}}.sites FINAL WHERE listed) AS match_any,
    listed_sites AS
    (
        SELECT
            match,
            match_key,
            toString(family) AS family,
            host,
            sensitive,
            groupArrayArray(page_keys) OVER (PARTITION BY family) AS pages
        FROM {{.Tables}}.sites FINAL
        WHERE listed
    )
SELECT
    found.family AS family,
    if(isNull(found.card_path), NULL, toUUID(UUIDNumToString(toFixedString(substring(
        SHA256(concat(found.family, '\0', toString(found.card_path))), 1, 16), 16)))) AS card_key,
    found.card_path AS path_key,
    found.matched_key AS site_key,
    found.site AS site,
    found.sensitive AS sensitive,
    toBool(isNull(found.card_path)) AS is_site_sighting,
    found.post_key AS post_key,
    {{resolved "found.channel_key"}} AS channel_key,
    found.platform AS platform,
    found.posted_at AS posted_at,
    found.posted_precision_s AS posted_precision_s,
    found.post_kind AS post_kind,
    transform(found.basis_rank, [1, 2, 3], ['direct', 'forward', 'quoted'], '') AS basis
FROM
(
    SELECT
        l.post_key AS post_key,
        multiIf(match_any, toString(l.site_key), h.family != '', h.family, s.family) AS family,
        if(h.family != '', l.host_key, l.site_key) AS matched_key,
        if(l.depth = 0 OR has(if(h.family != '', h.pages, s.pages), l.path_key), NULL, l.path_key) AS card_path,
        any(nullIf(if(h.family != '', h.host, s.host), '')) AS site,
        any(if(h.family != '', h.sensitive, s.sensitive)) AS sensitive,
        min(multiIf(l.role = 'quoted', 3, l.post_kind IN ('forward', 'repost'), 2, 1)) AS basis_rank,
        argMax(l.channel_key, l.version) AS channel_key,
        argMax(l.platform, l.version) AS platform,
        argMax(l.posted_at, l.version) AS posted_at,
        argMax(l.posted_precision_s, l.version) AS posted_precision_s,
        argMax(tuple(l.post_kind), l.version).1 AS post_kind
    FROM {{.Tables}}.links AS l FINAL
    LEFT ANY JOIN (SELECT match_key, family, host, sensitive, pages FROM listed_sites WHERE match = 'host') AS h
        ON h.match_key = l.host_key
    LEFT ANY JOIN (SELECT match_key, family, host, sensitive, pages FROM listed_sites WHERE match = 'site') AS s
        ON s.match_key = l.site_key
    WHERE (match_any OR l.host_key IN
        (
            SELECT host_key
            FROM {{.Tables}}.links
            WHERE host_key IN (SELECT match_key FROM listed_sites WHERE match = 'host')
               OR site_key IN (SELECT match_key FROM listed_sites WHERE match = 'site')
        ))
      AND family != ''
    GROUP BY post_key, family, matched_key, card_path
) AS found
LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = found.channel_key
