-- So do the data keys of their batches, which expire with the last of them.
ALTER TABLE {{.Tables}}.locator_keys{{.OnCluster}}
    MODIFY TTL toDateTime(expires_at)
