-- What collectors come back to: channels, and searches without a channel. Without
-- FINAL, because whatever a look became, it was one of theirs.
CREATE OR REPLACE VIEW {{.Research}}.live_channels{{.OnCluster}}{{.Security}} AS
SELECT DISTINCT
    toString(c.platform) AS platform,
    coalesce({{absent "alias.channel_key"}}, c.channel_key) AS channel_key,
    c.query_key AS query_key
FROM {{.Tables}}.coverage AS c
LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = c.channel_key
WHERE isNull(c.import_id)
