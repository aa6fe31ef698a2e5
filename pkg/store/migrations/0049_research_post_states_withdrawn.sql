-- What looks showed of each post: whether it was still there, and since when not.
-- A post was up when it was read (collected_at), or where nobody says when that
-- was, when it was posted. Looks at its channel as a whole tell of it, too, since
-- the channel was last seen up: of those the first and the last from each place
-- are taken.
--
-- gone and private are down. first_seen_down and looks_down speak of the looks
-- that showed it down since one last showed it otherwise. They are confirmed when
-- one of them came six hours after the first, or from another source or vantage,
-- or is the platform's own word for it (source compliance). An edit shows that a
-- post was up, but is no look.
--
-- withdrawn says that the platform shows it to nobody any more: it is down, and
-- that is confirmed, or it is withheld everywhere. X says that in two ways: it
-- shows no post but that a rule of its own forbids it (restricted for its terms), or
-- a post with XX or XY, all the world, among the countries, which the vantage names.
CREATE OR REPLACE VIEW {{.Research}}.post_states{{.OnCluster}}{{.Security}} AS
WITH
    channel_looks AS
    (
        SELECT
            channel_key, state, source, vantage,
            argMax(restrictions, observed_at) AS restrictions,
            any(platform) AS platform,
            arrayJoin(arrayDistinct([min(observed_at), max(observed_at)])) AS seen_at
        FROM
        (
            SELECT *, maxIf(observed_at, state IN ('up', 'edited', 'back')) OVER (PARTITION BY channel_key) AS up_at
            FROM {{.Research}}.observations
            WHERE isNull(post_key)
        )
        WHERE state IN ('gone', 'private', 'restricted') AND observed_at > up_at
        GROUP BY channel_key, state, source, vantage
    ),
    looks AS
    (
        SELECT
            post_key,
            true AS is_reading,
            false AS is_look,
            'up' AS shown,
            coalesce(collected_at, posted_at) AS seen_at,
            '' AS source,
            '' AS vantage,
            CAST([] AS Array(String)) AS restrictions,
            '' AS platform
        FROM {{.Research}}.posts
        UNION ALL
        SELECT
            assumeNotNull(post_key),
            false,
            state != 'edited',
            if(state IN ('edited', 'back'), 'up', toString(state)),
            observed_at,
            toString(source),
            toString(vantage),
            CAST(restrictions AS Array(String)),
            toString(platform)
        FROM {{.Research}}.observations
        WHERE isNotNull(post_key)
        UNION ALL
        SELECT
            p.post_key,
            false,
            true,
            toString(c.state),
            c.seen_at,
            toString(c.source),
            toString(c.vantage),
            CAST(c.restrictions AS Array(String)),
            toString(c.platform)
        FROM {{.Research}}.posts AS p
        INNER JOIN channel_looks AS c ON c.channel_key = p.channel_key
    ),
    summed AS
    (
        SELECT
            post_key,
            -- Of two looks at one moment the one that shows more counts.
            argMax((shown, restrictions, is_everywhere), (seen_at, indexOf(['private', 'gone', 'restricted', 'up'], shown), NOT is_everywhere)) AS last_shown,
            maxIf(seen_at, shown = 'up') AS last_seen_up,
            maxIf(seen_at, shown IN ('up', 'restricted')) AS last_there_at,
            countIf(is_look) AS looks,
            arraySort(groupArrayIf((seen_at, source, vantage), shown IN ('gone', 'private'))) AS all_down,
            arrayFilter(d -> d.1 > last_there_at, all_down) AS down
        FROM
        (
            SELECT *, platform = 'twitter' AND shown = 'restricted'
                AND (has(restrictions, 'terms') OR hasAny(splitByChar('+', vantage), ['xx', 'xy'])) AS is_everywhere
            FROM looks
        )
        GROUP BY post_key
        HAVING max(is_reading)
    )
SELECT
    post_key,
    last_shown.1 AS state,
    if(state = 'restricted', last_shown.2, []) AS restrictions,
    last_seen_up,
    if(empty(down), NULL, down[1].1) AS first_seen_down,
    looks,
    length(down) AS looks_down,
    toBool(notEmpty(down) AND (down[-1].1 >= addHours(down[1].1, 6)
        OR length(arrayDistinct(arrayMap(d -> (d.2, d.3), down))) > 1
        OR has(arrayMap(d -> d.2, down), 'compliance'))) AS confirmed,
    toBool(confirmed OR last_shown.3) AS withdrawn
FROM summed
