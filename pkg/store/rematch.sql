-- One row is one sighting of the family, or what was one: as the view sightings has
-- them, and besides with links to sites that were taken off the list. state is held
-- where the site was listed already when the link was read, found where it was not,
-- and retracted where it is no more. What belongs to another family now is its own.
--
-- changes says since which generation of the watch list a site is listed, or is not;
-- a link's generation is the one under which it was read.
WITH
    changes AS
    (
        SELECT change.1 AS match_key, change.2 AS since
        FROM (SELECT arrayJoin(arrayZip({keys:Array(UUID)}, {since:Array(UInt64)})) AS change)
    ),
    dated AS
    (
        SELECT
            s.match AS match,
            s.match_key AS match_key,
            toString(s.family) AS family,
            s.host AS host,
            s.listed AS listed,
            c.since AS since,
            groupArrayArray(s.page_keys) OVER (PARTITION BY s.family, s.listed) AS pages
        FROM sites AS s
        LEFT ANY JOIN changes AS c ON c.match_key = s.match_key
    ),
    seen AS
    (
        SELECT
            post_key,
            matched_key,
            if(depth = 0 OR has(matched.4, path_key), NULL, path_key) AS card_path,
            any(matched.2) AS host,
            multiIf(NOT counted, 'retracted', max(generation) < any(matched.3), 'found', 'held') AS state,
            groupUniqArray(host_key) AS hosts,
            count() AS links,
            min(multiIf(role = 'quoted', 3, post_kind IN ('forward', 'repost'), 2, 1)) AS basis,
            argMax(link_platform, version) AS platform,
            argMax(link_posted_at, version) AS posted_at
        FROM
        (
            SELECT
                l.post_key AS post_key,
                l.host_key AS host_key,
                l.path_key AS path_key,
                l.depth AS depth,
                l.role AS role,
                l.post_kind AS post_kind,
                l.generation AS generation,
                l.version AS version,
                toString(l.platform) AS link_platform,
                l.posted_at AS link_posted_at,
                if(h.family != '', h.family, s.family) AS now_in,
                now_in = {family:String} AS counted,
                multiIf(
                    counted AND h.family != '', (l.host_key, h.host, h.since, h.pages),
                    counted, (l.site_key, s.host, s.since, s.pages),
                    oh.host != '', (l.host_key, oh.host, oh.since, oh.pages),
                    (l.site_key, os.host, os.since, os.pages)) AS matched,
                matched.1 AS matched_key
            FROM links AS l
            LEFT ANY JOIN (SELECT * FROM dated WHERE listed AND match = 'host') AS h ON h.match_key = l.host_key
            LEFT ANY JOIN (SELECT * FROM dated WHERE listed AND match = 'site') AS s ON s.match_key = l.site_key
            LEFT ANY JOIN (SELECT * FROM dated WHERE NOT listed AND match = 'host' AND family = {family:String}) AS oh ON oh.match_key = l.host_key
            LEFT ANY JOIN (SELECT * FROM dated WHERE NOT listed AND match = 'site' AND family = {family:String}) AS os ON os.match_key = l.site_key
            WHERE l.host_key IN
                (
                    SELECT host_key
                    FROM links
                    WHERE host_key IN (SELECT match_key FROM sites WHERE family = {family:String} AND match = 'host')
                       OR site_key IN (SELECT match_key FROM sites WHERE family = {family:String} AND match = 'site')
                    SETTINGS final = 0
                )
        )
        WHERE counted OR (now_in = '' AND matched.2 != '' AND generation < matched.3)
        GROUP BY post_key, matched_key, card_path, counted
    )
