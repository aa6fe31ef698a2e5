-- What a collector learnt of a short link by asking its shortener, in the row of the
-- link and in that of the target. NULL where nobody asked, and in rows from before.
ALTER TABLE {{.Tables}}.links{{.OnCluster}}
    ADD COLUMN IF NOT EXISTS state LowCardinality(Nullable(String)) AFTER source
