-- Gaps of what is collected live that nothing filled. A gap is filled by complete
-- looks at its channel that together hold all of it, by the platform's numbers or
-- by time, whichever leg they are of and however they are cut. They must be later
-- than the gap, because what was read may be lost on the way to the tables, or of
-- an import, whose rows are there.
CREATE OR REPLACE VIEW {{.Research}}.open_gaps{{.OnCluster}}{{.Security}} AS
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
        SELECT c.*, {{resolved "c.channel_key"}} AS channel
        FROM {{.Tables}}.coverage AS c FINAL
        LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = c.channel_key
        WHERE c.state = 'gap' AND isNull(c.import_id)
    ) AS g
    LEFT JOIN
    (
        SELECT c.from_no, c.to_no, c.from_at, c.to_at, c.looked_at, isNotNull(c.import_id) AS imported, {{resolved "c.channel_key"}} AS channel
        FROM {{.Tables}}.coverage AS c FINAL
        LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = c.channel_key
        WHERE c.state = 'complete' AND c.selection = 'full' AND isNotNull(c.channel_key)
    ) AS r ON r.channel = g.channel
)
GROUP BY coverage_key, channel_key, from_no, to_no, from_at, to_at, looked_at
HAVING NOT (max(by_number) AND intervalLengthSumIf(no_begin, no_end, by_number) = ifNull(to_no - from_no + 1, 0))
   AND NOT (max(by_time) AND intervalLengthSumIf(at_begin, at_end, by_time) = ifNull(toUnixTimestamp64Milli(to_at) - toUnixTimestamp64Milli(from_at), 0))
