-- Question: Who passed on whose posts? Edges from source to sharer, for network tools.
-- Parameter family: only posts that carry a card of this family. Default: every share, with or without a card
-- Parameter kind: only this kind of share: forward, repost, quote, reply or link. Default: every kind
-- Coverage: The shares that collected posts declare.
-- Accounts: Edges from or to a collected account of X are left out unless collector_twitter.terms_basis is written_approval or dsa_40_12.
-- Limits: Copies without a forward header leave no edge. A share whose source is a person, or names neither a channel nor a collected post, has no source to draw an edge from and is left out. The weight is posts; cards counts the cards in those posts. Two channels on one edge may belong to one owner.
WITH
    closed AS (SELECT platform FROM research.terms WHERE NOT account_level),
    acts AS
    (
        SELECT
            s.post_key AS post_key,
            s.channel_key AS channel_key,
            s.platform AS platform,
            s.kind AS kind,
            s.posted_at AS posted_at,
            coalesce(s.source_channel_key, nullIf(p.channel_key, toUUID('00000000-0000-0000-0000-000000000000'))) AS source_channel_key
        FROM research.shares AS s
        LEFT ANY JOIN
        (
            SELECT post_key, channel_key
            FROM research.posts
            WHERE post_key IN
            (
                SELECT assumeNotNull(source_post_key)
                FROM research.shares
                WHERE isNull(source_channel_key) AND isNotNull(source_post_key)
            )
        ) AS p ON p.post_key = s.source_post_key
        WHERE {kind:Nullable(String)} IS NULL OR s.kind = {kind:Nullable(String)}
    ),
    carried AS
    (
        SELECT DISTINCT post_key, family, card_key
        FROM research.sightings
        WHERE NOT is_site_sighting
          AND ({family:Nullable(String)} IS NULL OR family = {family:Nullable(String)})
    )
SELECT
    acts.source_channel_key AS source_channel,
    acts.channel_key AS channel,
    acts.platform AS platform,
    acts.kind AS kind,
    uniqExact(acts.post_key) AS posts,
    uniqExactIf((k.family, k.card_key), isNotNull(k.card_key)) AS cards,
    min(acts.posted_at) AS first_at,
    max(acts.posted_at) AS last_at
FROM acts
LEFT JOIN carried AS k ON k.post_key = acts.post_key
WHERE isNotNull(acts.source_channel_key)
  AND acts.platform NOT IN closed
  AND assumeNotNull(acts.source_channel_key) NOT IN (SELECT channel_key FROM research.channels WHERE platform IN closed)
  AND ({family:Nullable(String)} IS NULL OR isNotNull(k.card_key))
GROUP BY source_channel, channel, platform, kind
ORDER BY posts DESC, source_channel, channel, platform, kind
