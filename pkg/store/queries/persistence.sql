-- Question: How many of the posts with sightings are still up, and how long did the others last?
-- Parameter family: only this family. Default: every family
-- Coverage: Looks at posts and channels by collectors that come back. Posts of archives that no collector looks at again are unknown, not up; where unknown is large, the other figures speak of a part only, and of the part that was worth a second look.
-- Limits: posts = up + restricted + gone_unconfirmed + gone_confirmed + unknown, by what the last look at each post showed. Gone includes private: the channel is private, deleted or closed to us. Confirmed means a second look six hours later, or from another source or vantage. Days count from posting, over the posts that are gone for sure: half of them were last seen up after last_up_days_median or earlier, and first seen down after first_down_days_median or earlier; seldom looks give wide bounds. Posts that went before anybody read them are in no figure.
WITH carried AS
(
    SELECT DISTINCT family, post_key, platform, posted_at
    FROM research.sightings
    WHERE {family:Nullable(String)} IS NULL OR family = {family:Nullable(String)}
)
SELECT
    k.family AS family,
    k.platform AS platform,
    count() AS posts,
    countIf(s.looks > 0) AS looked_again,
    countIf(s.looks > 0 AND s.state = 'up') AS up,
    countIf(s.state = 'restricted') AS restricted,
    countIf(s.state IN ('gone', 'private') AND NOT s.confirmed) AS gone_unconfirmed,
    countIf(s.confirmed) AS gone_confirmed,
    countIf(s.looks = 0) AS unknown,
    if(gone_confirmed = 0, NULL, round(quantileExactInclusiveIf(0.5)(dateDiff('millisecond', k.posted_at, s.last_seen_up), s.confirmed) / 86400000, 3)) AS last_up_days_median,
    if(gone_confirmed = 0, NULL, round(quantileExactInclusiveIf(0.5)(dateDiff('millisecond', k.posted_at, assumeNotNull(s.first_seen_down)), s.confirmed) / 86400000, 3)) AS first_down_days_median
FROM carried AS k
INNER JOIN
(
    SELECT *
    FROM research.post_states
    WHERE post_key IN (SELECT post_key FROM carried)
) AS s ON s.post_key = k.post_key
GROUP BY family, platform
ORDER BY family, posts DESC, platform
