-- Question: Is each post with a sighting still up, and since when is it not?
-- Parameter family: only posts that carry a sighting of this family. Default: every family
-- Parameter card: only posts that carry this card, by card_key. Default: every post with a sighting
-- Coverage: Looks at posts and channels by collectors that come back, and the reading of each post itself. A post that nobody looked at again has looks 0, and its state is the one in which it was read.
-- Accounts: Lines of X do not say whose post it is (channel_key and label are empty) unless collector_twitter.terms_basis is written_approval or dsa_40_12.
-- Limits: The state is what the last look showed: up, restricted (withheld from some, with the platform's reasons), gone, or private (its channel is private, deleted or closed to us). gone and private are confirmed by a second look that came six hours after the first, or from another source or vantage, with none between that showed the post. It went down between last_seen_up and first_seen_down; who removed it is not known. Without a reading time last_seen_up is when it was posted.
WITH
    closed AS (SELECT platform FROM research.terms WHERE NOT account_level),
    carried AS
(
    SELECT family, post_key, channel_key, platform, posted_at, uniqExact(card_key) AS cards
    FROM research.sightings
    WHERE ({family:Nullable(String)} IS NULL OR family = {family:Nullable(String)})
      AND ({card:Nullable(UUID)} IS NULL OR card_key = {card:Nullable(UUID)})
    GROUP BY family, post_key, channel_key, platform, posted_at
)
SELECT
    k.family AS family,
    k.post_key AS post_key,
    k.cards AS cards,
    k.platform AS platform,
    if(k.platform IN closed, NULL, k.channel_key) AS channel_key,
    if(k.platform IN closed, NULL, c.label) AS label,
    k.posted_at AS posted_at,
    s.state AS state,
    s.restrictions AS restrictions,
    s.last_seen_up AS last_seen_up,
    s.first_seen_down AS first_seen_down,
    s.looks AS looks,
    s.looks_down AS looks_down,
    s.confirmed AS confirmed
FROM carried AS k
INNER JOIN
(
    SELECT *
    FROM research.post_states
    WHERE post_key IN (SELECT post_key FROM carried)
) AS s ON s.post_key = k.post_key
LEFT ANY JOIN research.channels AS c ON c.channel_key = k.channel_key
ORDER BY family, posted_at, post_key
