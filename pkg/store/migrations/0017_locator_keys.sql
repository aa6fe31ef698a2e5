-- The data key of one batch of locators, wrapped for the custodian.
CREATE TABLE IF NOT EXISTS {{.Tables}}.locator_keys{{.OnCluster}}
(
    locator_key_id UUID,
    wrapped String CODEC(NONE),
    custodian_key_id String,
    expires_at DateTime64(3, 'UTC'),
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY locator_key_id
SETTINGS {{.Settings}}
