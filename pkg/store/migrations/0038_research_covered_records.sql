-- Which records of which import are rows, and since which generation of the
-- watch list: what an import asks to know what it need not send again. Ranges
-- lie within each other; for sums see coverage. Grouped instead of FINAL, which
-- would read the rows of all imports for one: of a look that came twice the
-- newest generation counts, and a gap never takes the place of what was read.
CREATE OR REPLACE VIEW {{.Research}}.covered_records{{.OnCluster}}{{.Security}} AS
SELECT
    assumeNotNull(c.import_id) AS import_id,
    assumeNotNull(c.first_record) AS first_record,
    assumeNotNull(c.record_count) AS record_count,
    max(c.generation) AS generation
FROM {{.Tables}}.coverage AS c
WHERE c.state = 'complete' AND isNotNull(c.import_id) AND isNotNull(c.first_record) AND c.record_count > 0
GROUP BY import_id, first_record, record_count
