-- Question: How far did each card spread? One line a card.
-- Parameter family: only this family. Default: every family
-- Coverage: The posts that were collected, on every platform.
-- Limits: A card is one page of a family, whichever mirror shows it; start pages and lists are no cards. Posts deleted before they were collected are missing, so first_at is the first time seen, not the first time posted. Reach adds up last known audiences; one person may be in many.
WITH acts AS
(
    SELECT s.*, a.audience AS audience
    FROM research.sightings AS s
    LEFT ANY JOIN (SELECT channel_key, toNullable(audience) AS audience FROM research.channel_audiences) AS a ON a.channel_key = s.channel_key
    WHERE NOT s.is_site_sighting
      AND ({family:Nullable(String)} IS NULL OR s.family = {family:Nullable(String)})
)
SELECT
    family,
    card_key,
    min(posted_at) AS first_at,
    argMin(platform, (posted_at, post_key)) AS first_platform,
    max(posted_at) AS last_at,
    uniqExact(post_key) AS posts,
    uniqExact(channel_key) AS channels,
    uniqExact(platform) AS platforms,
    uniqExact(site_key) AS sites,
    if(audience_known = 0, NULL, arraySum(k -> k.2, groupUniqArrayIf((channel_key, assumeNotNull(audience)), isNotNull(audience)))) AS reach,
    uniqExactIf(channel_key, isNotNull(audience)) AS audience_known
FROM acts
GROUP BY family, card_key
ORDER BY posts DESC, first_at, family, card_key
