CREATE OR REPLACE VIEW {{.Research}}.decisions{{.OnCluster}}{{.Security}} AS
SELECT
    target_key,
    kind,
    family,
    label,
    in_force,
    generation
FROM {{.Tables}}.decisions FINAL
