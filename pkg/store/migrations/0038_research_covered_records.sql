-- Which records of which import are rows, and since which generation of the
-- watch list: what an import asks to know what it need not send again. Ranges
-- come more than once and lie within each other; for sums see coverage. No
-- FINAL: of two rows of one look both say what was read, and a gap never takes
-- the place of a complete one.
CREATE OR REPLACE VIEW {{.Research}}.covered_records{{.OnCluster}}{{.Security}} AS
SELECT
    assumeNotNull(import_id) AS import_id,
    assumeNotNull(first_record) AS first_record,
    assumeNotNull(record_count) AS record_count,
    generation
FROM {{.Tables}}.coverage
WHERE state = 'complete' AND isNotNull(import_id) AND isNotNull(first_record) AND record_count > 0
