-- One row is one look at a watched site.
CREATE TABLE IF NOT EXISTS {{.Tables}}.probes{{.OnCluster}}
(
    host_key UUID,
    probed_at DateTime64(3, 'UTC'),
    vantage LowCardinality(String),
    state LowCardinality(String),
    status_code Nullable(UInt32),
    layout_fingerprint String,
    certificate_hash String,
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY (host_key, probed_at, vantage)
SETTINGS {{.Settings}}
