-- One row says where and when we looked, and how much of it.
-- ORDER BY coverage_key: it is keyed over source and position, so that the
-- same look, delivered twice, is one row.
CREATE TABLE IF NOT EXISTS {{.Tables}}.coverage{{.OnCluster}}
(
    coverage_key UUID,
    channel_key Nullable(UUID),
    query_key Nullable(UUID),
    import_id Nullable(UUID),
    platform LowCardinality(String),
    leg LowCardinality(Nullable(String)),
    selection LowCardinality(Nullable(String)),
    state LowCardinality(String),
    from_at Nullable(DateTime64(3, 'UTC')),
    to_at Nullable(DateTime64(3, 'UTC')),
    from_no Nullable(Int64),
    to_no Nullable(Int64),
    looked_at Nullable(DateTime64(3, 'UTC')),
    post_count UInt64,
    link_count UInt64,
    sighting_count UInt64,
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY coverage_key
SETTINGS {{.Settings}}
