-- Question: Which families were carried by the same channels and posts?
-- Coverage: The posts that were collected.
-- Limits: Needs a watch list: without listed sites every domain would be a family. A shared channel shows one audience for two campaigns, not one author.
WITH
    acts AS
    (
        SELECT DISTINCT family, channel_key, post_key
        FROM research.sightings
        WHERE throwIf(isNull(site) AND (SELECT count() FROM research.sites WHERE listed) = 0, 'family_overlap needs listed sites: without a watch list every domain counts as a family') = 0
    ),
    carriers AS
    (
        SELECT family, channel_key, groupUniqArray(post_key) AS post_keys
        FROM acts
        GROUP BY family, channel_key
    ),
    totals AS
    (
        SELECT family, uniqExact(channel_key) AS channels, uniqExact(post_key) AS posts
        FROM acts
        GROUP BY family
    ),
    pairs AS
    (
        SELECT
            a.family AS family_1,
            b.family AS family_2,
            count() AS channels,
            sum(length(arrayIntersect(a.post_keys, b.post_keys))) AS posts
        FROM carriers AS a
        INNER JOIN carriers AS b ON a.channel_key = b.channel_key
        WHERE a.family < b.family
        GROUP BY family_1, family_2
    )
SELECT
    p.family_1 AS family_1,
    p.family_2 AS family_2,
    p.channels AS channels,
    p.posts AS posts,
    t1.channels AS channels_1,
    t2.channels AS channels_2,
    t1.posts AS posts_1,
    t2.posts AS posts_2
FROM pairs AS p
INNER JOIN totals AS t1 ON t1.family = p.family_1
INNER JOIN totals AS t2 ON t2.family = p.family_2
ORDER BY channels DESC, posts DESC, family_1, family_2
