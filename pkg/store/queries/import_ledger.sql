-- Question: Which files were read, and do their counts add up?
-- Parameter import: only this import, by import_id. Default: every import
-- Coverage: The files whose reading ended; a file that is still being read is not here yet.
-- Limits: links and sightings were counted while reading, under the watch list of that day, repeats within the file left out; the view sightings knows today's watch list. balanced is false where records are not posts + non_posts + duplicates + rejected. covered is the number of posts that the rows of coverage account for.
SELECT
    i.import_id AS import_id,
    i.label AS label,
    i.format AS format,
    i.platform AS platform,
    i.record_count AS records,
    i.post_count AS posts,
    i.non_post_count AS non_posts,
    i.duplicate_count AS duplicates,
    i.rejected_count AS rejected,
    i.conflict_count AS conflicts,
    c.links AS links,
    c.sightings AS sightings,
    c.covered AS covered,
    i.byte_count AS bytes,
    toBool(i.record_count = i.post_count + i.non_post_count + i.duplicate_count + i.rejected_count) AS balanced,
    i.complete AS complete,
    c.from_at AS from_at,
    c.to_at AS to_at,
    i.file_hash AS file_hash
FROM research.imports AS i
LEFT ANY JOIN
(
    SELECT
        assumeNotNull(v.import_id) AS import_id,
        sum(v.link_count) AS links,
        sum(v.sighting_count) AS sightings,
        sum(v.post_count) AS covered,
        min(v.from_at) AS from_at,
        max(v.to_at) AS to_at
    FROM research.coverage AS v
    WHERE isNotNull(v.import_id)
    GROUP BY v.import_id
) AS c ON c.import_id = i.import_id
WHERE {import:Nullable(UUID)} IS NULL OR i.import_id = {import:Nullable(UUID)}
ORDER BY from_at, file_hash, import_id
