-- Question: Where and when did we look, and how much of it did we see?
-- Parameter platform: only this platform. Default: every platform
-- Coverage: This is the coverage itself: one line for each platform, channel or search, way of collecting and selection.
-- Limits: complete means that no gap was reported, not that nothing was deleted before we looked. looked_at is empty where a source does not say when it was read (Telegram Desktop). from_at and to_at are the first and last post seen.
SELECT
    v.platform AS platform,
    v.channel_key AS channel_key,
    any(c.label) AS label,
    v.query_key AS query_key,
    v.leg AS leg,
    v.selection AS selection,
    min(v.from_at) AS from_at,
    max(v.to_at) AS to_at,
    max(v.looked_at) AS looked_at,
    toBool(countIf(v.state = 'gap') = 0) AS complete,
    sum(v.post_count) AS posts,
    countIf(v.state = 'gap') AS gaps
FROM research.coverage AS v
LEFT ANY JOIN research.channels AS c ON c.channel_key = v.channel_key
WHERE {platform:Nullable(String)} IS NULL OR v.platform = {platform:Nullable(String)}
GROUP BY platform, channel_key, query_key, leg, selection
ORDER BY platform, label, channel_key, query_key, leg, selection
