-- What was applied, with a checksum of the file as it was then.
-- Run at every start, like the database it lives in.
CREATE TABLE IF NOT EXISTS {{.Tables}}.migrations{{.OnCluster}}
(
    number UInt32,
    name String,
    checksum String,
    applied_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = {{.Engine "ReplacingMergeTree"}}
ORDER BY number
SETTINGS {{.Settings}}
