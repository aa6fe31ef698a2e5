package store

import "context"

// MostParts is the number of active parts of the table that has most. Merges
// keep it at some dozens; at 1,000 ClickHouse slows inserts down, at 3,000 it
// refuses them.
func (s *Store) MostParts(ctx context.Context) (uint64, error) {
	const sql = `SELECT max(parts) AS parts FROM (
		SELECT count() AS parts FROM system.parts WHERE active AND database = {database:String} GROUP BY table)`
	var rows []struct {
		Parts uint64 `ch:"parts"`
	}
	if err := s.Select(ctx, &rows, sql, map[string]string{"database": s.cfg.Tables}); err != nil {
		return 0, err
	}
	return rows[0].Parts, nil
}

// Unsynced is the number of tables that may lose confirmed rows when the power
// fails: they were made, or changed, without fsync.
func (s *Store) Unsynced(ctx context.Context) (uint64, error) {
	const sql = `SELECT count() AS tables FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree%'
		AND NOT (engine_full LIKE '%fsync_after_insert = 1%' AND engine_full LIKE '%fsync_part_directory = 1%')`
	var rows []struct {
		Tables uint64 `ch:"tables"`
	}
	if err := s.Select(ctx, &rows, sql, map[string]string{"database": s.cfg.Tables}); err != nil {
		return 0, err
	}
	return rows[0].Tables, nil
}
