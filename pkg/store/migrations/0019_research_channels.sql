-- One row a channel, under the key that counts, with the neutral label a
-- person gave it. A channel that has a label but was not collected yet is
-- here too, without a platform.
CREATE OR REPLACE VIEW {{.Research}}.channels{{.OnCluster}}{{.Security}} AS
SELECT
    channel_key,
    max(known.platform) AS platform,
    max(known.kind) AS kind,
    min(known.created_day) AS created_day,
    argMax(known.label, (known.label_generation, known.label)) AS label
FROM
(
    SELECT
        {{resolved "c.channel_key"}} AS channel_key,
        toNullable(toString(c.platform)) AS platform,
        CAST(c.kind AS Nullable(String)) AS kind,
        c.created_day AS created_day,
        CAST(NULL AS Nullable(String)) AS label,
        toUInt32(0) AS label_generation
    FROM {{.Tables}}.channels AS c FINAL
    LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = c.channel_key
    UNION ALL
    SELECT
        {{resolved "d.target_key"}} AS channel_key,
        CAST(NULL AS Nullable(String)) AS platform,
        CAST(NULL AS Nullable(String)) AS kind,
        CAST(NULL AS Nullable(Date32)) AS created_day,
        nullIf(toString(d.label), '') AS label,
        d.generation AS label_generation
    FROM {{.Tables}}.decisions AS d FINAL
    LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = d.target_key
    WHERE d.kind = 'channel_approved' AND d.in_force
) AS known
GROUP BY channel_key
