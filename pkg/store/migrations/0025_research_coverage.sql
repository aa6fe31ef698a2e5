CREATE OR REPLACE VIEW {{.Research}}.coverage{{.OnCluster}}{{.Security}} AS
SELECT
    c.coverage_key AS coverage_key,
    coalesce({{absent "alias.channel_key"}}, c.channel_key) AS channel_key,
    c.query_key AS query_key,
    c.import_id AS import_id,
    c.platform AS platform,
    c.leg AS leg,
    c.selection AS selection,
    c.state AS state,
    c.from_at AS from_at,
    c.to_at AS to_at,
    c.from_no AS from_no,
    c.to_no AS to_no,
    c.looked_at AS looked_at,
    c.post_count AS post_count,
    c.link_count AS link_count,
    c.sighting_count AS sighting_count,
    c.generation AS generation
FROM {{.Tables}}.coverage AS c FINAL
LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = c.channel_key
