CREATE OR REPLACE VIEW {{.Research}}.observations{{.OnCluster}}{{.Security}} AS
SELECT
    {{resolved "o.channel_key"}} AS channel_key,
    {{absent "o.post_key"}} AS post_key,
    o.platform AS platform,
    o.state AS state,
    o.restrictions AS restrictions,
    o.observed_at AS observed_at,
    o.view_count AS view_count,
    o.forward_count AS forward_count,
    o.reply_count AS reply_count,
    o.reaction_count AS reaction_count,
    o.audience AS audience,
    o.source AS source,
    o.vantage AS vantage,
    o.generation AS generation
FROM {{.Tables}}.observations AS o FINAL
LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = o.channel_key
