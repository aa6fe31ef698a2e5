-- Question: Which sites carried the cards of a family, and when?
-- Parameter family: only this family. Default: every family
-- Coverage: The posts that were collected. Listed sites that no collected post links to are shown with zeros.
-- Limits: This is what posts link to, not what the sites hold: a card may be up on a mirror that nobody posted. site is empty where no site is listed and every registrable domain counts as a family of its own.
WITH acts AS
(
    SELECT
        family,
        site_key,
        site,
        is_site_sighting,
        card_key,
        toNullable(post_key) AS post_key,
        toNullable(channel_key) AS channel_key,
        toNullable(toString(platform)) AS platform,
        toNullable(posted_at) AS posted_at
    FROM research.sightings
    UNION ALL
    SELECT
        toString(family),
        match_key,
        toNullable(host),
        false,
        CAST(NULL AS Nullable(UUID)),
        CAST(NULL AS Nullable(UUID)),
        CAST(NULL AS Nullable(UUID)),
        CAST(NULL AS Nullable(String)),
        CAST(NULL AS Nullable(DateTime64(3, 'UTC')))
    FROM research.sites
    WHERE listed
)
SELECT
    family,
    max(site) AS site,
    site_key,
    uniqExact(card_key) AS cards,
    uniqExactIf(post_key, NOT is_site_sighting) AS posts,
    uniqExactIf(channel_key, NOT is_site_sighting) AS channels,
    uniqExactIf(platform, NOT is_site_sighting) AS platforms,
    minIf(posted_at, NOT is_site_sighting) AS first_at,
    maxIf(posted_at, NOT is_site_sighting) AS last_at,
    uniqExactIf(post_key, is_site_sighting) AS site_posts
FROM acts
WHERE {family:Nullable(String)} IS NULL OR family = {family:Nullable(String)}
GROUP BY family, site_key
ORDER BY family, posts DESC, site_key
