CREATE OR REPLACE VIEW {{.Research}}.channel_aliases{{.OnCluster}}{{.Security}} AS
SELECT
    alias_key,
    channel_key,
    platform,
    generation
FROM {{.Tables}}.channel_aliases FINAL
