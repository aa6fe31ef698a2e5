-- A share of any item of an album is a share of the post that the items are.
-- Where an item stands in two posts, read before the album was whole, the one
-- with more items counts. Read without FINAL, which readers' sessions set: what
-- once was an item remains one, and where there are no albums only the lengths of
-- empty arrays are read.
CREATE OR REPLACE VIEW {{.Research}}.shares{{.OnCluster}}{{.Security}} AS
WITH
    albums AS
    (
        SELECT item_key, argMax(post_key, (length(item_keys), post_key)) AS album_key
        FROM {{.Tables}}.posts
        ARRAY JOIN item_keys AS item_key
        WHERE notEmpty(item_keys)
        GROUP BY item_key
        SETTINGS final = 0
    )
SELECT
    s.post_key AS post_key,
    {{resolved "s.channel_key"}} AS channel_key,
    s.platform AS platform,
    s.posted_at AS posted_at,
    s.kind AS kind,
    coalesce({{absent "source_alias.channel_key"}}, {{absent "s.source_channel_key"}}) AS source_channel_key,
    coalesce({{absent "album.album_key"}}, {{absent "s.source_post_key"}}) AS source_post_key,
    {{absent "s.source_post_no_key"}} AS source_post_no_key,
    s.source_posted_at AS source_posted_at,
    s.source_is_person AS source_is_person,
    s.generation AS generation
FROM {{.Tables}}.shares AS s FINAL
LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = s.channel_key
LEFT ANY JOIN {{.Research}}.channel_aliases AS source_alias ON source_alias.alias_key = s.source_channel_key
LEFT ANY JOIN albums AS album ON album.item_key = s.source_post_key
