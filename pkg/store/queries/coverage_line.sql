-- Question: What do the figures rest on, in a line a platform?
-- Coverage: All of the coverage, and today's watch list.
-- Limits: A summary; `coverage` has a line for each channel and search. generation is the newest watch list that listed a site, families and sites count what is listed now.
SELECT
    platform,
    uniqExact(channel_key) AS channels,
    uniqExact(query_key) AS searches,
    min(from_at) AS from_at,
    max(to_at) AS to_at,
    sum(post_count) AS posts,
    countIf(state = 'gap') AS gaps,
    uniqExactIf(channel_key, selection = 'full' AND state = 'complete') AS channels_full,
    (SELECT max(generation) FROM research.sites) AS generation,
    (SELECT uniqExact(family) FROM research.sites WHERE listed) AS families,
    (SELECT count() FROM research.sites WHERE listed) AS sites
FROM research.coverage
GROUP BY platform
ORDER BY platform
