-- One row is one channel, group, account or page. Its label is a decision.
CREATE TABLE IF NOT EXISTS {{.Tables}}.channels{{.OnCluster}}
(
    channel_key UUID,
    platform LowCardinality(String),
    kind LowCardinality(Nullable(String)),
    created_day Nullable(Date32),
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY channel_key
SETTINGS {{.Settings}}
