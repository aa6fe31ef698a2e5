CREATE OR REPLACE VIEW {{.Research}}.sites{{.OnCluster}}{{.Security}} AS
SELECT
    match,
    match_key,
    host,
    family,
    sensitive,
    page_keys,
    label_key,
    listed,
    generation
FROM {{.Tables}}.sites FINAL
