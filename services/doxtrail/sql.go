package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// maxStatement bounds a statement read from standard input.
const maxStatement = 1 << 20

func newSQL(opts *options) *cobra.Command {
	var format string
	var operator bool
	cmd := &cobra.Command{
		Use:   `sql [flags] "SELECT ..."`,
		Short: "Ask a question in SQL, read-only",
		Long: `Runs one read-only ClickHouse statement on the research views, such as
  doxtrail sql "SELECT platform, count() FROM posts GROUP BY platform"
"-" reads the statement from standard input. Never write a name or a URL of a
person into a statement: shells and servers remember what was typed.`,
		Args: args(count(1, 1, "write one statement, in quotes")),
		RunE: func(cmd *cobra.Command, given []string) error {
			statement := given[0]
			if statement == "-" {
				b, err := io.ReadAll(io.LimitReader(interruptible(cmd.Context(), cmd.InOrStdin()), maxStatement+1))
				if err != nil {
					return err
				}
				if len(b) > maxStatement {
					return wrongUse(errors.New("the statement is longer than 1 MiB"))
				}
				statement = string(b)
			}
			if err := checkFormat(format); err != nil {
				return err
			}
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return withTables(cmd, cfg, func(ctx context.Context, s *session) error {
				db := s.reader
				if operator {
					if db, err = s.operator(ctx, statement); err != nil {
						return err
					}
				}
				return plain(db.Stream(ctx, cmd.OutOrStdout(), statement, nil, format))
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "table", "table, csv, tsv, json, jsonl or parquet")
	cmd.Flags().BoolVar(&operator, "operator", false, "see the tables too; the call is logged")
	return cmd
}

// operator opens the account that reads the tables too, and logs that a
// statement was run with it: how long it is, and no hash of its text, by which a
// statement around a guessed name could be told.
func (s *session) operator(ctx context.Context, statement string) (*store.Store, error) {
	cfg := s.parts.servers.operator
	if cfg.User == "" {
		return nil, wrongUse(errors.New("--operator needs clickhouse.operator_user in the config"))
	}
	db, err := store.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s.parts.stores = append(s.parts.stores, db)
	s.log.Warn("operator statement", service.KeyBytes, len(statement))
	return db, nil
}

func checkFormat(format string) error {
	if all := store.Formats(); !slices.Contains(all, format) {
		return wrongUse(fmt.Errorf("unknown --format %q; it is one of %s", format, strings.Join(all, ", ")))
	}
	return nil
}

// plain marks an answer of ClickHouse to the user's own statement: it is shown
// as it is.
func plain(err error) error {
	if err == nil {
		return nil
	}
	return &plainError{err}
}
