-- Question: What do the figures rest on, in a line a platform?
-- Coverage: All of the coverage, and today's watch list.
-- Limits: A summary; `coverage` has a line for each channel and search. posts are those that archives held, as counted while reading, and where anything of the platform is collected live, the platform's posts that are rows. generation is the newest watch list that listed a site, families and sites count what is listed now.
WITH
    -- Nothing live: the posts are not read.
    (SELECT groupUniqArray(platform) FROM research.live_channels) AS live_platforms,
    live AS
    (
        SELECT toString(platform) AS live_platform, count() AS posts
        FROM research.posts
        WHERE notEmpty(live_platforms) AND has(live_platforms, toString(platform))
        GROUP BY live_platform
    )
SELECT
    platform,
    uniqExact(channel_key) AS channels,
    uniqExact(query_key) AS searches,
    min(from_at) AS from_at,
    max(to_at) AS to_at,
    if(countIf(isNull(import_id)) = 0, sum(post_count), ifNull(any(live.posts), 0)) AS posts,
    countIf(state = 'gap') AS gaps,
    uniqExactIf(channel_key, selection = 'full' AND state = 'complete') AS channels_full,
    (SELECT max(generation) FROM research.sites) AS generation,
    (SELECT uniqExact(family) FROM research.sites WHERE listed) AS families,
    (SELECT count() FROM research.sites WHERE listed) AS sites
FROM research.coverage
LEFT ANY JOIN live ON live.live_platform = toString(platform)
GROUP BY platform
ORDER BY platform
