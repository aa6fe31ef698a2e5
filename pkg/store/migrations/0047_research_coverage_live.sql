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
CREATE OR REPLACE VIEW {{.Research}}.coverage{{.OnCluster}}{{.Security}} AS
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
        FROM {{.Tables}}.coverage FINAL
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
    coalesce({{absent "alias.channel_key"}}, c.channel_key) AS channel_key,
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
FROM {{.Tables}}.coverage AS c FINAL
LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = c.channel_key
WHERE c.coverage_key NOT IN (SELECT replaced_key FROM replaced)
  AND c.coverage_key NOT IN (SELECT enclosed_key FROM enclosed)
  AND (isNotNull(c.first_record) OR isNull(c.import_id) OR c.import_id NOT IN (SELECT import FROM ranged WHERE NOT is_gap))
  AND (c.state != 'gap' OR isNotNull(c.import_id) OR c.coverage_key IN (SELECT coverage_key FROM {{.Research}}.open_gaps))
