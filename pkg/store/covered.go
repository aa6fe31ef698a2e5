package store

import (
	"context"
	"strconv"

	"github.com/google/uuid"
)

// CoveredRange is a range of records of a file that are rows: From counted from
// 0 and included, To not.
type CoveredRange struct{ From, To uint64 }

// Covered lists which records of an import are rows, in order and apart from
// each other, as far as they were read under a generation of the watch list or
// a newer one; 0 asks for all. finished says that the file was once read to its
// end. The researcher's account may ask.
//
// A range that is listed may be taken as stored for good once RAW and RECORDS
// are drained: see the collector's Covered.
func (s *Store) Covered(ctx context.Context, importID [16]byte, generation uint64) (ranges []CoveredRange, finished bool, err error) {
	params := map[string]string{"import": uuid.UUID(importID).String(), "generation": strconv.FormatUint(generation, 10)}
	var rows []struct {
		From uint64 `ch:"first"`
		To   uint64 `ch:"after"`
	}
	const covered = `SELECT DISTINCT first_record AS first, first_record + record_count AS after
FROM covered_records
WHERE import_id = {import:UUID} AND generation >= {generation:UInt64}
ORDER BY first, after`
	if err := s.Select(ctx, &rows, covered, params); err != nil {
		return nil, false, err
	}
	for _, r := range rows {
		if n := len(ranges); n > 0 && r.From <= ranges[n-1].To {
			ranges[n-1].To = max(ranges[n-1].To, r.To)
			continue
		}
		ranges = append(ranges, CoveredRange{r.From, r.To})
	}
	var ends []struct {
		N uint64 `ch:"n"`
	}
	const end = `SELECT count() AS n FROM imports WHERE import_id = {import:UUID} AND complete`
	if err := s.Select(ctx, &ends, end, map[string]string{"import": params["import"]}); err != nil {
		return nil, false, err
	}
	return ranges, len(ends) > 0 && ends[0].N > 0, nil
}
