-- One row says that a post passes on another post or channel.
-- Keys of an absent source are all zero here, because they are part of the
-- identity; the views show them as NULL.
CREATE TABLE IF NOT EXISTS {{.Tables}}.shares{{.OnCluster}}
(
    post_key UUID,
    channel_key UUID,
    platform LowCardinality(String),
    posted_at DateTime64(3, 'UTC'),
    kind LowCardinality(String),
    source_channel_key UUID,
    source_post_key UUID,
    source_post_no_key UUID,
    source_posted_at Nullable(DateTime64(3, 'UTC')),
    source_is_person Bool,
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY (post_key, kind, source_channel_key, source_post_key, source_post_no_key)
SETTINGS {{.Settings}}
