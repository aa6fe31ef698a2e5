-- Question: Where and when did we look, and how much of it did we see?
-- Parameter platform: only this platform. Default: every platform
-- Coverage: This is the coverage itself: one line for each platform, channel or search, way of collecting and selection.
-- Limits: complete means that no gap is open, not that nothing was deleted before we looked. A gap of a live leg is open until later looks hold all of it. looked_at is empty where a source does not say when it was read (Telegram Desktop). from_at and to_at are the first and last post seen. Posts of archives were counted while reading. Posts of live legs are those of the channel that are rows, whichever leg brought them, so lines do not add up; of a live search they are not known.
WITH live AS
(
    SELECT channel_key, count() AS posts
    FROM research.posts
    WHERE channel_key IN (SELECT assumeNotNull(channel_key) FROM research.live_channels WHERE isNotNull(channel_key))
    GROUP BY channel_key
)
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
    multiIf(countIf(isNull(v.import_id)) = 0, toNullable(sum(v.post_count)), isNull(v.channel_key), NULL, ifNull(any(live.posts), 0)) AS posts,
    countIf(v.state = 'gap') AS gaps
FROM research.coverage AS v
LEFT ANY JOIN research.channels AS c ON c.channel_key = v.channel_key
LEFT ANY JOIN live ON live.channel_key = v.channel_key
WHERE {platform:Nullable(String)} IS NULL OR v.platform = {platform:Nullable(String)}
GROUP BY platform, channel_key, query_key, leg, selection
ORDER BY platform, label, channel_key, query_key, leg, selection
