-- Stretches of a channel's time that were read in full, joined where they
-- touch: what was not seen inside one was not there (any more) when we looked.
--
-- A file is read whole, so the rows of one import and channel are one stretch,
-- in whatever order they come. A gap parts what lies before it in the file from
-- what lies behind, and inside its range, or where it has none, each row from
-- the others.
-- Of what is collected live each look is a stretch of its own, unless something
-- of it was lost on the way to the tables and not read again: a later gap in it.
-- Stretches touch where their times overlap or their post numbers follow on.
CREATE OR REPLACE VIEW {{.Research}}.covered_ranges{{.OnCluster}}{{.Security}} AS
WITH
    holed AS
    (
        SELECT c.coverage_key AS holed_key
        FROM {{.Tables}}.coverage AS c FINAL
        LEFT ANY JOIN {{.Research}}.channel_aliases AS alias ON alias.alias_key = c.channel_key
        INNER JOIN {{.Research}}.open_gaps AS g ON g.channel_key = {{resolved "c.channel_key"}}
        WHERE c.state = 'complete' AND isNull(c.import_id) AND ifNull(c.looked_at < g.looked_at, true)
          -- Where both have numbers, these say whether they meet.
          AND coalesce(c.from_no <= g.to_no AND c.to_no >= g.from_no, c.from_at <= g.to_at AND c.to_at >= g.from_at, false)
    ),
    looks AS
    (
        SELECT
            assumeNotNull(channel_key) AS channel,
            platform,
            if(isNull(import_id) OR gaps > placed OR (gaps > 0 AND (isNull(first_record) OR gap_end > first_record)),
                (coverage_key, 0), (assumeNotNull(import_id), gaps_before)) AS look,
            min(from_at) AS look_from_at,
            max(to_at) AS look_to_at,
            min(from_no) AS look_from_no,
            max(to_no) AS look_to_no
        FROM
        (
            SELECT
                *,
                countIf(state = 'gap') OVER (PARTITION BY import_id) AS gaps,
                countIf(state = 'gap' AND isNotNull(first_record)) OVER (PARTITION BY import_id) AS placed,
                countIf(state = 'gap') OVER so_far AS gaps_before,
                maxIf(ifNull(first_record + record_count, 0), state = 'gap') OVER so_far AS gap_end
            FROM {{.Research}}.coverage
            WINDOW so_far AS (PARTITION BY import_id ORDER BY first_record, record_count DESC ROWS UNBOUNDED PRECEDING)
        )
        WHERE state = 'complete' AND selection = 'full'
          AND isNotNull(channel_key) AND isNotNull(from_at) AND isNotNull(to_at)
          AND coverage_key NOT IN (SELECT holed_key FROM holed)
        GROUP BY channel, platform, look
    ),
    ordered AS
    (
        SELECT
            *,
            max(look_to_at) OVER before AS reached_at,
            max(look_to_no) OVER before AS reached_no
        FROM looks
        WINDOW before AS (PARTITION BY channel ORDER BY look_from_at, look_to_at, look ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ),
    numbered AS
    (
        SELECT
            *,
            countIf(isNull(reached_at) OR NOT (look_from_at <= reached_at OR ifNull(look_from_no <= reached_no + 1, false)))
                OVER (PARTITION BY channel ORDER BY look_from_at, look_to_at, look ROWS UNBOUNDED PRECEDING) AS stretch
        FROM ordered
    )
SELECT
    channel AS channel_key,
    any(platform) AS platform,
    assumeNotNull(min(look_from_at)) AS from_at,
    assumeNotNull(max(look_to_at)) AS to_at,
    min(look_from_no) AS from_no,
    max(look_to_no) AS to_no,
    count() AS looks
FROM numbered
GROUP BY channel, stretch
