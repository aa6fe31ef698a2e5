package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// rowFormat is how rows lie in a backup: a line a row under two lines with the
// columns' names and types. It does not depend on how the engine keeps its
// parts, ClickHouse reads and writes it as a stream, and its rows can be
// counted by anyone.
const rowFormat = "TSVWithNamesAndTypes"

// headings is how many lines of rowFormat are no rows.
const headings = 2

// storedColumns are all columns, with the one that `*` leaves out.
const storedColumns = "*, recorded_at"

// LatestSchema is the number of the last migration that this program knows.
func LatestSchema() (uint32, error) {
	all, err := migrations()
	return uint32(len(all)), err
}

// Schema is the number of the last migration that was applied.
func (s *Store) Schema(ctx context.Context) (uint32, error) {
	applied, err := s.appliedMigrations(ctx)
	if err != nil || len(applied) == 0 {
		return 0, err
	}
	return applied[len(applied)-1].Number, nil
}

// BackupKinds lists the kinds in the order in which a backup takes their rows
// while others go on writing: coverage and imports, which say what is there,
// before that, and decisions, which say what must not be there, after it.
func BackupKinds() []Kind {
	kinds := Kinds()
	for i, j := 0, len(kinds)-1; i < j; i, j = i+1, j-1 {
		kinds[i], kinds[j] = kinds[j], kinds[i]
	}
	return kinds
}

// WriteRows copies the rows of one table to w as [Staging.Load] reads them:
// of each key the row that stands, of all of them one moment. It holds no more
// than a block in memory and gives the number of rows.
func (s *Store) WriteRows(ctx context.Context, kind Kind, w io.Writer) (rows uint64, err error) {
	doing := "back up " + string(kind)
	result, err := s.server.QueryFormat(ctx, rowFormat, fmt.Sprintf("SELECT %s FROM %s.%s FINAL", storedColumns, s.cfg.Tables, kind))
	if err != nil {
		return 0, wrap(doing, err)
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	out := &destination{to: w}
	lines := lineCounter{to: out}
	_, err = io.Copy(&lines, result)
	switch {
	case out.err != nil:
		return 0, fmt.Errorf("%s: %w", doing, out.err)
	case err != nil:
		return 0, wrap(doing, err)
	case lines.count < headings:
		return 0, fmt.Errorf("%s: clickhouse sent no heading", doing)
	}
	return lines.count - headings, nil
}

// lineCounter counts line ends on their way; within a value they are escaped.
type lineCounter struct {
	to    io.Writer
	count uint64
}

func (l *lineCounter) Write(p []byte) (int, error) {
	l.count += uint64(bytes.Count(p, []byte{'\n'}))
	return l.to.Write(p)
}

// Staging is a pair of databases beside the study's, into which a backup is
// read. What is in it reaches the study only by Merge, in whole, brought to the
// study's schema, and without what was erased. Researchers do not see it.
type Staging struct {
	study, staged *Store
}

// stagingPrefix begins the names of the databases. The account of researchers
// and operators reads those that begin with the study's own names.
const stagingPrefix = "restore_"

// Stage makes an empty staging of the schema that a backup was made with. What
// an earlier one left, when its process was killed, goes. A schema that is newer
// than this program is refused with [ErrNewerSchema].
func (s *Store) Stage(ctx context.Context, schema uint32) (*Staging, error) {
	all, err := migrations()
	if err != nil {
		return nil, err
	}
	if err := CheckSchema(schema); err != nil {
		return nil, err
	}
	cfg := s.cfg
	cfg.Tables, cfg.Research = stagingPrefix+cfg.Tables, stagingPrefix+cfg.Research
	// On a server too: no grants for what nobody is to see, no replicas.
	cfg.Layout, cfg.Cluster = LayoutEmbedded, ""
	staged, err := Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(staged.Drop(ctx), staged.migrateTo(ctx, all[:schema])); err != nil {
		return nil, errors.Join(err, staged.Close())
	}
	return &Staging{study: s, staged: staged}, nil
}

// ErrNewerSchema says that something was made by a newer doxtrail.
var ErrNewerSchema = errors.New("made by a newer doxtrail")

// CheckSchema refuses a schema that this program does not know.
func CheckSchema(schema uint32) error {
	latest, err := LatestSchema()
	if err != nil {
		return err
	}
	if schema > latest {
		return fmt.Errorf("%w: its schema is %d, this doxtrail knows %d: use a newer one", ErrNewerSchema, schema, latest)
	}
	if schema < bootstraps {
		return fmt.Errorf("no such schema: %d", schema)
	}
	return nil
}

// Load reads what WriteRows wrote. It refuses a text that does not fit the
// table, or has another number of rows.
func (st *Staging) Load(ctx context.Context, kind Kind, r io.Reader, rows uint64) error {
	doing := "restore " + string(kind)
	settings := writeSettings()
	settings["insert_allow_materialized_columns"] = 1 //nolint:misspell // its name
	settings["input_format_with_names_use_header"] = 1
	settings["input_format_with_types_use_header"] = 1
	table := st.staged.cfg.Tables + "." + string(kind)
	insert := fmt.Sprintf("INSERT INTO %s (%s)", table, storedColumns)
	if err := st.staged.server.InsertFormat(clickhouse.Context(ctx, clickhouse.WithSettings(settings)), rowFormat, insert, r); err != nil {
		return wrap(doing, err)
	}
	n, err := st.staged.count(ctx, "SELECT count() AS n FROM "+table)
	if err != nil {
		return wrap(doing, err)
	}
	if n != rows {
		return fmt.Errorf("%s: %d rows were read, not %d", doing, n, rows)
	}
	return nil
}

// count runs a statement that gives one number, n.
func (s *Store) count(ctx context.Context, sql string) (uint64, error) {
	var counted []struct {
		N uint64 `ch:"n"`
	}
	if err := s.server.Select(ctx, &counted, sql); err != nil {
		return 0, err
	}
	return counted[0].N, nil
}

// mergeKinds is the order in which rows reach the study: what decides about
// others first.
func mergeKinds() []Kind {
	kinds := []Kind{KindDecisions, KindSites, KindChannelAliases}
	for _, kind := range Kinds() {
		if kind != KindDecisions && kind != KindSites && kind != KindChannelAliases {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Merge brings the staged rows to the study's schema and adds them to its own.
// Of two rows of one key the one with the higher version stands, as ever, so an
// older backup takes back no decision and no newer reading. What was erased, in
// the study or in the backup, is not in the study afterwards, nor what must not be
// kept of withdrawn posts. It may be called again after it failed.
//
// Limits: each table is one statement, which has to end within the ten minutes
// that a connection waits for an answer: some 90 million posts.
func (st *Staging) Merge(ctx context.Context) error {
	if err := st.staged.Migrate(ctx); err != nil {
		return err
	}
	settings := writeSettings()
	settings["insert_allow_materialized_columns"] = 1 //nolint:misspell // its name
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(settings))
	from, to := st.staged.cfg.Tables, st.study.cfg.Tables
	rule := erasure{decisions: to, tables: []string{from, to}}
	for _, kind := range mergeKinds() {
		sql := fmt.Sprintf("INSERT INTO %[2]s.%[3]s (%[4]s) SELECT %[4]s FROM %[1]s.%[3]s FINAL", from, to, kind, storedColumns)
		if condition := rule.condition(kind); condition != "" {
			sql += " WHERE NOT " + condition
		}
		if err := st.study.server.Exec(ctx, sql); err != nil {
			return wrap("merge "+string(kind), err)
		}
	}
	if _, err := st.study.EnforceErasures(ctx); err != nil {
		return err
	}
	_, err := st.study.StripWithdrawn(ctx)
	return err
}

// Close drops the staging.
func (st *Staging) Close(ctx context.Context) error {
	return errors.Join(st.staged.Drop(ctx), st.staged.Close())
}
