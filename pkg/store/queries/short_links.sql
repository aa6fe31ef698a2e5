-- Question: What became of the short links that shorteners were asked about, month by month?
-- Parameter family: only links that are known to lead to a site of this family. Default: all short links, and after them the links to each family
-- Coverage: Posts of live collectors since `redirects.on` is set. Nobody asks for short links of archives and of old history, nor for those beyond the bounds of a collector: they are in no figure. Of a post that is gone from X the links to families stay, and the short links go.
-- Limits: A line without a family counts short links; a line of a family counts links to its sites that a shortener told, so it knows none that is gone, refused, unresolved or unanswered, and none that its post also shows whole. The state is what the shortener said when it was asked, mostly within a minute of the post; what it blocked later stays resolved. blocked_by_platform is its warning or legal notice, and of no family where that names no target; gone is a link that it knows no more, whoever took it away; refused is our own act; unanswered says something of the shortener and nothing of the link.
WITH
    listed AS (SELECT match, match_key, toString(family) AS family FROM research.sites WHERE listed),
    asked AS
    (
        SELECT
            l.post_key AS post_key,
            (l.post_key, l.host_key, l.path_key) AS link,
            toString(l.platform) AS platform,
            toStartOfMonth(l.posted_at) AS month,
            toString(assumeNotNull(l.state)) AS state,
            ifNull(l.expanded_by = 'resolved', false) AS told,
            if(NOT told, '', if(h.family != '', h.family, s.family)) AS of_family
        FROM research.links AS l
        LEFT ANY JOIN (SELECT * FROM listed WHERE match = 'host') AS h ON h.match_key = l.host_key
        LEFT ANY JOIN (SELECT * FROM listed WHERE match = 'site') AS s ON s.match_key = l.site_key
        WHERE isNotNull(l.state)
    )
SELECT
    month,
    nullIf(of_family, '') AS family,
    platform,
    uniqExact(post_key) AS posts,
    uniqExact(link) AS links,
    uniqExactIf(link, state = 'resolved') AS resolved,
    uniqExactIf(link, state = 'blocked_by_platform') AS blocked_by_platform,
    uniqExactIf(link, state = 'gone') AS gone,
    uniqExactIf(link, state = 'refused') AS refused,
    uniqExactIf(link, state = 'unresolved') AS unresolved,
    uniqExactIf(link, state = 'unanswered') AS unanswered
FROM asked
WHERE (NOT told OR of_family != '')
  AND ({family:Nullable(String)} IS NULL OR of_family = {family:Nullable(String)})
GROUP BY month, of_family, platform
ORDER BY month, of_family, platform
