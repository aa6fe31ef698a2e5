-- One row is one state of one notice; a notice is its rows in order of time.
CREATE TABLE IF NOT EXISTS {{.Tables}}.takedowns{{.OnCluster}}
(
    takedown_id UUID,
    happened_at DateTime64(3, 'UTC'),
    state LowCardinality(String),
    platform LowCardinality(String),
    post_key Nullable(UUID),
    family LowCardinality(String),
    path_key Nullable(UUID),
    recipient LowCardinality(String),
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY (takedown_id, happened_at, state)
SETTINGS {{.Settings}}
