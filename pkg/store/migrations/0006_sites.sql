-- One row is one host or registrable domain that belongs to a family.
-- The family is not part of the order: a site belongs to one family at a time,
-- so that a link never becomes two sightings.
CREATE TABLE IF NOT EXISTS {{.Tables}}.sites{{.OnCluster}}
(
    match LowCardinality(String),
    match_key UUID,
    host String,
    family LowCardinality(String),
    sensitive Bool,
    page_keys Array(UUID),
    label_key Nullable(UUID),
    listed Bool,
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY (match, match_key)
SETTINGS {{.Settings}}
