-- Stretches of a channel's time that were read in full, joined where they
-- touch: what was not seen inside one was not there (any more) when we looked.
--
-- A file is read whole, so the rows of one import and channel are one stretch,
-- in whatever order they come. A gap parts what lies before it in the file from
-- what lies behind, and inside its range, or where it has none, each row from
-- the others.
-- Stretches touch where their times overlap or their post numbers follow on.
CREATE OR REPLACE VIEW {{.Research}}.covered_ranges{{.OnCluster}}{{.Security}} AS
WITH
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
