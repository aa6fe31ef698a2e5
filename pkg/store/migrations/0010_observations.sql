-- One row is one later look at a post, or at a channel (post_key all zero).
-- Two looks at the same moment from two places are two facts.
CREATE TABLE IF NOT EXISTS {{.Tables}}.observations{{.OnCluster}}
(
    channel_key UUID,
    post_key UUID,
    platform LowCardinality(String),
    state LowCardinality(String),
    observed_at DateTime64(3, 'UTC'),
    view_count Nullable(Int64),
    forward_count Nullable(Int64),
    reply_count Nullable(Int64),
    reaction_count Nullable(Int64),
    audience Nullable(Int64),
    source LowCardinality(String),
    vantage LowCardinality(String),
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY (channel_key, post_key, observed_at, source, vantage)
SETTINGS {{.Settings}}
