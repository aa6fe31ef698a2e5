CREATE OR REPLACE VIEW {{.Research}}.imports{{.OnCluster}}{{.Security}} AS
SELECT
    import_id,
    lower(hex(file_hash)) AS file_hash,
    file_ordinal,
    label,
    format,
    platform,
    record_count,
    post_count,
    non_post_count,
    rejected_count,
    duplicate_count,
    conflict_count,
    byte_count,
    complete
FROM {{.Tables}}.imports FINAL
