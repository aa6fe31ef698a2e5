CREATE OR REPLACE VIEW {{.Research}}.probes{{.OnCluster}}{{.Security}} AS
SELECT
    host_key,
    probed_at,
    vantage,
    state,
    status_code,
    lower(hex(certificate_hash)) AS certificate_hash,
    generation
FROM {{.Tables}}.probes FINAL
