CREATE OR REPLACE VIEW {{.Research}}.links{{.OnCluster}}{{.Security}} AS
SELECT
    l.post_key AS post_key,
    {{resolved "l.channel_key"}} AS channel_key,
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
FROM {{.Tables}}.links AS l FINAL
LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = l.channel_key
