-- The last audience we know of each channel: what the platform showed as its
-- subscribers, members or followers, from posts and from later looks.
CREATE OR REPLACE VIEW {{.Research}}.channel_audiences{{.OnCluster}}{{.Security}} AS
SELECT
    channel_key,
    argMax(known.audience, (known.known_at, known.audience)) AS audience,
    max(known.known_at) AS known_at
FROM
(
    SELECT channel_key, assumeNotNull(audience) AS audience, coalesce(collected_at, posted_at) AS known_at
    FROM {{.Research}}.posts
    WHERE isNotNull(audience)
    UNION ALL
    SELECT channel_key, assumeNotNull(audience) AS audience, observed_at AS known_at
    FROM {{.Research}}.observations
    WHERE isNotNull(audience)
) AS known
GROUP BY channel_key
