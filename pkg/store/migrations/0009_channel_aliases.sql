-- One row joins a second key of a channel to the key that counts.
CREATE TABLE IF NOT EXISTS {{.Tables}}.channel_aliases{{.OnCluster}}
(
    alias_key UUID,
    channel_key UUID,
    platform LowCardinality(String),
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY alias_key
SETTINGS {{.Settings}}
