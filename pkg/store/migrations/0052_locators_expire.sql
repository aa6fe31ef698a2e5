-- Locators go when they expire, whatever else stays.
ALTER TABLE {{.Tables}}.locators{{.OnCluster}}
    MODIFY TTL toDateTime(expires_at)
