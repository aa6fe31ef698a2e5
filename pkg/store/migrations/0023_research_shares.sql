CREATE OR REPLACE VIEW {{.Research}}.shares{{.OnCluster}}{{.Security}} AS
SELECT
    s.post_key AS post_key,
    {{resolved "s.channel_key"}} AS channel_key,
    s.platform AS platform,
    s.posted_at AS posted_at,
    s.kind AS kind,
    coalesce({{absent "source_alias.channel_key"}}, {{absent "s.source_channel_key"}}) AS source_channel_key,
    {{absent "s.source_post_key"}} AS source_post_key,
    {{absent "s.source_post_no_key"}} AS source_post_no_key,
    s.source_posted_at AS source_posted_at,
    s.source_is_person AS source_is_person,
    s.generation AS generation
FROM {{.Tables}}.shares AS s FINAL
LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = s.channel_key
LEFT ANY JOIN {{.Research}}.channel_aliases AS source_alias ON source_alias.alias_key = s.source_channel_key
