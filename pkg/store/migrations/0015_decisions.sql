-- One row is what a person decided about one target. Kept apart in backups,
-- merged on restore; taking a decision back is a row with in_force = false.
CREATE TABLE IF NOT EXISTS {{.Tables}}.decisions{{.OnCluster}}
(
    target_key UUID,
    kind LowCardinality(String),
    family LowCardinality(String),
    label LowCardinality(String),
    in_force Bool,
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY (target_key, kind, family)
SETTINGS {{.Settings}}
