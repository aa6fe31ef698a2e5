-- The last audience we know of each channel: what the platform showed as its
-- subscribers, members or followers, from posts and from later looks.
CREATE OR REPLACE VIEW {{.Research}}.channel_audiences{{.OnCluster}}{{.Security}} AS
SELECT
    channel_key,
    argMax(known.audience, (known.known_at, known.audience)) AS audience,
    max(known.known_at) AS known_at
FROM
(
    SELECT p.channel_key AS channel_key, assumeNotNull(p.audience) AS audience, coalesce(p.collected_at, p.posted_at) AS known_at
    FROM {{.Research}}.posts AS p
    WHERE isNotNull(p.audience)
    UNION ALL
    SELECT o.channel_key AS channel_key, assumeNotNull(o.audience) AS audience, o.observed_at AS known_at
    FROM {{.Research}}.observations AS o
    WHERE isNotNull(o.audience)
) AS known
GROUP BY channel_key
