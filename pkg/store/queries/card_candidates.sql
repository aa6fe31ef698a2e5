-- Question: Which posts look like cards by the personal data in them, and carry no card that is known?
-- Parameter kinds: at least this many kinds of personal data. Default: 3
-- Coverage: Posts whose text was read. Kinds and how often each was found are kept, never what was found; a post whose text could not be read safely (flag text_unread) is not here.
-- Accounts: Lines of X do not say whose post it is (channel_key and label are empty) unless collector_twitter.terms_basis is written_approval or dsa_40_12.
-- Limits: A candidate is to be looked at by a person. Lists of companies and offices hold such data too. signals are terms of the watch list that stand in the text. Cards that are pictures have no text to be read: media_items says that there is something else.
WITH
    closed AS (SELECT platform FROM research.terms WHERE NOT account_level)
SELECT
    p.post_key AS post_key,
    p.platform AS platform,
    if(p.platform IN closed, NULL, p.channel_key) AS channel_key,
    if(p.platform IN closed, NULL, c.label) AS label,
    p.posted_at AS posted_at,
    arraySort(mapKeys(p.personal_data)) AS kinds,
    arraySum(mapValues(p.personal_data)) AS found,
    arraySort(arrayIntersect(p.flags, ['bounty', 'call_to_action'])) AS signals,
    length(p.media_kinds) AS media_items,
    p.length AS length
FROM research.posts AS p
LEFT ANY JOIN research.channels AS c ON c.channel_key = p.channel_key
WHERE length(mapKeys(p.personal_data)) >= {kinds:UInt8}
  AND p.post_key NOT IN
    (
        SELECT post_key
        FROM research.sightings
        WHERE NOT is_site_sighting AND family IN (SELECT family FROM research.sites WHERE listed)
    )
ORDER BY length(kinds) DESC, found DESC, posted_at, post_key
