-- Why a post or channel is restricted, each reason once.
ALTER TABLE {{.Tables}}.observations{{.OnCluster}}
    ADD COLUMN IF NOT EXISTS restrictions Array(LowCardinality(String)) AFTER state
