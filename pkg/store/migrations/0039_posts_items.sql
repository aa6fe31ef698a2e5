-- The other items of an album, whose items are one post, and a coarse hash of
-- each picture: the eight bytes, most significant first. Empty in rows from
-- before.
ALTER TABLE {{.Tables}}.posts{{.OnCluster}}
    ADD COLUMN IF NOT EXISTS media_picture_hashes Array(Nullable(UInt64)) AFTER media_sizes,
    ADD COLUMN IF NOT EXISTS item_keys Array(UUID) AFTER flags
