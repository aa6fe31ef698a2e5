-- One row is one post, text-free.
-- ORDER BY post_key: it alone is the identity of a post. A sort key that began
-- with the channel would read faster by channel, but a post whose channel is
-- known by another key in a second source would then become two rows.
CREATE TABLE IF NOT EXISTS {{.Tables}}.posts{{.OnCluster}}
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
ENGINE = {{.Engine "ReplacingMergeTree(version)"}}
ORDER BY post_key
SETTINGS {{.Settings}}
