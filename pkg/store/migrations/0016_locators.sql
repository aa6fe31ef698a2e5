-- What finds a post, a channel or a page again, sealed. No view shows it.
CREATE TABLE IF NOT EXISTS {{.Tables}}.locators{{.OnCluster}}
(
    target_key UUID,
    kind LowCardinality(String),
    locator_key_id UUID,
    sealed String CODEC(NONE),
    expires_at DateTime64(3, 'UTC'),
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY (target_key, kind)
SETTINGS {{.Settings}}
