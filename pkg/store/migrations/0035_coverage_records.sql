-- Which records of its import a row accounts for; absent in rows from before,
-- and where the source counts no records.
ALTER TABLE {{.Tables}}.coverage{{.OnCluster}}
    ADD COLUMN IF NOT EXISTS first_record Nullable(UInt64) AFTER looked_at,
    ADD COLUMN IF NOT EXISTS record_count Nullable(UInt64) AFTER first_record
