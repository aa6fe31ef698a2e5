-- One row is one link in one post.
-- Identity is (post_key, host_key, path_key, role): the same link found again
-- replaces itself, and an edit that drops a link leaves its row standing.
-- The host comes first in the order because every spread question asks for the
-- hosts of a family, a small part of all links: the primary index then skips
-- the rest, FINAL included. site_key is not part of the order: it follows from
-- the host, and a newer list of public suffixes must replace it, not double it.
CREATE TABLE IF NOT EXISTS {{.Tables}}.links{{.OnCluster}}
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
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY (host_key, path_key, post_key, role)
SETTINGS {{.Settings}}
