CREATE OR REPLACE VIEW {{.Research}}.takedowns{{.OnCluster}}{{.Security}} AS
SELECT
    takedown_id,
    happened_at,
    state,
    platform,
    post_key,
    family,
    path_key,
    recipient,
    generation
FROM {{.Tables}}.takedowns FINAL
