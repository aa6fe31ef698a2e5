-- One row is one file that was read. Never a path, never a file name.
CREATE TABLE IF NOT EXISTS {{.Tables}}.imports{{.OnCluster}}
(
    import_id UUID,
    file_hash Nullable(FixedString(32)),
    file_ordinal UInt32,
    label LowCardinality(Nullable(String)),
    format LowCardinality(Nullable(String)),
    platform LowCardinality(String),
    record_count UInt64,
    post_count UInt64,
    non_post_count UInt64,
    rejected_count UInt64,
    duplicate_count UInt64,
    conflict_count UInt64,
    byte_count UInt64,
    complete Bool,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY import_id
SETTINGS {{.Settings}}
