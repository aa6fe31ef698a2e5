-- Question: How did a card, or all cards of a family, spread over time?
-- Parameter family: only this family. Default: every family
-- Parameter card: only this card, by card_key. Default: every card
-- Parameter bucket: hour, day or week (weeks begin on Monday). Default: day
-- Coverage: The posts that were collected; an hour nobody looked at looks like an hour without posts.
-- Limits: Times are the platform's, in UTC. Reach adds up the last known audience of the channels of a bucket; one person may be in many audiences, and reach must not be added up over buckets. A bucket narrower than a stamp's precision is refused.
WITH
    multiIf({bucket:String} = 'hour', 3600, {bucket:String} = 'day', 86400, {bucket:String} = 'week', 604800, 0) AS bucket_s,
    acts AS
    (
        SELECT
            platform,
            post_key,
            channel_key,
            card_key,
            is_site_sighting,
            toDateTime(multiIf(
                {bucket:String} = 'hour', toUnixTimestamp(toStartOfHour(posted_at)),
                {bucket:String} = 'day', toUnixTimestamp(toStartOfDay(posted_at)),
                toUnixTimestamp(toStartOfDay(posted_at)) - 86400 * (toDayOfWeek(posted_at) - 1)), 'UTC') AS at
        FROM research.sightings
        WHERE ({family:Nullable(String)} IS NULL OR family = {family:Nullable(String)})
          AND ({card:Nullable(UUID)} IS NULL OR card_key = {card:Nullable(UUID)})
          AND throwIf(bucket_s = 0, 'bucket must be hour, day or week') = 0
          AND throwIf(posted_precision_s > bucket_s, 'bucket is narrower than the stamps of some posts: choose a wider one') = 0
    ),
    dated AS
    (
        SELECT *, minIf(at, NOT is_site_sighting) OVER (PARTITION BY channel_key) AS channel_first_at
        FROM acts
    )
SELECT
    d.at AS at,
    d.platform AS platform,
    uniqExactIf(d.post_key, NOT d.is_site_sighting) AS posts,
    uniqExactIf(d.channel_key, NOT d.is_site_sighting) AS channels,
    uniqExactIf(d.channel_key, NOT d.is_site_sighting AND d.at = d.channel_first_at) AS new_channels,
    uniqExactIf(d.card_key, NOT d.is_site_sighting) AS cards,
    uniqExactIf(d.post_key, d.is_site_sighting) AS site_posts,
    if(audience_known = 0, NULL, arraySum(k -> k.2, groupUniqArrayIf(
        (d.channel_key, assumeNotNull(a.audience)), NOT d.is_site_sighting AND isNotNull(a.audience)))) AS reach,
    uniqExactIf(d.channel_key, NOT d.is_site_sighting AND isNotNull(a.audience)) AS audience_known
FROM dated AS d
LEFT ANY JOIN (SELECT channel_key, toNullable(audience) AS audience FROM research.channel_audiences) AS a ON a.channel_key = d.channel_key
GROUP BY at, platform
ORDER BY at, platform
