-- Question: Which channels carried the cards, who carried most, and who carried first?
-- Parameter family: only this family. Default: every family
-- Parameter card: only this card, by card_key. Default: every card
-- Coverage: The channels that were collected, and those found by searches.
-- Accounts: Channels of X are left out unless collector_twitter.terms_basis is written_approval or dsa_40_12. The others are compared with them all the same: cards_first counts what no channel carried earlier, on any platform.
-- Limits: cards_first counts cards that no other collected channel carried earlier; a channel nobody collected may have been first. Stamps of different platforms come from different clocks: an order within five seconds is undecided. passed_on counts posts that only forward or quote the card.
WITH
    closed AS (SELECT platform FROM research.terms WHERE NOT account_level),
    acts AS
(
    SELECT
        channel_key,
        platform,
        family,
        card_key,
        post_key,
        posted_at,
        basis,
        row_number() OVER (PARTITION BY family, card_key ORDER BY posted_at, post_key) = 1 AS leads,
        row_number() OVER (PARTITION BY family, card_key, platform ORDER BY posted_at, post_key) = 1 AS leads_platform
    FROM research.sightings
    WHERE NOT is_site_sighting
      AND ({family:Nullable(String)} IS NULL OR family = {family:Nullable(String)})
      AND ({card:Nullable(UUID)} IS NULL OR card_key = {card:Nullable(UUID)})
)
SELECT
    acts.channel_key AS channel_key,
    any(c.label) AS label,
    acts.platform AS platform,
    any(c.kind) AS kind,
    uniqExact(acts.post_key) AS posts,
    uniqExact(acts.family, acts.card_key) AS cards,
    countIf(acts.leads) AS cards_first,
    countIf(acts.leads_platform) AS cards_first_on_platform,
    posts - uniqExactIf(acts.post_key, acts.basis = 'direct') AS passed_on,
    min(acts.posted_at) AS first_at,
    max(acts.posted_at) AS last_at,
    any(a.audience) AS audience
FROM acts
LEFT ANY JOIN research.channels AS c ON c.channel_key = acts.channel_key
LEFT ANY JOIN (SELECT channel_key, toNullable(audience) AS audience FROM research.channel_audiences) AS a ON a.channel_key = acts.channel_key
WHERE acts.platform NOT IN closed
GROUP BY channel_key, platform
ORDER BY posts DESC, cards_first DESC, first_at, channel_key, platform
