package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// format is an output format of the command line: ClickHouse's name for it and
// the settings it needs.
type format struct {
	name     string
	settings clickhouse.Settings
	array    bool // the rows are to be made one array
}

// Formats lists the names that Stream knows.
func Formats() []string { return []string{"table", "csv", "tsv", "json", "jsonl", "parquet"} }

func formatOf(name string) (format, error) {
	// Times with their zone, in every text format.
	settings := clickhouse.Settings{"date_time_output_format": "iso"}
	switch name {
	case "table":
		settings["output_format_pretty_color"] = 0 //nolint:misspell // its name
		settings["output_format_pretty_row_numbers"] = 0
		settings["output_format_pretty_single_large_number_tip_threshold"] = 0
		// The default shows 1,000 rows and drops the others.
		settings["output_format_pretty_max_rows"] = 1_000_000_000
		return format{name: "PrettyCompactMonoBlock", settings: settings}, nil
	case "csv":
		settings["format_csv_null_representation"] = ""
		return format{name: "CSVWithNames", settings: settings}, nil
	case "tsv":
		return format{name: "TSVWithNames", settings: settings}, nil
	case "json", "jsonl":
		settings["output_format_json_quote_64bit_integers"] = 0
		return format{name: "JSONEachRow", settings: settings, array: name == "json"}, nil
	case "parquet":
		return format{name: "Parquet", settings: settings}, nil
	}
	return format{}, fmt.Errorf("unknown format: want %s", strings.Join(Formats(), ", "))
}

// QueryError is what ClickHouse says of a statement that its caller wrote. Its
// text is ClickHouse's own and may repeat the statement: for that caller's
// eyes, not for a log.
type QueryError struct {
	Code    int32
	Message string
	err     error
}

// Error gives ClickHouse's code and text, as its own clients print them.
func (e *QueryError) Error() string {
	return fmt.Sprintf("Code: %d. DB::Exception: %s", e.Code, e.Message)
}

// Unwrap gives the error beneath.
func (e *QueryError) Unwrap() error { return e.err }

// errFormatClause: the client library refuses what would win over the format
// that was asked for.
var errFormatClause = errors.New("the statement ends in FORMAT: leave that out and choose with --format")

// Stream runs one statement against the views and copies the result to w in
// one of [Formats], as it arrives. json is one array of row objects, jsonl an
// object a line; both have 64-bit integers as numbers, and times as ISO 8601.
//
// params are the values of {name:Type} in the statement, escaped as
// [Query.Bind] does; nil if it has none. A statement that ClickHouse refuses
// gives a *QueryError; if it fails on its way, part of the result may have been
// written to w before.
func (s *Store) Stream(ctx context.Context, w io.Writer, sql string, params map[string]string, formatName string) (err error) {
	f, err := formatOf(formatName)
	if err != nil {
		return err
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(f.settings), clickhouse.WithParameters(params))
	result, err := s.research.QueryFormat(ctx, f.name, strings.TrimRight(sql, "; \t\r\n"))
	if err != nil && strings.Contains(err.Error(), "trailing FORMAT clause") {
		return errFormatClause
	}
	if err != nil {
		return queryError(err)
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	out := &destination{to: w}
	a := &jsonArray{to: out}
	if f.array {
		_, err = io.Copy(a, result)
	} else {
		_, err = io.Copy(out, result)
	}
	switch {
	case out.err != nil:
		return fmt.Errorf("write result: %w", out.err)
	case err != nil:
		return queryError(err)
	case f.array:
		return a.end()
	}
	return nil
}

// destination keeps the error of the writer apart from those of ClickHouse.
type destination struct {
	to  io.Writer
	err error
}

func (s *destination) Write(p []byte) (n int, err error) {
	n, s.err = s.to.Write(p)
	return n, s.err
}

// StreamQuery runs a named question: Find, Bind and Stream in one.
func (s *Store) StreamQuery(ctx context.Context, w io.Writer, name string, given map[string]string, formatName string) error {
	sql, params, err := s.named(name, given)
	if err != nil {
		return err
	}
	return s.Stream(ctx, w, sql, params, formatName)
}

// Select runs one statement against the views and reads all rows into dest, a
// pointer to a slice of structs whose fields carry `ch:"column"` tags.
func (s *Store) Select(ctx context.Context, dest any, sql string, params map[string]string) error {
	return queryError(s.research.Select(clickhouse.Context(ctx, clickhouse.WithParameters(params)), dest, sql))
}

// SelectQuery runs a named question and reads all rows into dest, as Select.
func (s *Store) SelectQuery(ctx context.Context, dest any, name string, given map[string]string) error {
	sql, params, err := s.named(name, given)
	if err != nil {
		return err
	}
	return s.Select(ctx, dest, sql, params)
}

// SelectTables is Select against the tables instead of the views, each read
// with FINAL. Table names need no database.
func (s *Store) SelectTables(ctx context.Context, dest any, sql string, params map[string]string) error {
	return queryError(s.tables.Select(clickhouse.Context(ctx, clickhouse.WithParameters(params)), dest, sql))
}

// named gives the text and the parameters of a named question. Where tests
// call the database of views by another name, so does the text.
func (s *Store) named(name string, given map[string]string) (string, map[string]string, error) {
	q, err := Find(name)
	if err != nil {
		return "", nil, err
	}
	params, err := q.Bind(given)
	if err != nil {
		return "", nil, err
	}
	return strings.ReplaceAll(q.SQL, "research.", s.cfg.Research+"."), params, nil
}

// queryError keeps ClickHouse's text for the caller who wrote the statement.
func queryError(err error) error {
	if err == nil {
		return nil
	}
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		return &QueryError{Code: exception.Code, Message: exception.Message, err: err}
	}
	return wrap("query clickhouse", err)
}
