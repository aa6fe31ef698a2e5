-- Question: How did the cards move from one platform to the next, and how long did it take?
-- Parameter family: only this family. Default: every family
-- Parameter per: family for one line a family and pair of platforms, card for one line a card and pair. Default: family
-- Coverage: The posts that were collected on each platform; a platform collected less looks slower.
-- Limits: Only cards seen on two platforms or more. The next platform is the next one to show the card, which does not say that it came from there. Clocks differ between platforms: undecided counts cards whose lag is within five seconds or within the precision of their stamps.
WITH
    firsts AS
    (
        SELECT
            family,
            card_key,
            toString(platform) AS platform,
            min(posted_at) AS first_at,
            max(posted_precision_s) AS precision_s
        FROM research.sightings
        WHERE NOT is_site_sighting
          AND ({family:Nullable(String)} IS NULL OR family = {family:Nullable(String)})
          AND throwIf({per:String} NOT IN ('family', 'card'), 'per must be family or card') = 0
        GROUP BY family, card_key, platform
    ),
    steps AS
    (
        SELECT
            *,
            lagInFrame(toNullable(platform)) OVER w AS before,
            dateDiff('millisecond', lagInFrame(first_at) OVER w, first_at) AS lag_ms,
            greatest(5, precision_s, lagInFrame(precision_s) OVER w) AS undecided_s
        FROM firsts
        WINDOW w AS (PARTITION BY family, card_key ORDER BY first_at, platform ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
SELECT
    s.family AS family,
    if({per:String} = 'card', s.card_key, NULL) AS card_key,
    assumeNotNull(s.before) AS from_platform,
    s.platform AS to_platform,
    count() AS cards,
    min(s.lag_ms) / 1000 AS lag_s_min,
    quantileExactInclusive(0.5)(s.lag_ms) / 1000 AS lag_s_median,
    max(s.lag_ms) / 1000 AS lag_s_max,
    countIf(s.lag_ms <= 1000 * s.undecided_s) AS undecided
FROM steps AS s
WHERE isNotNull(s.before)
GROUP BY family, card_key, from_platform, to_platform
ORDER BY family, cards DESC, from_platform, to_platform, card_key
