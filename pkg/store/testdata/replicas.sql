-- 0001_tables_database
-- Run at every start: nothing can be recorded before it exists.
CREATE DATABASE IF NOT EXISTS doxtrail ON CLUSTER 'study';

-- 0002_migrations
-- What was applied, with a checksum of the file as it was then.
-- Run at every start, like the database it lives in.
CREATE TABLE IF NOT EXISTS doxtrail.migrations ON CLUSTER 'study'
(
    number UInt32,
    name String,
    checksum String,
    applied_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree
ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0003_research_database
-- Holds views only: researchers, reports and named queries see nothing else.
CREATE DATABASE IF NOT EXISTS research ON CLUSTER 'study';

-- 0004_posts
-- One row is one post, text-free.
-- ORDER BY post_key: it alone is the identity of a post. A sort key that began
-- with the channel would read faster by channel, but a post whose channel is
-- known by another key in a second source would then become two rows.
CREATE TABLE IF NOT EXISTS doxtrail.posts ON CLUSTER 'study'
(
    post_key UUID,
    post_no_key Nullable(UUID),
    channel_key UUID,
    account_key Nullable(UUID),
    platform LowCardinality(String),
    kind LowCardinality(String),
    posted_at DateTime64(3, 'UTC'),
    posted_precision_s UInt32,
    edited_at Nullable(DateTime64(3, 'UTC')),
    collected_at Nullable(DateTime64(3, 'UTC')),
    language LowCardinality(Nullable(String)),
    script LowCardinality(Nullable(String)),
    length Nullable(UInt32),
    view_count Nullable(Int64),
    forward_count Nullable(Int64),
    reply_count Nullable(Int64),
    quote_count Nullable(Int64),
    reaction_count Nullable(Int64),
    bookmark_count Nullable(Int64),
    audience Nullable(Int64),
    media_keys Array(Nullable(UUID)),
    media_kinds Array(LowCardinality(String)),
    media_sizes Array(Nullable(Int64)),
    text_fingerprint Nullable(FixedString(16)),
    personal_data_kinds Array(LowCardinality(String)),
    personal_data_counts Array(UInt32),
    flags Array(LowCardinality(String)),
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY post_key
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0005_links
-- One row is one link in one post.
-- Identity is (post_key, host_key, path_key, role): the same link found again
-- replaces itself, and an edit that drops a link leaves its row standing.
-- The host comes first in the order because every spread question asks for the
-- hosts of a family, a small part of all links: the primary index then skips
-- the rest, FINAL included. site_key is not part of the order: it follows from
-- the host, and a newer list of public suffixes must replace it, not double it.
CREATE TABLE IF NOT EXISTS doxtrail.links ON CLUSTER 'study'
(
    post_key UUID,
    channel_key UUID,
    platform LowCardinality(String),
    post_kind LowCardinality(Nullable(String)),
    posted_at DateTime64(3, 'UTC'),
    posted_precision_s UInt32,
    edited_at Nullable(DateTime64(3, 'UTC')),
    host_key UUID,
    site_key UUID,
    label_key Nullable(UUID),
    path_key UUID,
    dir_key Nullable(UUID),
    depth UInt32,
    extension_class LowCardinality(Nullable(String)),
    disguises Array(LowCardinality(String)),
    expanded_by LowCardinality(Nullable(String)),
    role LowCardinality(String),
    source LowCardinality(Nullable(String)),
    canon_version UInt32,
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY (host_key, path_key, post_key, role)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0006_sites
-- One row is one host or registrable domain that belongs to a family.
-- The family is not part of the order: a site belongs to one family at a time,
-- so that a link never becomes two sightings.
CREATE TABLE IF NOT EXISTS doxtrail.sites ON CLUSTER 'study'
(
    match LowCardinality(String),
    match_key UUID,
    host String,
    family LowCardinality(String),
    sensitive Bool,
    page_keys Array(UUID),
    label_key Nullable(UUID),
    listed Bool,
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY (match, match_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0007_shares
-- One row says that a post passes on another post or channel.
-- Keys of an absent source are all zero here, because they are part of the
-- identity; the views show them as NULL.
CREATE TABLE IF NOT EXISTS doxtrail.shares ON CLUSTER 'study'
(
    post_key UUID,
    channel_key UUID,
    platform LowCardinality(String),
    posted_at DateTime64(3, 'UTC'),
    kind LowCardinality(String),
    source_channel_key UUID,
    source_post_key UUID,
    source_post_no_key UUID,
    source_posted_at Nullable(DateTime64(3, 'UTC')),
    source_is_person Bool,
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY (post_key, kind, source_channel_key, source_post_key, source_post_no_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0008_channels
-- One row is one channel, group, account or page. Its label is a decision.
CREATE TABLE IF NOT EXISTS doxtrail.channels ON CLUSTER 'study'
(
    channel_key UUID,
    platform LowCardinality(String),
    kind LowCardinality(Nullable(String)),
    created_day Nullable(Date32),
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY channel_key
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0009_channel_aliases
-- One row joins a second key of a channel to the key that counts.
CREATE TABLE IF NOT EXISTS doxtrail.channel_aliases ON CLUSTER 'study'
(
    alias_key UUID,
    channel_key UUID,
    platform LowCardinality(String),
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY alias_key
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0010_observations
-- One row is one later look at a post, or at a channel (post_key all zero).
-- Two looks at the same moment from two places are two facts.
CREATE TABLE IF NOT EXISTS doxtrail.observations ON CLUSTER 'study'
(
    channel_key UUID,
    post_key UUID,
    platform LowCardinality(String),
    state LowCardinality(String),
    observed_at DateTime64(3, 'UTC'),
    view_count Nullable(Int64),
    forward_count Nullable(Int64),
    reply_count Nullable(Int64),
    reaction_count Nullable(Int64),
    audience Nullable(Int64),
    source LowCardinality(String),
    vantage LowCardinality(String),
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY (channel_key, post_key, observed_at, source, vantage)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0011_coverage
-- One row says where and when we looked, and how much of it.
-- ORDER BY coverage_key: it is keyed over source and position, so that the
-- same look, delivered twice, is one row.
CREATE TABLE IF NOT EXISTS doxtrail.coverage ON CLUSTER 'study'
(
    coverage_key UUID,
    channel_key Nullable(UUID),
    query_key Nullable(UUID),
    import_id Nullable(UUID),
    platform LowCardinality(String),
    leg LowCardinality(Nullable(String)),
    selection LowCardinality(Nullable(String)),
    state LowCardinality(String),
    from_at Nullable(DateTime64(3, 'UTC')),
    to_at Nullable(DateTime64(3, 'UTC')),
    from_no Nullable(Int64),
    to_no Nullable(Int64),
    looked_at Nullable(DateTime64(3, 'UTC')),
    post_count UInt64,
    link_count UInt64,
    sighting_count UInt64,
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY coverage_key
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0012_probes
-- One row is one look at a watched site.
CREATE TABLE IF NOT EXISTS doxtrail.probes ON CLUSTER 'study'
(
    host_key UUID,
    probed_at DateTime64(3, 'UTC'),
    vantage LowCardinality(String),
    state LowCardinality(String),
    status_code Nullable(UInt32),
    layout_fingerprint String,
    certificate_hash String,
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY (host_key, probed_at, vantage)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0013_takedowns
-- One row is one state of one notice; a notice is its rows in order of time.
CREATE TABLE IF NOT EXISTS doxtrail.takedowns ON CLUSTER 'study'
(
    takedown_id UUID,
    happened_at DateTime64(3, 'UTC'),
    state LowCardinality(String),
    platform LowCardinality(String),
    post_key Nullable(UUID),
    family LowCardinality(String),
    path_key Nullable(UUID),
    recipient LowCardinality(String),
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY (takedown_id, happened_at, state)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0014_imports
-- One row is one file that was read. Never a path, never a file name.
CREATE TABLE IF NOT EXISTS doxtrail.imports ON CLUSTER 'study'
(
    import_id UUID,
    file_hash Nullable(FixedString(32)),
    file_ordinal UInt32,
    label LowCardinality(Nullable(String)),
    format LowCardinality(Nullable(String)),
    platform LowCardinality(String),
    record_count UInt64,
    post_count UInt64,
    non_post_count UInt64,
    rejected_count UInt64,
    duplicate_count UInt64,
    conflict_count UInt64,
    byte_count UInt64,
    complete Bool,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY import_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0015_decisions
-- One row is what a person decided about one target. Kept apart in backups,
-- merged on restore; taking a decision back is a row with in_force = false.
CREATE TABLE IF NOT EXISTS doxtrail.decisions ON CLUSTER 'study'
(
    target_key UUID,
    kind LowCardinality(String),
    family LowCardinality(String),
    label LowCardinality(String),
    in_force Bool,
    generation UInt32,
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY (target_key, kind, family)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0016_locators
-- What finds a post, a channel or a page again, sealed. No view shows it.
CREATE TABLE IF NOT EXISTS doxtrail.locators ON CLUSTER 'study'
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
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY (target_key, kind)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0017_locator_keys
-- The data key of one batch of locators, wrapped for the custodian.
CREATE TABLE IF NOT EXISTS doxtrail.locator_keys ON CLUSTER 'study'
(
    locator_key_id UUID,
    wrapped String CODEC(NONE),
    custodian_key_id String,
    expires_at DateTime64(3, 'UTC'),
    version UInt128,
    recorded_at DateTime64(3, 'UTC') MATERIALIZED now64(3)
)
ENGINE = ReplicatedReplacingMergeTree(version)
ORDER BY locator_key_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, replicated_deduplication_window = 0, min_bytes_for_wide_part = 134217728;

-- 0018_research_channel_aliases
CREATE OR REPLACE VIEW research.channel_aliases ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    alias_key,
    channel_key,
    platform,
    generation
FROM doxtrail.channel_aliases FINAL;

-- 0019_research_channels
-- One row a channel, under the key that counts, with the neutral label a
-- person gave it. A channel that has a label but was not collected yet is
-- here too, without a platform.
CREATE OR REPLACE VIEW research.channels ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
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
        CAST(c.kind AS Nullable(String)) AS kind,
        c.created_day AS created_day,
        CAST(NULL AS Nullable(String)) AS label,
        toUInt32(0) AS label_generation
    FROM doxtrail.channels AS c FINAL
    LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
    UNION ALL
    SELECT
        coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), d.target_key) AS channel_key,
        CAST(NULL AS Nullable(String)) AS platform,
        CAST(NULL AS Nullable(String)) AS kind,
        CAST(NULL AS Nullable(Date32)) AS created_day,
        nullIf(toString(d.label), '') AS label,
        d.generation AS label_generation
    FROM doxtrail.decisions AS d FINAL
    LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = d.target_key
    WHERE d.kind = 'channel_approved' AND d.in_force
) AS known
GROUP BY channel_key;

-- 0020_research_posts
CREATE OR REPLACE VIEW research.posts ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
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
    p.generation AS generation
FROM doxtrail.posts AS p FINAL
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = p.channel_key;

-- 0021_research_links
CREATE OR REPLACE VIEW research.links ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
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
    l.canon_version AS canon_version,
    l.generation AS generation
FROM doxtrail.links AS l FINAL
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = l.channel_key;

-- 0022_research_sites
CREATE OR REPLACE VIEW research.sites ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    match,
    match_key,
    host,
    family,
    sensitive,
    page_keys,
    label_key,
    listed,
    generation
FROM doxtrail.sites FINAL;

-- 0023_research_shares
CREATE OR REPLACE VIEW research.shares ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    s.post_key AS post_key,
    coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), s.channel_key) AS channel_key,
    s.platform AS platform,
    s.posted_at AS posted_at,
    s.kind AS kind,
    coalesce(nullIf(source_alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), nullIf(s.source_channel_key, toUUID('00000000-0000-0000-0000-000000000000'))) AS source_channel_key,
    nullIf(s.source_post_key, toUUID('00000000-0000-0000-0000-000000000000')) AS source_post_key,
    nullIf(s.source_post_no_key, toUUID('00000000-0000-0000-0000-000000000000')) AS source_post_no_key,
    s.source_posted_at AS source_posted_at,
    s.source_is_person AS source_is_person,
    s.generation AS generation
FROM doxtrail.shares AS s FINAL
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = s.channel_key
LEFT ANY JOIN research.channel_aliases AS source_alias ON source_alias.alias_key = s.source_channel_key;

-- 0024_research_observations
CREATE OR REPLACE VIEW research.observations ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), o.channel_key) AS channel_key,
    nullIf(o.post_key, toUUID('00000000-0000-0000-0000-000000000000')) AS post_key,
    o.platform AS platform,
    o.state AS state,
    o.observed_at AS observed_at,
    o.view_count AS view_count,
    o.forward_count AS forward_count,
    o.reply_count AS reply_count,
    o.reaction_count AS reaction_count,
    o.audience AS audience,
    o.source AS source,
    o.vantage AS vantage,
    o.generation AS generation
FROM doxtrail.observations AS o FINAL
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = o.channel_key;

-- 0025_research_coverage
CREATE OR REPLACE VIEW research.coverage ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
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
    c.generation AS generation
FROM doxtrail.coverage AS c FINAL
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key;

-- 0026_research_probes
CREATE OR REPLACE VIEW research.probes ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    host_key,
    probed_at,
    vantage,
    state,
    status_code,
    lower(hex(certificate_hash)) AS certificate_hash,
    generation
FROM doxtrail.probes FINAL;

-- 0027_research_takedowns
CREATE OR REPLACE VIEW research.takedowns ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    takedown_id,
    happened_at,
    state,
    platform,
    post_key,
    family,
    path_key,
    recipient,
    generation
FROM doxtrail.takedowns FINAL;

-- 0028_research_imports
CREATE OR REPLACE VIEW research.imports ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
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
FROM doxtrail.imports FINAL;

-- 0029_research_decisions
CREATE OR REPLACE VIEW research.decisions ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    target_key,
    kind,
    family,
    label,
    in_force,
    generation
FROM doxtrail.decisions FINAL;

-- 0030_research_sightings
-- A sighting is a link to a listed site, counted once for a post, a card and a
-- site. It is worked out at reading time: a site that is listed tomorrow makes
-- sightings of links that were collected years ago.
--
-- card_key stands for family and path, so one card on fourteen mirrors is one
-- card. It is the head of a SHA-256, which any program can work out again. It
-- is NULL, like path_key, where the link leads to a start page or a list of
-- the family: that is a sighting of the site.
--
-- A listed host goes before the registrable domain it is part of. Pages that
-- are no cards count for all sites of their family.
--
-- No site listed at all: every registrable site is a family of its own, named
-- by its key, because its host is not readable.
CREATE OR REPLACE VIEW research.sightings ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT count() = 0 FROM doxtrail.sites FINAL WHERE listed) AS match_any,
    listed_sites AS
    (
        SELECT
            match,
            match_key,
            toString(family) AS family,
            host,
            sensitive,
            groupArrayArray(page_keys) OVER (PARTITION BY family) AS pages
        FROM doxtrail.sites FINAL
        WHERE listed
    )
SELECT
    found.family AS family,
    if(isNull(found.card_path), NULL, toUUID(UUIDNumToString(toFixedString(substring(
        SHA256(concat(found.family, '\0', toString(found.card_path))), 1, 16), 16)))) AS card_key,
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
        if(l.depth = 0 OR has(if(h.family != '', h.pages, s.pages), l.path_key), NULL, l.path_key) AS card_path,
        any(nullIf(if(h.family != '', h.host, s.host), '')) AS site,
        any(if(h.family != '', h.sensitive, s.sensitive)) AS sensitive,
        min(multiIf(l.role = 'quoted', 3, l.post_kind IN ('forward', 'repost'), 2, 1)) AS basis_rank,
        argMax(l.channel_key, l.version) AS channel_key,
        argMax(l.platform, l.version) AS platform,
        argMax(l.posted_at, l.version) AS posted_at,
        argMax(l.posted_precision_s, l.version) AS posted_precision_s,
        argMax(tuple(l.post_kind), l.version).1 AS post_kind
    FROM doxtrail.links AS l FINAL
    LEFT ANY JOIN (SELECT match_key, family, host, sensitive, pages FROM listed_sites WHERE match = 'host') AS h
        ON h.match_key = l.host_key
    LEFT ANY JOIN (SELECT match_key, family, host, sensitive, pages FROM listed_sites WHERE match = 'site') AS s
        ON s.match_key = l.site_key
    WHERE (match_any OR l.host_key IN
        (
            SELECT host_key
            FROM doxtrail.links
            WHERE host_key IN (SELECT match_key FROM listed_sites WHERE match = 'host')
               OR site_key IN (SELECT match_key FROM listed_sites WHERE match = 'site')
        ))
      AND family != ''
    GROUP BY post_key, family, matched_key, card_path
) AS found
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = found.channel_key;

-- 0031_research_covered_ranges
-- Stretches of a channel's time that were read in full, joined where they
-- touch: what was not seen inside one was not there (any more) when we looked.
--
-- A file is read whole, in whatever order it has, so the rows of one import
-- and channel are one stretch, unless a gap was reported for that import.
-- Stretches touch where their times overlap or their post numbers follow on.
CREATE OR REPLACE VIEW research.covered_ranges ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    looks AS
    (
        SELECT
            assumeNotNull(channel_key) AS channel,
            platform,
            if(gaps > 0 OR isNull(import_id), coverage_key, assumeNotNull(import_id)) AS look,
            min(from_at) AS look_from_at,
            max(to_at) AS look_to_at,
            min(from_no) AS look_from_no,
            max(to_no) AS look_to_no
        FROM
        (
            SELECT *, countIf(state = 'gap') OVER (PARTITION BY import_id) AS gaps
            FROM research.coverage
        )
        WHERE state = 'complete' AND selection = 'full'
          AND isNotNull(channel_key) AND isNotNull(from_at) AND isNotNull(to_at)
        GROUP BY channel, platform, look
    ),
    ordered AS
    (
        SELECT
            *,
            max(look_to_at) OVER before AS reached_at,
            max(look_to_no) OVER before AS reached_no
        FROM looks
        WINDOW before AS (PARTITION BY channel ORDER BY look_from_at, look_to_at, look ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ),
    numbered AS
    (
        SELECT
            *,
            countIf(isNull(reached_at) OR NOT (look_from_at <= reached_at OR ifNull(look_from_no <= reached_no + 1, false)))
                OVER (PARTITION BY channel ORDER BY look_from_at, look_to_at, look ROWS UNBOUNDED PRECEDING) AS stretch
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
GROUP BY channel, stretch;

-- 0032_research_channel_audiences
-- The last audience we know of each channel: what the platform showed as its
-- subscribers, members or followers, from posts and from later looks.
CREATE OR REPLACE VIEW research.channel_audiences ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    channel_key,
    argMax(known.audience, (known.known_at, known.audience)) AS audience,
    max(known.known_at) AS known_at
FROM
(
    SELECT p.channel_key AS channel_key, assumeNotNull(p.audience) AS audience, coalesce(p.collected_at, p.posted_at) AS known_at
    FROM research.posts AS p
    WHERE isNotNull(p.audience)
    UNION ALL
    SELECT o.channel_key AS channel_key, assumeNotNull(o.audience) AS audience, o.observed_at AS known_at
    FROM research.observations AS o
    WHERE isNotNull(o.audience)
) AS known
GROUP BY channel_key;

-- 0033_research_role
-- What a researcher's account is given: the views, and nothing beneath them.
CREATE ROLE IF NOT EXISTS doxtrail_researcher ON CLUSTER 'study';

-- 0034_research_grant
GRANT ON CLUSTER 'study' SELECT ON research.* TO doxtrail_researcher;

-- 0035_coverage_records
-- Which records of its import a row accounts for; absent in rows from before,
-- and where the source counts no records.
ALTER TABLE doxtrail.coverage ON CLUSTER 'study'
    ADD COLUMN IF NOT EXISTS first_record Nullable(UInt64) AFTER looked_at,
    ADD COLUMN IF NOT EXISTS record_count Nullable(UInt64) AFTER first_record;

-- 0036_research_coverage_records
-- Of the rows of one import, those that together count each record once.
--
-- A row accounts for a range of records. Two ranges of an import are apart, or
-- one lies within the other, and neither crosses a multiple of 1024: a batch is
-- cut at places that the file settles, and what is less than a batch is one
-- post. They come to lie within each other where a batch was delivered again in
-- parts, or the file was read again by a program that cuts finer. Then:
--   * a row gives way to one around it of its own or a newer generation;
--   * a row gives way to rows of newer generations within it, if these account
--     for all of it; else they give way to it;
--   * a gap gives way to complete rows that account for all of it.
-- Rows from before ranges were known give way to any that has one.
CREATE OR REPLACE VIEW research.coverage ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
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
        FROM doxtrail.coverage FINAL
        WHERE isNotNull(import_id) AND isNotNull(first_record) AND record_count > 0
    ),
    -- Nearly always ranges are apart; only where some are not need they be
    -- compared.
    crowded AS
    (
        SELECT * FROM ranged
        WHERE (import, stretch) IN
        (
            SELECT import, stretch
            FROM (SELECT import, stretch, first, end, uniqExact(generation, is_gap) AS kinds FROM ranged GROUP BY import, stretch, first, end)
            GROUP BY import, stretch
            HAVING max(kinds) > 1 OR sum(end - first) > intervalLengthSum(first, end)
        )
    ),
    replaced AS
    (
        SELECT a.coverage_key AS replaced_key
        FROM crowded AS a
        INNER JOIN crowded AS b ON b.import = a.import AND b.stretch = a.stretch
        WHERE NOT b.is_gap AND b.first >= a.first AND b.end <= a.end AND (a.is_gap OR b.generation > a.generation)
        GROUP BY a.coverage_key, a.first, a.end
        HAVING intervalLengthSum(b.first, b.end) = a.end - a.first
    ),
    enclosed AS
    (
        SELECT b.coverage_key AS enclosed_key
        FROM crowded AS b
        INNER JOIN crowded AS a ON a.import = b.import AND a.stretch = b.stretch
        WHERE NOT a.is_gap AND a.first <= b.first AND a.end >= b.end AND (b.is_gap OR a.end - a.first > b.end - b.first)
          AND (b.is_gap OR a.generation >= b.generation OR a.coverage_key NOT IN (SELECT replaced_key FROM replaced))
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
FROM doxtrail.coverage AS c FINAL
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
WHERE c.coverage_key NOT IN (SELECT replaced_key FROM replaced)
  AND c.coverage_key NOT IN (SELECT enclosed_key FROM enclosed)
  AND (isNotNull(c.first_record) OR isNull(c.import_id) OR c.import_id NOT IN (SELECT import FROM ranged WHERE NOT is_gap));

-- 0037_research_covered_ranges_records
-- Stretches of a channel's time that were read in full, joined where they
-- touch: what was not seen inside one was not there (any more) when we looked.
--
-- A file is read whole, so the rows of one import and channel are one stretch,
-- in whatever order they come. A gap parts what lies before it in the file from
-- what lies behind, and inside its range, or where it has none, each row from
-- the others.
-- Stretches touch where their times overlap or their post numbers follow on.
CREATE OR REPLACE VIEW research.covered_ranges ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    looks AS
    (
        SELECT
            assumeNotNull(channel_key) AS channel,
            platform,
            if(isNull(import_id) OR gaps > placed OR (gaps > 0 AND (isNull(first_record) OR gap_end > first_record)),
                (coverage_key, 0), (assumeNotNull(import_id), gaps_before)) AS look,
            min(from_at) AS look_from_at,
            max(to_at) AS look_to_at,
            min(from_no) AS look_from_no,
            max(to_no) AS look_to_no
        FROM
        (
            SELECT
                *,
                countIf(state = 'gap') OVER (PARTITION BY import_id) AS gaps,
                countIf(state = 'gap' AND isNotNull(first_record)) OVER (PARTITION BY import_id) AS placed,
                countIf(state = 'gap') OVER so_far AS gaps_before,
                maxIf(ifNull(first_record + record_count, 0), state = 'gap') OVER so_far AS gap_end
            FROM research.coverage
            WINDOW so_far AS (PARTITION BY import_id ORDER BY first_record, record_count DESC ROWS UNBOUNDED PRECEDING)
        )
        WHERE state = 'complete' AND selection = 'full'
          AND isNotNull(channel_key) AND isNotNull(from_at) AND isNotNull(to_at)
        GROUP BY channel, platform, look
    ),
    ordered AS
    (
        SELECT
            *,
            max(look_to_at) OVER before AS reached_at,
            max(look_to_no) OVER before AS reached_no
        FROM looks
        WINDOW before AS (PARTITION BY channel ORDER BY look_from_at, look_to_at, look ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ),
    numbered AS
    (
        SELECT
            *,
            countIf(isNull(reached_at) OR NOT (look_from_at <= reached_at OR ifNull(look_from_no <= reached_no + 1, false)))
                OVER (PARTITION BY channel ORDER BY look_from_at, look_to_at, look ROWS UNBOUNDED PRECEDING) AS stretch
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
GROUP BY channel, stretch;

-- 0038_research_covered_records
-- Which records of which import are rows, and since which generation of the
-- watch list: what an import asks to know what it need not send again. Ranges
-- lie within each other; for sums see coverage. Grouped instead of FINAL, which
-- would read the rows of all imports for one: of a look that came twice the
-- newest generation counts, and a gap never takes the place of what was read.
CREATE OR REPLACE VIEW research.covered_records ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    assumeNotNull(c.import_id) AS import_id,
    assumeNotNull(c.first_record) AS first_record,
    assumeNotNull(c.record_count) AS record_count,
    max(c.generation) AS generation
FROM doxtrail.coverage AS c
WHERE c.state = 'complete' AND isNotNull(c.import_id) AND isNotNull(c.first_record) AND c.record_count > 0
GROUP BY import_id, first_record, record_count;

-- 0039_posts_items
-- The other items of an album, whose items are one post, and a coarse hash of
-- each picture: the eight bytes, most significant first. Empty in rows from
-- before.
ALTER TABLE doxtrail.posts ON CLUSTER 'study'
    ADD COLUMN IF NOT EXISTS media_picture_hashes Array(Nullable(UInt64)) AFTER media_sizes,
    ADD COLUMN IF NOT EXISTS item_keys Array(UUID) AFTER flags;

-- 0040_observations_restrictions
-- Why a post or channel is restricted, each reason once.
ALTER TABLE doxtrail.observations ON CLUSTER 'study'
    ADD COLUMN IF NOT EXISTS restrictions Array(LowCardinality(String)) AFTER state;

-- 0041_research_posts_items
CREATE OR REPLACE VIEW research.posts ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
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
FROM doxtrail.posts AS p FINAL
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = p.channel_key;

-- 0042_research_observations_restrictions
CREATE OR REPLACE VIEW research.observations ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
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
FROM doxtrail.observations AS o FINAL
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = o.channel_key;

-- 0043_research_shares_items
-- A share of any item of an album is a share of the post that the items are.
-- Where an item stands in two posts, read before the album was whole, the one
-- with more items counts. Read without FINAL, which readers' sessions set: what
-- once was an item remains one, and where there are no albums only the lengths of
-- empty arrays are read.
CREATE OR REPLACE VIEW research.shares ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    albums AS
    (
        SELECT item_key, argMax(post_key, (length(item_keys), post_key)) AS album_key
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
FROM doxtrail.shares AS s FINAL
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = s.channel_key
LEFT ANY JOIN research.channel_aliases AS source_alias ON source_alias.alias_key = s.source_channel_key
LEFT ANY JOIN albums AS album ON album.item_key = s.source_post_key;

-- 0044_research_post_states
-- What looks showed of each post: whether it was still there, and since when not.
-- A post was up when it was read (collected_at), or where nobody says when that
-- was, when it was posted. Looks at its channel as a whole tell of it, too, since
-- the channel was last seen up: of those the first and the last from each place
-- are taken.
--
-- gone and private are down. first_seen_down and looks_down speak of the looks
-- that showed it down since one last showed it otherwise. They are confirmed when
-- one of them came six hours after the first, or from another source or vantage.
-- An edit shows that a post was up, but is no look.
CREATE OR REPLACE VIEW research.post_states ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    channel_looks AS
    (
        SELECT
            channel_key, state, source, vantage,
            argMax(restrictions, observed_at) AS restrictions,
            arrayJoin(arrayDistinct([min(observed_at), max(observed_at)])) AS seen_at
        FROM
        (
            SELECT *, maxIf(observed_at, state IN ('up', 'edited', 'back')) OVER (PARTITION BY channel_key) AS up_at
            FROM research.observations
            WHERE isNull(post_key)
        )
        WHERE state IN ('gone', 'private', 'restricted') AND observed_at > up_at
        GROUP BY channel_key, state, source, vantage
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
            CAST([] AS Array(String)) AS restrictions
        FROM research.posts
        UNION ALL
        SELECT
            assumeNotNull(post_key),
            false,
            state != 'edited',
            if(state IN ('edited', 'back'), 'up', toString(state)),
            observed_at,
            toString(source),
            toString(vantage),
            CAST(restrictions AS Array(String))
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
            CAST(c.restrictions AS Array(String))
        FROM research.posts AS p
        INNER JOIN channel_looks AS c ON c.channel_key = p.channel_key
    ),
    summed AS
    (
        SELECT
            post_key,
            -- Of two looks at one moment the one that shows more counts.
            argMax((shown, restrictions), (seen_at, indexOf(['private', 'gone', 'restricted', 'up'], shown))) AS last_shown,
            maxIf(seen_at, shown = 'up') AS last_seen_up,
            maxIf(seen_at, shown IN ('up', 'restricted')) AS last_there_at,
            countIf(is_look) AS looks,
            arraySort(groupArrayIf((seen_at, source, vantage), shown IN ('gone', 'private'))) AS all_down,
            arrayFilter(d -> d.1 > last_there_at, all_down) AS down
        FROM looks
        GROUP BY post_key
        HAVING max(is_reading)
    )
SELECT
    post_key,
    last_shown.1 AS state,
    if(state = 'restricted', last_shown.2, []) AS restrictions,
    last_seen_up,
    if(empty(down), NULL, down[1].1) AS first_seen_down,
    looks,
    length(down) AS looks_down,
    toBool(notEmpty(down) AND (down[-1].1 >= addHours(down[1].1, 6)
        OR length(arrayDistinct(arrayMap(d -> (d.2, d.3), down))) > 1)) AS confirmed
FROM summed;

-- 0045_research_live_channels
-- What collectors come back to: channels, and searches without a channel. Without
-- FINAL, because whatever a look became, it was one of theirs.
CREATE OR REPLACE VIEW research.live_channels ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT DISTINCT
    toString(c.platform) AS platform,
    coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), c.channel_key) AS channel_key,
    c.query_key AS query_key
FROM doxtrail.coverage AS c
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
WHERE isNull(c.import_id);

-- 0046_research_open_gaps
-- Gaps of what is collected live that nothing filled. A gap is filled by complete
-- looks at its channel that together hold all of it, by the platform's numbers or
-- by time, whichever leg they are of and however they are cut. They must be later
-- than the gap, because what was read may be lost on the way to the tables, or of
-- an import, whose rows are there.
CREATE OR REPLACE VIEW research.open_gaps ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT coverage_key, channel_key, from_no, to_no, from_at, to_at, looked_at
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
        later AND ifNull(r.from_no <= g.to_no AND r.to_no >= g.from_no, false) AS by_number,
        later AND ifNull(r.from_at <= g.to_at AND r.to_at >= g.from_at, false) AS by_time,
        ifNull(greatest(r.from_no, g.from_no), 0) AS no_begin,
        ifNull(least(r.to_no, g.to_no) + 1, 0) AS no_end,
        ifNull(toUnixTimestamp64Milli(greatest(r.from_at, g.from_at)), 0) AS at_begin,
        ifNull(toUnixTimestamp64Milli(least(r.to_at, g.to_at)), 0) AS at_end
    FROM
    (
        SELECT c.*, coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), c.channel_key) AS channel
        FROM doxtrail.coverage AS c FINAL
        LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
        WHERE c.state = 'gap' AND isNull(c.import_id)
    ) AS g
    LEFT JOIN
    (
        SELECT c.from_no, c.to_no, c.from_at, c.to_at, c.looked_at, isNotNull(c.import_id) AS imported, coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), c.channel_key) AS channel
        FROM doxtrail.coverage AS c FINAL
        LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
        WHERE c.state = 'complete' AND c.selection = 'full' AND isNotNull(c.channel_key)
    ) AS r ON r.channel = g.channel
)
GROUP BY coverage_key, channel_key, from_no, to_no, from_at, to_at, looked_at
HAVING NOT (max(by_number) AND intervalLengthSumIf(no_begin, no_end, by_number) = ifNull(to_no - from_no + 1, 0))
   AND NOT (max(by_time) AND intervalLengthSumIf(at_begin, at_end, by_time) = ifNull(toUnixTimestamp64Milli(to_at) - toUnixTimestamp64Milli(from_at), 0));

-- 0047_research_coverage_live
-- Of the rows of one import, those that together count each record once.
--
-- A row accounts for a range of records. Two ranges of an import are apart, or
-- one lies within the other, and neither crosses a multiple of 1024: a batch is
-- cut at places that the file settles, and what is less than a batch is one
-- post. They come to lie within each other where a batch was delivered again in
-- parts, or the file was read again by a program that cuts finer. Then:
--   * a row gives way to one around it of its own or a newer generation;
--   * a row gives way to rows of newer generations within it, if these account
--     for all of it; else they give way to it;
--   * a gap gives way to complete rows that account for all of it.
-- Rows from before ranges were known give way to any that has one.
--
-- Of what is collected live, a gap stands as long as it is open.
CREATE OR REPLACE VIEW research.coverage ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
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
        FROM doxtrail.coverage FINAL
        WHERE isNotNull(import_id) AND isNotNull(first_record) AND record_count > 0
    ),
    -- Nearly always ranges are apart; only where some are not need they be
    -- compared.
    crowded AS
    (
        SELECT * FROM ranged
        WHERE (import, stretch) IN
        (
            SELECT import, stretch
            FROM (SELECT import, stretch, first, end, uniqExact(generation, is_gap) AS kinds FROM ranged GROUP BY import, stretch, first, end)
            GROUP BY import, stretch
            HAVING max(kinds) > 1 OR sum(end - first) > intervalLengthSum(first, end)
        )
    ),
    replaced AS
    (
        SELECT a.coverage_key AS replaced_key
        FROM crowded AS a
        INNER JOIN crowded AS b ON b.import = a.import AND b.stretch = a.stretch
        WHERE NOT b.is_gap AND b.first >= a.first AND b.end <= a.end AND (a.is_gap OR b.generation > a.generation)
        GROUP BY a.coverage_key, a.first, a.end
        HAVING intervalLengthSum(b.first, b.end) = a.end - a.first
    ),
    enclosed AS
    (
        SELECT b.coverage_key AS enclosed_key
        FROM crowded AS b
        INNER JOIN crowded AS a ON a.import = b.import AND a.stretch = b.stretch
        WHERE NOT a.is_gap AND a.first <= b.first AND a.end >= b.end AND (b.is_gap OR a.end - a.first > b.end - b.first)
          AND (b.is_gap OR a.generation >= b.generation OR a.coverage_key NOT IN (SELECT replaced_key FROM replaced))
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
FROM doxtrail.coverage AS c FINAL
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
WHERE c.coverage_key NOT IN (SELECT replaced_key FROM replaced)
  AND c.coverage_key NOT IN (SELECT enclosed_key FROM enclosed)
  AND (isNotNull(c.first_record) OR isNull(c.import_id) OR c.import_id NOT IN (SELECT import FROM ranged WHERE NOT is_gap))
  AND (c.state != 'gap' OR isNotNull(c.import_id) OR c.coverage_key IN (SELECT coverage_key FROM research.open_gaps));

-- 0048_research_covered_ranges_live
-- Stretches of a channel's time that were read in full, joined where they
-- touch: what was not seen inside one was not there (any more) when we looked.
--
-- A file is read whole, so the rows of one import and channel are one stretch,
-- in whatever order they come. A gap parts what lies before it in the file from
-- what lies behind, and inside its range, or where it has none, each row from
-- the others.
-- Of what is collected live each look is a stretch of its own, unless something
-- of it was lost on the way to the tables and not read again: a later gap in it.
-- Stretches touch where their times overlap or their post numbers follow on.
CREATE OR REPLACE VIEW research.covered_ranges ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    holed AS
    (
        SELECT c.coverage_key AS holed_key
        FROM doxtrail.coverage AS c FINAL
        LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = c.channel_key
        INNER JOIN research.open_gaps AS g ON g.channel_key = coalesce(nullIf(alias.channel_key, toUUID('00000000-0000-0000-0000-000000000000')), c.channel_key)
        WHERE c.state = 'complete' AND isNull(c.import_id) AND ifNull(c.looked_at < g.looked_at, true)
          -- Where both have numbers, these say whether they meet.
          AND coalesce(c.from_no <= g.to_no AND c.to_no >= g.from_no, c.from_at <= g.to_at AND c.to_at >= g.from_at, false)
    ),
    looks AS
    (
        SELECT
            assumeNotNull(channel_key) AS channel,
            platform,
            if(isNull(import_id) OR gaps > placed OR (gaps > 0 AND (isNull(first_record) OR gap_end > first_record)),
                (coverage_key, 0), (assumeNotNull(import_id), gaps_before)) AS look,
            min(from_at) AS look_from_at,
            max(to_at) AS look_to_at,
            min(from_no) AS look_from_no,
            max(to_no) AS look_to_no
        FROM
        (
            SELECT
                *,
                countIf(state = 'gap') OVER (PARTITION BY import_id) AS gaps,
                countIf(state = 'gap' AND isNotNull(first_record)) OVER (PARTITION BY import_id) AS placed,
                countIf(state = 'gap') OVER so_far AS gaps_before,
                maxIf(ifNull(first_record + record_count, 0), state = 'gap') OVER so_far AS gap_end
            FROM research.coverage
            WINDOW so_far AS (PARTITION BY import_id ORDER BY first_record, record_count DESC ROWS UNBOUNDED PRECEDING)
        )
        WHERE state = 'complete' AND selection = 'full'
          AND isNotNull(channel_key) AND isNotNull(from_at) AND isNotNull(to_at)
          AND coverage_key NOT IN (SELECT holed_key FROM holed)
        GROUP BY channel, platform, look
    ),
    ordered AS
    (
        SELECT
            *,
            max(look_to_at) OVER before AS reached_at,
            max(look_to_no) OVER before AS reached_no
        FROM looks
        WINDOW before AS (PARTITION BY channel ORDER BY look_from_at, look_to_at, look ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ),
    numbered AS
    (
        SELECT
            *,
            countIf(isNull(reached_at) OR NOT (look_from_at <= reached_at OR ifNull(look_from_no <= reached_no + 1, false)))
                OVER (PARTITION BY channel ORDER BY look_from_at, look_to_at, look ROWS UNBOUNDED PRECEDING) AS stretch
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
GROUP BY channel, stretch;

-- 0049_research_post_states_withdrawn
-- What looks showed of each post: whether it was still there, and since when not.
-- A post was up when it was read (collected_at), or where nobody says when that
-- was, when it was posted. Looks at its channel as a whole tell of it, too, since
-- the channel was last seen up: of those the first and the last from each place
-- are taken.
--
-- gone and private are down. first_seen_down and looks_down speak of the looks
-- that showed it down since one last showed it otherwise. They are confirmed when
-- one of them came six hours after the first, or from another source or vantage,
-- or is the platform's own word for it (source compliance). An edit shows that a
-- post was up, but is no look.
--
-- withdrawn says that the platform shows it to nobody any more: it is down, and
-- that is confirmed, or it is withheld everywhere. X says that in two ways: it
-- shows no post but that a rule of its own forbids it (restricted for its terms), or
-- a post with XX or XY, all the world, among the countries, which the vantage names.
CREATE OR REPLACE VIEW research.post_states ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    channel_looks AS
    (
        SELECT
            channel_key, state, source, vantage,
            argMax(restrictions, observed_at) AS restrictions,
            any(platform) AS platform,
            arrayJoin(arrayDistinct([min(observed_at), max(observed_at)])) AS seen_at
        FROM
        (
            SELECT *, maxIf(observed_at, state IN ('up', 'edited', 'back')) OVER (PARTITION BY channel_key) AS up_at
            FROM research.observations
            WHERE isNull(post_key)
        )
        WHERE state IN ('gone', 'private', 'restricted') AND observed_at > up_at
        GROUP BY channel_key, state, source, vantage
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
            CAST([] AS Array(String)) AS restrictions,
            '' AS platform
        FROM research.posts
        UNION ALL
        SELECT
            assumeNotNull(post_key),
            false,
            state != 'edited',
            if(state IN ('edited', 'back'), 'up', toString(state)),
            observed_at,
            toString(source),
            toString(vantage),
            CAST(restrictions AS Array(String)),
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
            CAST(c.restrictions AS Array(String)),
            toString(c.platform)
        FROM research.posts AS p
        INNER JOIN channel_looks AS c ON c.channel_key = p.channel_key
    ),
    summed AS
    (
        SELECT
            post_key,
            -- Of two looks at one moment the one that shows more counts.
            argMax((shown, restrictions, is_everywhere), (seen_at, indexOf(['private', 'gone', 'restricted', 'up'], shown), NOT is_everywhere)) AS last_shown,
            maxIf(seen_at, shown = 'up') AS last_seen_up,
            maxIf(seen_at, shown IN ('up', 'restricted')) AS last_there_at,
            countIf(is_look) AS looks,
            arraySort(groupArrayIf((seen_at, source, vantage), shown IN ('gone', 'private'))) AS all_down,
            arrayFilter(d -> d.1 > last_there_at, all_down) AS down
        FROM
        (
            SELECT *, platform = 'twitter' AND shown = 'restricted'
                AND (has(restrictions, 'terms') OR hasAny(splitByChar('+', vantage), ['xx', 'xy'])) AS is_everywhere
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
    if(empty(down), NULL, down[1].1) AS first_seen_down,
    looks,
    length(down) AS looks_down,
    toBool(notEmpty(down) AND (down[-1].1 >= addHours(down[1].1, 6)
        OR length(arrayDistinct(arrayMap(d -> (d.2, d.3), down))) > 1
        OR has(arrayMap(d -> d.2, down), 'compliance'))) AS confirmed,
    toBool(confirmed OR last_shown.3) AS withdrawn
FROM summed;

-- 0050_research_terms
-- What the terms of a platform leave open to the questions of this study.
-- account_level says whether rows of the platform may answer questions about
-- single accounts. The provisioner writes it anew as the configuration has it; a
-- platform that is not here leaves all open.
CREATE OR REPLACE VIEW research.terms ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT 'twitter' AS platform, false AS account_level;

-- 0051_locators_part
-- What tells the locators of one target apart: of a page its host, for one path_key is
-- one card on many mirrors; of a channel its name, which changes. Zeros for others.
ALTER TABLE doxtrail.locators ON CLUSTER 'study'
    ADD COLUMN IF NOT EXISTS part_key UUID AFTER kind,
    MODIFY ORDER BY (target_key, kind, part_key);

-- 0052_locators_expire
-- Locators go when they expire, whatever else stays.
ALTER TABLE doxtrail.locators ON CLUSTER 'study'
    MODIFY TTL toDateTime(expires_at);

-- 0053_locator_keys_expire
-- So do the data keys of their batches, which expire with the last of them.
ALTER TABLE doxtrail.locator_keys ON CLUSTER 'study'
    MODIFY TTL toDateTime(expires_at);

-- 0054_links_state
-- What a collector learnt of a short link by asking its shortener, in the row of the
-- link and in that of the target. NULL where nobody asked, and in rows from before.
ALTER TABLE doxtrail.links ON CLUSTER 'study'
    ADD COLUMN IF NOT EXISTS state LowCardinality(Nullable(String)) AFTER source;

-- 0055_research_links_state
CREATE OR REPLACE VIEW research.links ON CLUSTER 'study' DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
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
FROM doxtrail.links AS l FINAL
LEFT ANY JOIN research.channel_aliases AS alias ON alias.alias_key = l.channel_key;

