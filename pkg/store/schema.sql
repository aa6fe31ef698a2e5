-- What the migrations make of an empty ClickHouse (embedded layout).
-- Written by the tests of pkg/store with -update.

CREATE TABLE doxtrail.channel_aliases
(
    `alias_key` UUID,
    `channel_key` UUID,
    `platform` LowCardinality(String),
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY alias_key
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.channels
(
    `channel_key` UUID,
    `platform` LowCardinality(String),
    `kind` LowCardinality(Nullable(String)),
    `created_day` Nullable(Date32),
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY channel_key
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.coverage
(
    `coverage_key` UUID,
    `channel_key` Nullable(UUID),
    `query_key` Nullable(UUID),
    `import_id` Nullable(UUID),
    `platform` LowCardinality(String),
    `leg` LowCardinality(Nullable(String)),
    `selection` LowCardinality(Nullable(String)),
    `state` LowCardinality(String),
    `from_at` Nullable(DateTime64(3, 'UTC')),
    `to_at` Nullable(DateTime64(3, 'UTC')),
    `from_no` Nullable(Int64),
    `to_no` Nullable(Int64),
    `looked_at` Nullable(DateTime64(3, 'UTC')),
    `first_record` Nullable(UInt64),
    `record_count` Nullable(UInt64),
    `post_count` UInt64,
    `link_count` UInt64,
    `sighting_count` UInt64,
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY coverage_key
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.decisions
(
    `target_key` UUID,
    `kind` LowCardinality(String),
    `family` LowCardinality(String),
    `label` LowCardinality(String),
    `in_force` Bool,
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (target_key, kind, family)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.imports
(
    `import_id` UUID,
    `file_hash` Nullable(FixedString(32)),
    `file_ordinal` UInt32,
    `label` LowCardinality(Nullable(String)),
    `format` LowCardinality(Nullable(String)),
    `platform` LowCardinality(String),
    `record_count` UInt64,
    `post_count` UInt64,
    `non_post_count` UInt64,
    `rejected_count` UInt64,
    `duplicate_count` UInt64,
    `conflict_count` UInt64,
    `byte_count` UInt64,
    `complete` Bool,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY import_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.links
(
    `post_key` UUID,
    `channel_key` UUID,
    `platform` LowCardinality(String),
    `post_kind` LowCardinality(Nullable(String)),
    `posted_at` DateTime64(3, 'UTC'),
    `posted_precision_s` UInt32,
    `edited_at` Nullable(DateTime64(3, 'UTC')),
    `host_key` UUID,
    `site_key` UUID,
    `label_key` Nullable(UUID),
    `path_key` UUID,
    `dir_key` Nullable(UUID),
    `depth` UInt32,
    `extension_class` LowCardinality(Nullable(String)),
    `disguises` Array(LowCardinality(String)),
    `expanded_by` LowCardinality(Nullable(String)),
    `role` LowCardinality(String),
    `source` LowCardinality(Nullable(String)),
    `state` LowCardinality(Nullable(String)),
    `canon_version` UInt32,
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (host_key, path_key, post_key, role)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.locator_keys
(
    `locator_key_id` UUID,
    `wrapped` String CODEC(NONE),
    `custodian_key_id` String,
    `expires_at` DateTime64(3, 'UTC'),
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY locator_key_id
TTL toDateTime(expires_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.locators
(
    `target_key` UUID,
    `kind` LowCardinality(String),
    `part_key` UUID,
    `locator_key_id` UUID,
    `sealed` String CODEC(NONE),
    `expires_at` DateTime64(3, 'UTC'),
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
PRIMARY KEY (target_key, kind)
ORDER BY (target_key, kind, part_key)
TTL toDateTime(expires_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.migrations
(
    `number` UInt32,
    `name` String,
    `checksum` String,
    `applied_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.observations
(
    `channel_key` UUID,
    `post_key` UUID,
    `platform` LowCardinality(String),
    `state` LowCardinality(String),
    `restrictions` Array(LowCardinality(String)),
    `observed_at` DateTime64(3, 'UTC'),
    `view_count` Nullable(Int64),
    `forward_count` Nullable(Int64),
    `reply_count` Nullable(Int64),
    `reaction_count` Nullable(Int64),
    `audience` Nullable(Int64),
    `source` LowCardinality(String),
    `vantage` LowCardinality(String),
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (channel_key, post_key, observed_at, source, vantage)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.posts
(
    `post_key` UUID,
    `post_no_key` Nullable(UUID),
    `channel_key` UUID,
    `account_key` Nullable(UUID),
    `platform` LowCardinality(String),
    `kind` LowCardinality(String),
    `posted_at` DateTime64(3, 'UTC'),
    `posted_precision_s` UInt32,
    `edited_at` Nullable(DateTime64(3, 'UTC')),
    `collected_at` Nullable(DateTime64(3, 'UTC')),
    `language` LowCardinality(Nullable(String)),
    `script` LowCardinality(Nullable(String)),
    `length` Nullable(UInt32),
    `view_count` Nullable(Int64),
    `forward_count` Nullable(Int64),
    `reply_count` Nullable(Int64),
    `quote_count` Nullable(Int64),
    `reaction_count` Nullable(Int64),
    `bookmark_count` Nullable(Int64),
    `audience` Nullable(Int64),
    `media_keys` Array(Nullable(UUID)),
    `media_kinds` Array(LowCardinality(String)),
    `media_sizes` Array(Nullable(Int64)),
    `media_picture_hashes` Array(Nullable(UInt64)),
    `text_fingerprint` Nullable(FixedString(16)),
    `personal_data_kinds` Array(LowCardinality(String)),
    `personal_data_counts` Array(UInt32),
    `flags` Array(LowCardinality(String)),
    `item_keys` Array(UUID),
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY post_key
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.probes
(
    `host_key` UUID,
    `probed_at` DateTime64(3, 'UTC'),
    `vantage` LowCardinality(String),
    `state` LowCardinality(String),
    `status_code` Nullable(UInt32),
    `layout_fingerprint` String,
    `certificate_hash` String,
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (host_key, probed_at, vantage)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.shares
(
    `post_key` UUID,
    `channel_key` UUID,
    `platform` LowCardinality(String),
    `posted_at` DateTime64(3, 'UTC'),
    `kind` LowCardinality(String),
    `source_channel_key` UUID,
    `source_post_key` UUID,
    `source_post_no_key` UUID,
    `source_posted_at` Nullable(DateTime64(3, 'UTC')),
    `source_is_person` Bool,
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (post_key, kind, source_channel_key, source_post_key, source_post_no_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.sites
(
    `match` LowCardinality(String),
    `match_key` UUID,
    `host` String,
    `family` LowCardinality(String),
    `sensitive` Bool,
    `page_keys` Array(UUID),
    `label_key` Nullable(UUID),
    `listed` Bool,
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (match, match_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE TABLE doxtrail.takedowns
(
    `takedown_id` UUID,
    `happened_at` DateTime64(3, 'UTC'),
    `state` LowCardinality(String),
    `platform` LowCardinality(String),
    `post_key` Nullable(UUID),
    `family` LowCardinality(String),
    `path_key` Nullable(UUID),
    `recipient` LowCardinality(String),
    `generation` UInt32,
    `version` UInt128,
    `recorded_at` DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (takedown_id, happened_at, state)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728, index_granularity = 8192;

CREATE VIEW research.channel_aliases
(
    `alias_key` UUID,
    `channel_key` UUID,
    `platform` LowCardinality(String),
    `generation` UInt32
)
AS SELECT
    alias_key,
    channel_key,
    platform,
    generation
FROM doxtrail.channel_aliases
FINAL;

CREATE VIEW research.channel_audiences
(
    `channel_key` UUID,
    `audience` Int64,
    `known_at` DateTime64(3, 'UTC')
)
AS SELECT
    channel_key,
    argMax(known.audience, (known.known_at, known.audience)) AS audience,
    max(known.known_at) AS known_at
FROM
(
    SELECT
        p.channel_key AS channel_key,
        assumeNotNull(p.audience) AS audience,
        coalesce(p.collected_at, p.posted_at) AS known_at
    FROM research.posts AS p
    WHERE isNotNull(p.audience)
    UNION ALL
    SELECT
        o.channel_key AS channel_key,
        assumeNotNull(o.audience) AS audience,
        o.observed_at AS known_at
    FROM research.observations AS o
    WHERE isNotNull(o.audience)
) AS known
GROUP BY channel_key;

CREATE VIEW research.channels
(
    `channel_key` UUID,
    `platform` Nullable(String),
    `kind` Nullable(String),
    `created_day` Nullable(Date32),
    `label` Nullable(String)
)
AS SELECT
    channel_key,
    max(known.platform) AS platform,
    max(known.kind) AS kind,
    min(known.created_day) AS created_day,
    argMax(known.label, (known.label_generation, known.label)) AS label
FROM
(
    SELECT
        coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), c.channel_key) AS channel_key,
        toNullable(toString(c.platform)) AS platform,
        CAST(c.kind, 'Nullable(String)') AS kind,
        c.created_day AS created_day,
        CAST(NULL, 'Nullable(String)') AS label,
        toUInt32(0) AS label_generation
    FROM doxtrail.channels AS c
    FINAL
    ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
    UNION ALL
    SELECT
        coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), d.target_key) AS channel_key,
        CAST(NULL, 'Nullable(String)') AS platform,
        CAST(NULL, 'Nullable(String)') AS kind,
        CAST(NULL, 'Nullable(Date32)') AS created_day,
        nullIf(toString(d.label), '') AS label,
        d.generation AS label_generation
    FROM doxtrail.decisions AS d
    FINAL
    ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = d.target_key
    WHERE (d.kind = 'channel_approved') AND d.in_force
) AS known
GROUP BY channel_key;

CREATE VIEW research.coverage
(
    `coverage_key` UUID,
    `channel_key` Nullable(UUID),
    `query_key` Nullable(UUID),
    `import_id` Nullable(UUID),
    `platform` LowCardinality(String),
    `leg` LowCardinality(Nullable(String)),
    `selection` LowCardinality(Nullable(String)),
    `state` LowCardinality(String),
    `from_at` Nullable(DateTime64(3, 'UTC')),
    `to_at` Nullable(DateTime64(3, 'UTC')),
    `from_no` Nullable(Int64),
    `to_no` Nullable(Int64),
    `looked_at` Nullable(DateTime64(3, 'UTC')),
    `post_count` UInt64,
    `link_count` UInt64,
    `sighting_count` UInt64,
    `generation` UInt32,
    `first_record` Nullable(UInt64),
    `record_count` Nullable(UInt64)
)
AS WITH
    ranged AS
    (
        SELECT
            coverage_key,
            assumeNotNull(import_id) AS import,
            assumeNotNull(first_record) AS first,
            assumeNotNull(first_record + record_count) AS end,
            intDiv(first, 1024) AS stretch,
            state = 'gap' AS is_gap,
            generation
        FROM doxtrail.coverage
        FINAL
        WHERE isNotNull(import_id) AND isNotNull(first_record) AND (record_count > 0)
    ),
    crowded AS
    (
        SELECT *
        FROM ranged
        WHERE (import, stretch) IN (
            SELECT
                import,
                stretch
            FROM
            (
                SELECT
                    import,
                    stretch,
                    first,
                    end,
                    uniqExact(generation, is_gap) AS kinds
                FROM ranged
                GROUP BY
                    import,
                    stretch,
                    first,
                    end
            )
            GROUP BY
                import,
                stretch
            HAVING (max(kinds) > 1) OR (sum(end - first) > intervalLengthSum(first, end))
        )
    ),
    replaced AS
    (
        SELECT a.coverage_key AS replaced_key
        FROM crowded AS a
        INNER JOIN crowded AS b ON (b.import = a.import) AND (b.stretch = a.stretch)
        WHERE (NOT b.is_gap) AND (b.first >= a.first) AND (b.end <= a.end) AND (a.is_gap OR (b.generation > a.generation))
        GROUP BY
            a.coverage_key,
            a.first,
            a.end
        HAVING intervalLengthSum(b.first, b.end) = (a.end - a.first)
    ),
    enclosed AS
    (
        SELECT b.coverage_key AS enclosed_key
        FROM crowded AS b
        INNER JOIN crowded AS a ON (a.import = b.import) AND (a.stretch = b.stretch)
        WHERE (NOT a.is_gap) AND (a.first <= b.first) AND (a.end >= b.end) AND (b.is_gap OR ((a.end - a.first) > (b.end - b.first))) AND (b.is_gap OR (a.generation >= b.generation) OR (a.coverage_key NOT IN (
            SELECT replaced_key
            FROM replaced
        )))
    )
SELECT
    c.coverage_key AS coverage_key,
    coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), c.channel_key) AS channel_key,
    c.query_key AS query_key,
    c.import_id AS import_id,
    c.platform AS platform,
    c.leg AS leg,
    c.selection AS selection,
    c.state AS state,
    c.from_at AS from_at,
    c.to_at AS to_at,
    c.from_no AS from_no,
    c.to_no AS to_no,
    c.looked_at AS looked_at,
    c.post_count AS post_count,
    c.link_count AS link_count,
    c.sighting_count AS sighting_count,
    c.generation AS generation,
    c.first_record AS first_record,
    c.record_count AS record_count
FROM doxtrail.coverage AS c
FINAL
ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
WHERE (c.coverage_key NOT IN (
    SELECT replaced_key
    FROM replaced
)) AND (c.coverage_key NOT IN (
    SELECT enclosed_key
    FROM enclosed
)) AND (isNotNull(c.first_record) OR isNull(c.import_id) OR (c.import_id NOT IN (
    SELECT import
    FROM ranged
    WHERE NOT is_gap
))) AND ((c.state != 'gap') OR isNotNull(c.import_id) OR (c.coverage_key IN (
    SELECT coverage_key
    FROM research.open_gaps
)));

CREATE VIEW research.covered_ranges
(
    `channel_key` UUID,
    `platform` String,
    `from_at` DateTime64(3, 'UTC'),
    `to_at` DateTime64(3, 'UTC'),
    `from_no` Nullable(Int64),
    `to_no` Nullable(Int64),
    `looks` UInt64
)
AS WITH
    holed AS
    (
        SELECT c.coverage_key AS holed_key
        FROM doxtrail.coverage AS c
        FINAL
        ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
        INNER JOIN research.open_gaps AS g ON g.channel_key = coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), c.channel_key)
        WHERE (c.state = 'complete') AND isNull(c.import_id) AND ifNull(c.looked_at < g.looked_at, true) AND coalesce((c.from_no <= g.to_no) AND (c.to_no >= g.from_no), (c.from_at <= g.to_at) AND (c.to_at >= g.from_at), false)
    ),
    looks AS
    (
        SELECT
            assumeNotNull(channel_key) AS channel,
            platform,
            if(isNull(import_id) OR (gaps > placed) OR ((gaps > 0) AND (isNull(first_record) OR (gap_end > first_record))), (coverage_key, 0), (assumeNotNull(import_id), gaps_before)) AS look,
            min(from_at) AS look_from_at,
            max(to_at) AS look_to_at,
            min(from_no) AS look_from_no,
            max(to_no) AS look_to_no
        FROM
        (
            SELECT
                *,
                countIf(state = 'gap') OVER (PARTITION BY import_id) AS gaps,
                countIf((state = 'gap') AND isNotNull(first_record)) OVER (PARTITION BY import_id) AS placed,
                countIf(state = 'gap') OVER so_far AS gaps_before,
                maxIf(ifNull(first_record + record_count, 0), state = 'gap') OVER so_far AS gap_end
            FROM research.coverage
            WINDOW so_far AS (PARTITION BY import_id ORDER BY first_record ASC, record_count DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
        )
        WHERE (state = 'complete') AND (selection = 'full') AND isNotNull(channel_key) AND isNotNull(from_at) AND isNotNull(to_at) AND (coverage_key NOT IN (
            SELECT holed_key
            FROM holed
        ))
        GROUP BY
            channel,
            platform,
            look
    ),
    ordered AS
    (
        SELECT
            *,
            max(look_to_at) OVER before AS reached_at,
            max(look_to_no) OVER before AS reached_no
        FROM looks
        WINDOW before AS (PARTITION BY channel ORDER BY look_from_at ASC, look_to_at ASC, look ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ),
    numbered AS
    (
        SELECT
            *,
            countIf(isNull(reached_at) OR (NOT ((look_from_at <= reached_at) OR ifNull(look_from_no <= (reached_no + 1), false)))) OVER (PARTITION BY channel ORDER BY look_from_at ASC, look_to_at ASC, look ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch
        FROM ordered
    )
SELECT
    channel AS channel_key,
    any(platform) AS platform,
    assumeNotNull(min(look_from_at)) AS from_at,
    assumeNotNull(max(look_to_at)) AS to_at,
    min(look_from_no) AS from_no,
    max(look_to_no) AS to_no,
    count() AS looks
FROM numbered
GROUP BY
    channel,
    stretch;

CREATE VIEW research.covered_records
(
    `import_id` UUID,
    `first_record` UInt64,
    `record_count` UInt64,
    `generation` UInt32
)
AS SELECT
    assumeNotNull(c.import_id) AS import_id,
    assumeNotNull(c.first_record) AS first_record,
    assumeNotNull(c.record_count) AS record_count,
    max(c.generation) AS generation
FROM doxtrail.coverage AS c
WHERE (c.state = 'complete') AND isNotNull(c.import_id) AND isNotNull(c.first_record) AND (c.record_count > 0)
GROUP BY
    import_id,
    first_record,
    record_count;

CREATE VIEW research.decisions
(
    `target_key` UUID,
    `kind` LowCardinality(String),
    `family` LowCardinality(String),
    `label` LowCardinality(String),
    `in_force` Bool,
    `generation` UInt32
)
AS SELECT
    target_key,
    kind,
    family,
    label,
    in_force,
    generation
FROM doxtrail.decisions
FINAL;

CREATE VIEW research.imports
(
    `import_id` UUID,
    `file_hash` Nullable(String),
    `file_ordinal` UInt32,
    `label` LowCardinality(Nullable(String)),
    `format` LowCardinality(Nullable(String)),
    `platform` LowCardinality(String),
    `record_count` UInt64,
    `post_count` UInt64,
    `non_post_count` UInt64,
    `rejected_count` UInt64,
    `duplicate_count` UInt64,
    `conflict_count` UInt64,
    `byte_count` UInt64,
    `complete` Bool
)
AS SELECT
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
FROM doxtrail.imports
FINAL;

CREATE VIEW research.links
(
    `post_key` UUID,
    `channel_key` UUID,
    `platform` LowCardinality(String),
    `post_kind` LowCardinality(Nullable(String)),
    `posted_at` DateTime64(3, 'UTC'),
    `posted_precision_s` UInt32,
    `edited_at` Nullable(DateTime64(3, 'UTC')),
    `host_key` UUID,
    `site_key` UUID,
    `label_key` Nullable(UUID),
    `path_key` UUID,
    `dir_key` Nullable(UUID),
    `depth` UInt32,
    `extension_class` LowCardinality(Nullable(String)),
    `disguises` Array(LowCardinality(String)),
    `expanded_by` LowCardinality(Nullable(String)),
    `role` LowCardinality(String),
    `source` LowCardinality(Nullable(String)),
    `state` LowCardinality(Nullable(String)),
    `canon_version` UInt32,
    `generation` UInt32
)
AS SELECT
    l.post_key AS post_key,
    coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), l.channel_key) AS channel_key,
    l.platform AS platform,
    l.post_kind AS post_kind,
    l.posted_at AS posted_at,
    l.posted_precision_s AS posted_precision_s,
    l.edited_at AS edited_at,
    l.host_key AS host_key,
    l.site_key AS site_key,
    l.label_key AS label_key,
    l.path_key AS path_key,
    l.dir_key AS dir_key,
    l.depth AS depth,
    l.extension_class AS extension_class,
    l.disguises AS disguises,
    l.expanded_by AS expanded_by,
    l.role AS role,
    l.source AS source,
    l.state AS state,
    l.canon_version AS canon_version,
    l.generation AS generation
FROM doxtrail.links AS l
FINAL
ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = l.channel_key;

CREATE VIEW research.live_channels
(
    `platform` LowCardinality(String),
    `channel_key` Nullable(UUID),
    `query_key` Nullable(UUID)
)
AS SELECT DISTINCT
    toString(c.platform) AS platform,
    coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), c.channel_key) AS channel_key,
    c.query_key AS query_key
FROM doxtrail.coverage AS c
ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
WHERE isNull(c.import_id);

CREATE VIEW research.observations
(
    `channel_key` UUID,
    `post_key` Nullable(UUID),
    `platform` LowCardinality(String),
    `state` LowCardinality(String),
    `restrictions` Array(LowCardinality(String)),
    `observed_at` DateTime64(3, 'UTC'),
    `view_count` Nullable(Int64),
    `forward_count` Nullable(Int64),
    `reply_count` Nullable(Int64),
    `reaction_count` Nullable(Int64),
    `audience` Nullable(Int64),
    `source` LowCardinality(String),
    `vantage` LowCardinality(String),
    `generation` UInt32
)
AS SELECT
    coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), o.channel_key) AS channel_key,
    nullIf(o.post_key, toUUID('00000000-0000-0000-0000-000000000000')) AS post_key,
    o.platform AS platform,
    o.state AS state,
    o.restrictions AS restrictions,
    o.observed_at AS observed_at,
    o.view_count AS view_count,
    o.forward_count AS forward_count,
    o.reply_count AS reply_count,
    o.reaction_count AS reaction_count,
    o.audience AS audience,
    o.source AS source,
    o.vantage AS vantage,
    o.generation AS generation
FROM doxtrail.observations AS o
FINAL
ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = o.channel_key;

CREATE VIEW research.open_gaps
(
    `coverage_key` UUID,
    `channel_key` Nullable(UUID),
    `from_no` Nullable(Int64),
    `to_no` Nullable(Int64),
    `from_at` Nullable(DateTime64(3, 'UTC')),
    `to_at` Nullable(DateTime64(3, 'UTC')),
    `looked_at` Nullable(DateTime64(3, 'UTC'))
)
AS SELECT
    coverage_key,
    channel_key,
    from_no,
    to_no,
    from_at,
    to_at,
    looked_at
FROM
(
    SELECT
        g.coverage_key AS coverage_key,
        g.channel AS channel_key,
        g.from_no AS from_no,
        g.to_no AS to_no,
        g.from_at AS from_at,
        g.to_at AS to_at,
        g.looked_at AS looked_at,
        (ifNull(r.imported, false) OR isNull(g.looked_at) OR ifNull(r.looked_at >= g.looked_at, false)) AS later,
        later AND ifNull((r.from_no <= g.to_no) AND (r.to_no >= g.from_no), false) AS by_number,
        later AND ifNull((r.from_at <= g.to_at) AND (r.to_at >= g.from_at), false) AS by_time,
        ifNull(greatest(r.from_no, g.from_no), 0) AS no_begin,
        ifNull(least(r.to_no, g.to_no) + 1, 0) AS no_end,
        ifNull(toUnixTimestamp64Milli(greatest(r.from_at, g.from_at)), 0) AS at_begin,
        ifNull(toUnixTimestamp64Milli(least(r.to_at, g.to_at)), 0) AS at_end
    FROM
    (
        SELECT
            c.*,
            coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), c.channel_key) AS channel
        FROM doxtrail.coverage AS c
        FINAL
        ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
        WHERE (c.state = 'gap') AND isNull(c.import_id)
    ) AS g
    LEFT JOIN
    (
        SELECT
            c.from_no,
            c.to_no,
            c.from_at,
            c.to_at,
            c.looked_at,
            isNotNull(c.import_id) AS imported,
            coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), c.channel_key) AS channel
        FROM doxtrail.coverage AS c
        FINAL
        ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
        WHERE (c.state = 'complete') AND (c.selection = 'full') AND isNotNull(c.channel_key)
    ) AS r ON r.channel = g.channel
)
GROUP BY
    coverage_key,
    channel_key,
    from_no,
    to_no,
    from_at,
    to_at,
    looked_at
HAVING (NOT (max(by_number) AND (intervalLengthSumIf(no_begin, no_end, by_number) = ifNull((to_no - from_no) + 1, 0)))) AND (NOT (max(by_time) AND (intervalLengthSumIf(at_begin, at_end, by_time) = ifNull(toUnixTimestamp64Milli(to_at) - toUnixTimestamp64Milli(from_at), 0))));

CREATE VIEW research.post_states
(
    `post_key` UUID,
    `state` String,
    `restrictions` Array(String),
    `last_seen_up` DateTime64(3, 'UTC'),
    `first_seen_down` Nullable(DateTime64(3, 'UTC')),
    `looks` UInt64,
    `looks_down` UInt64,
    `confirmed` Bool,
    `withdrawn` Bool
)
AS WITH
    channel_looks AS
    (
        SELECT
            channel_key,
            state,
            source,
            vantage,
            argMax(restrictions, observed_at) AS restrictions,
            any(platform) AS platform,
            arrayJoin(arrayDistinct([min(observed_at), max(observed_at)])) AS seen_at
        FROM
        (
            SELECT
                *,
                maxIf(observed_at, (state IN ('up', 'edited', 'back'))) OVER (PARTITION BY channel_key) AS up_at
            FROM research.observations
            WHERE isNull(post_key)
        )
        WHERE (state IN ('gone', 'private', 'restricted')) AND (observed_at > up_at)
        GROUP BY
            channel_key,
            state,
            source,
            vantage
    ),
    looks AS
    (
        SELECT
            post_key,
            true AS is_reading,
            false AS is_look,
            'up' AS shown,
            coalesce(collected_at, posted_at) AS seen_at,
            '' AS source,
            '' AS vantage,
            CAST([], 'Array(String)') AS restrictions,
            '' AS platform
        FROM research.posts
        UNION ALL
        SELECT
            assumeNotNull(post_key),
            false,
            state != 'edited',
            if((state IN ('edited', 'back')), 'up', toString(state)),
            observed_at,
            toString(source),
            toString(vantage),
            CAST(restrictions, 'Array(String)'),
            toString(platform)
        FROM research.observations
        WHERE isNotNull(post_key)
        UNION ALL
        SELECT
            p.post_key,
            false,
            true,
            toString(c.state),
            c.seen_at,
            toString(c.source),
            toString(c.vantage),
            CAST(c.restrictions, 'Array(String)'),
            toString(c.platform)
        FROM research.posts AS p
        INNER JOIN channel_looks AS c ON c.channel_key = p.channel_key
    ),
    summed AS
    (
        SELECT
            post_key,
            argMax((shown, restrictions, is_everywhere), (seen_at, indexOf(['private', 'gone', 'restricted', 'up'], shown), NOT is_everywhere)) AS last_shown,
            maxIf(seen_at, shown = 'up') AS last_seen_up,
            maxIf(seen_at, (shown IN ('up', 'restricted'))) AS last_there_at,
            countIf(is_look) AS looks,
            arraySort(groupArrayIf((seen_at, source, vantage), (shown IN ('gone', 'private')))) AS all_down,
            arrayFilter(d -> ((d.1) > last_there_at), all_down) AS down
        FROM
        (
            SELECT
                *,
                (platform = 'twitter') AND (shown = 'restricted') AND (has(restrictions, 'terms') OR hasAny(splitByChar('+', vantage), ['xx', 'xy'])) AS is_everywhere
            FROM looks
        )
        GROUP BY post_key
        HAVING max(is_reading)
    )
SELECT
    post_key,
    last_shown.1 AS state,
    if(state = 'restricted', last_shown.2, []) AS restrictions,
    last_seen_up,
    if(empty(down), NULL, (down[1]).1) AS first_seen_down,
    looks,
    length(down) AS looks_down,
    toBool(notEmpty(down) AND ((((down[-1]).1) >= addHours((down[1]).1, 6)) OR (length(arrayDistinct(arrayMap(d -> (d.2, d.3), down))) > 1) OR has(arrayMap(d -> (d.2), down), 'compliance'))) AS confirmed,
    toBool(confirmed OR (last_shown.3)) AS withdrawn
FROM summed;

CREATE VIEW research.posts
(
    `post_key` UUID,
    `post_no_key` Nullable(UUID),
    `channel_key` UUID,
    `account_key` Nullable(UUID),
    `platform` LowCardinality(String),
    `kind` LowCardinality(String),
    `posted_at` DateTime64(3, 'UTC'),
    `posted_precision_s` UInt32,
    `edited_at` Nullable(DateTime64(3, 'UTC')),
    `collected_at` Nullable(DateTime64(3, 'UTC')),
    `language` LowCardinality(Nullable(String)),
    `script` LowCardinality(Nullable(String)),
    `length` Nullable(UInt32),
    `view_count` Nullable(Int64),
    `forward_count` Nullable(Int64),
    `reply_count` Nullable(Int64),
    `quote_count` Nullable(Int64),
    `reaction_count` Nullable(Int64),
    `bookmark_count` Nullable(Int64),
    `audience` Nullable(Int64),
    `media_keys` Array(Nullable(UUID)),
    `media_kinds` Array(LowCardinality(String)),
    `media_sizes` Array(Nullable(Int64)),
    `personal_data` Map(LowCardinality(String), UInt32),
    `flags` Array(LowCardinality(String)),
    `item_keys` Array(UUID),
    `generation` UInt32
)
AS SELECT
    p.post_key AS post_key,
    p.post_no_key AS post_no_key,
    coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), p.channel_key) AS channel_key,
    p.account_key AS account_key,
    p.platform AS platform,
    p.kind AS kind,
    p.posted_at AS posted_at,
    p.posted_precision_s AS posted_precision_s,
    p.edited_at AS edited_at,
    p.collected_at AS collected_at,
    p.language AS language,
    p.script AS script,
    p.length AS length,
    p.view_count AS view_count,
    p.forward_count AS forward_count,
    p.reply_count AS reply_count,
    p.quote_count AS quote_count,
    p.reaction_count AS reaction_count,
    p.bookmark_count AS bookmark_count,
    p.audience AS audience,
    p.media_keys AS media_keys,
    p.media_kinds AS media_kinds,
    p.media_sizes AS media_sizes,
    mapFromArrays(p.personal_data_kinds, p.personal_data_counts) AS personal_data,
    p.flags AS flags,
    p.item_keys AS item_keys,
    p.generation AS generation
FROM doxtrail.posts AS p
FINAL
ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = p.channel_key;

CREATE VIEW research.probes
(
    `host_key` UUID,
    `probed_at` DateTime64(3, 'UTC'),
    `vantage` LowCardinality(String),
    `state` LowCardinality(String),
    `status_code` Nullable(UInt32),
    `certificate_hash` String,
    `generation` UInt32
)
AS SELECT
    host_key,
    probed_at,
    vantage,
    state,
    status_code,
    lower(hex(certificate_hash)) AS certificate_hash,
    generation
FROM doxtrail.probes
FINAL;

CREATE VIEW research.shares
(
    `post_key` UUID,
    `channel_key` UUID,
    `platform` LowCardinality(String),
    `posted_at` DateTime64(3, 'UTC'),
    `kind` LowCardinality(String),
    `source_channel_key` Nullable(UUID),
    `source_post_key` Nullable(UUID),
    `source_post_no_key` Nullable(UUID),
    `source_posted_at` Nullable(DateTime64(3, 'UTC')),
    `source_is_person` Bool,
    `generation` UInt32
)
AS WITH
    albums AS
    (
        SELECT
            item_key,
            argMax(post_key, (length(item_keys), post_key)) AS album_key
        FROM doxtrail.posts
        ARRAY JOIN item_keys AS item_key
        WHERE notEmpty(item_keys)
        GROUP BY item_key
        SETTINGS final = 0
    )
SELECT
    s.post_key AS post_key,
    coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), s.channel_key) AS channel_key,
    s.platform AS platform,
    s.posted_at AS posted_at,
    s.kind AS kind,
    coalesce(nullIf(source_alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), nullIf(s.source_channel_key, toUUID('00000000-0000-0000-0000-000000000000'))) AS source_channel_key,
    coalesce(nullIf(album.album_key, toUUID('00000000-0000-0000-0000-000000000000')), nullIf(s.source_post_key, toUUID('00000000-0000-0000-0000-000000000000'))) AS source_post_key,
    nullIf(s.source_post_no_key, toUUID('00000000-0000-0000-0000-000000000000')) AS source_post_no_key,
    s.source_posted_at AS source_posted_at,
    s.source_is_person AS source_is_person,
    s.generation AS generation
FROM doxtrail.shares AS s
FINAL
ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = s.channel_key
ANY LEFT JOIN research.channel_aliases AS source_alias ON source_alias.alias_key = s.source_channel_key
ANY LEFT JOIN albums AS album ON album.item_key = s.source_post_key;

CREATE VIEW research.sightings
(
    `family` String,
    `card_key` Nullable(UUID),
    `path_key` Nullable(UUID),
    `site_key` UUID,
    `site` Nullable(String),
    `sensitive` Bool,
    `is_site_sighting` Bool,
    `post_key` UUID,
    `channel_key` UUID,
    `platform` String,
    `posted_at` DateTime64(3, 'UTC'),
    `posted_precision_s` UInt32,
    `post_kind` Nullable(String),
    `basis` String
)
AS WITH
    (
        SELECT count() = 0
        FROM doxtrail.sites
        FINAL
        WHERE listed
    ) AS match_any,
    listed_sites AS
    (
        SELECT
            match,
            match_key,
            toString(family) AS family,
            host,
            sensitive,
            groupArrayArray(page_keys) OVER (PARTITION BY family) AS pages
        FROM doxtrail.sites
        FINAL
        WHERE listed
    )
SELECT
    found.family AS family,
    if(isNull(found.card_path), NULL, toUUID(UUIDNumToString(toFixedString(substring(SHA256(concat(found.family, '\0', toString(found.card_path))), 1, 16), 16)))) AS card_key,
    found.card_path AS path_key,
    found.matched_key AS site_key,
    found.site AS site,
    found.sensitive AS sensitive,
    toBool(isNull(found.card_path)) AS is_site_sighting,
    found.post_key AS post_key,
    coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), found.channel_key) AS channel_key,
    found.platform AS platform,
    found.posted_at AS posted_at,
    found.posted_precision_s AS posted_precision_s,
    found.post_kind AS post_kind,
    transform(found.basis_rank, [1, 2, 3], ['direct', 'forward', 'quoted'], '') AS basis
FROM
(
    SELECT
        l.post_key AS post_key,
        multiIf(match_any, toString(l.site_key), h.family != '', h.family, s.family) AS family,
        if(h.family != '', l.host_key, l.site_key) AS matched_key,
        if((l.depth = 0) OR has(if(h.family != '', h.pages, s.pages), l.path_key), NULL, l.path_key) AS card_path,
        any(nullIf(if(h.family != '', h.host, s.host), '')) AS site,
        any(if(h.family != '', h.sensitive, s.sensitive)) AS sensitive,
        min(multiIf(l.role = 'quoted', 3, (l.post_kind IN ('forward', 'repost')), 2, 1)) AS basis_rank,
        argMax(l.channel_key, l.version) AS channel_key,
        argMax(l.platform, l.version) AS platform,
        argMax(l.posted_at, l.version) AS posted_at,
        argMax(l.posted_precision_s, l.version) AS posted_precision_s,
        (argMax(tuple(l.post_kind), l.version)).1 AS post_kind
    FROM doxtrail.links AS l
    FINAL
    ANY LEFT JOIN
    (
        SELECT
            match_key,
            family,
            host,
            sensitive,
            pages
        FROM listed_sites
        WHERE match = 'host'
    ) AS h ON h.match_key = l.host_key
    ANY LEFT JOIN
    (
        SELECT
            match_key,
            family,
            host,
            sensitive,
            pages
        FROM listed_sites
        WHERE match = 'site'
    ) AS s ON s.match_key = l.site_key
    WHERE (match_any OR (l.host_key IN (
        SELECT host_key
        FROM doxtrail.links
        WHERE (host_key IN (
            SELECT match_key
            FROM listed_sites
            WHERE match = 'host'
        )) OR (site_key IN (
            SELECT match_key
            FROM listed_sites
            WHERE match = 'site'
        ))
    ))) AND (family != '')
    GROUP BY
        post_key,
        family,
        matched_key,
        card_path
) AS found
ANY LEFT JOIN research.channel_aliases AS alias ON alias.alias_key = found.channel_key;

CREATE VIEW research.sites
(
    `match` LowCardinality(String),
    `match_key` UUID,
    `host` String,
    `family` LowCardinality(String),
    `sensitive` Bool,
    `page_keys` Array(UUID),
    `label_key` Nullable(UUID),
    `listed` Bool,
    `generation` UInt32
)
AS SELECT
    match,
    match_key,
    host,
    family,
    sensitive,
    page_keys,
    label_key,
    listed,
    generation
FROM doxtrail.sites
FINAL;

CREATE VIEW research.takedowns
(
    `takedown_id` UUID,
    `happened_at` DateTime64(3, 'UTC'),
    `state` LowCardinality(String),
    `platform` LowCardinality(String),
    `post_key` Nullable(UUID),
    `family` LowCardinality(String),
    `path_key` Nullable(UUID),
    `recipient` LowCardinality(String),
    `generation` UInt32
)
AS SELECT
    takedown_id,
    happened_at,
    state,
    platform,
    post_key,
    family,
    path_key,
    recipient,
    generation
FROM doxtrail.takedowns
FINAL;

CREATE VIEW research.terms
(
    `platform` String,
    `account_level` Bool
)
AS SELECT
    'twitter' AS platform,
    false AS account_level;
