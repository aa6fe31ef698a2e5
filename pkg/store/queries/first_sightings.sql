-- Question: Where and when was each card first seen, on each platform?
-- Parameter family: only this family. Default: every family
-- Parameter card: only this card, by card_key. Default: every card
-- Coverage: not_before comes from the ranges of that channel that were read in full. Inside such a range the post itself is the earliest one that was there when we looked. Otherwise not_before is the end of the last such range before it, and empty where there is none.
-- Accounts: Lines of X do not say whose post it was and which (channel_key, label and post_key are empty) unless collector_twitter.terms_basis is written_approval or dsa_40_12.
-- Limits: The bounds speak of the channel named in the line. A channel nobody collected, or a post deleted before we looked, may have been earlier. not_after adds the precision of the stamp. basis says whether that post carried the card itself (direct), passed on another post (forward) or quoted one (quoted).
WITH
    closed AS (SELECT platform FROM research.terms WHERE NOT account_level),
    firsts AS
    (
        SELECT
            family,
            card_key,
            platform,
            argMin((posted_at, posted_precision_s, basis, channel_key, post_key), (posted_at, post_key, basis, site_key)) AS f,
            argMin(tuple(site), (posted_at, post_key, basis, site_key)).1 AS site
        FROM research.sightings
        WHERE NOT is_site_sighting
          AND ({family:Nullable(String)} IS NULL OR family = {family:Nullable(String)})
          AND ({card:Nullable(UUID)} IS NULL OR card_key = {card:Nullable(UUID)})
        GROUP BY family, card_key, platform
    ),
    bounded AS
    (
        SELECT
            firsts.family AS family,
            firsts.card_key AS card_key,
            firsts.platform AS platform,
            firsts.f AS f,
            firsts.site AS site,
            countIf(r.looks > 0 AND r.from_at < f.1 AND r.to_at >= f.1) > 0 AS inside,
            maxIf(toNullable(r.to_at), r.looks > 0 AND r.to_at < f.1) AS last_end
        FROM firsts
        LEFT JOIN research.covered_ranges AS r ON r.channel_key = firsts.f.4
        GROUP BY family, card_key, platform, f, site
    )
SELECT
    b.family AS family,
    b.card_key AS card_key,
    b.platform AS platform,
    b.f.1 AS first_at,
    if(b.inside, toNullable(b.f.1), b.last_end) AS not_before,
    addSeconds(b.f.1, b.f.2) AS not_after,
    b.f.3 AS basis,
    if(b.platform IN closed, NULL, b.f.4) AS channel_key,
    if(b.platform IN closed, NULL, c.label) AS label,
    b.site AS site,
    if(b.platform IN closed, NULL, b.f.5) AS post_key
FROM bounded AS b
LEFT ANY JOIN research.channels AS c ON c.channel_key = b.f.4
ORDER BY family, card_key, first_at, platform
