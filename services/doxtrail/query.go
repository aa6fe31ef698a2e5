package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/store"
)

func newQuery(opts *options) *cobra.Command {
	var format string
	var given []string
	var list bool
	cmd := &cobra.Command{
		Use:   "query [flags] NAME",
		Short: "Ask a named question; --list shows them",
		Long: `Runs one of the questions that come with doxtrail on the research views. The
same files run in reports, so the figures are the same. What a question covers
and cannot show stands in its help (query --list NAME) and is printed with the
result: under a table, to stderr for other formats.`,
		Args: args(count(0, 1, "name one query; parameters are written as --param NAME=VALUE")),
		RunE: func(cmd *cobra.Command, names []string) error {
			if list {
				return listQueries(cmd.OutOrStdout(), names)
			}
			if len(names) == 0 {
				return wrongUse(fmt.Errorf("name a query; `doxtrail query --list` shows them"))
			}
			q, params, err := question(names[0], given)
			if err != nil {
				return wrongUse(err)
			}
			if err := checkFormat(format); err != nil {
				return err
			}
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return withTables(cmd, cfg, func(ctx context.Context, s *session) error {
				return s.ask(ctx, cmd, q, params, format)
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "table", "table, csv, tsv, json, jsonl or parquet")
	cmd.Flags().StringArrayVar(&given, "param", nil, "a parameter as `NAME=VALUE`; may be given again")
	cmd.Flags().BoolVar(&list, "list", false, "list the queries, or describe one")
	return cmd
}

// ask runs a named question and prints the answer with its coverage.
func (s *session) ask(ctx context.Context, cmd *cobra.Command, q store.Query, params map[string]string, format string) error {
	out := &counting{to: cmd.OutOrStdout()}
	if err := s.reader.Stream(ctx, out, q.SQL, params, format); err != nil {
		return plain(refusal(err))
	}
	notes := cmd.ErrOrStderr()
	if format == "table" {
		notes = cmd.OutOrStdout()
		if out.bytes == 0 { // an empty table has no head either
			fmt.Fprintln(notes, "no rows")
		}
	}
	leavesOut, err := s.reader.LeavesOut(ctx, q)
	if err != nil {
		return err
	}
	if leavesOut {
		fmt.Fprintln(notes, "accounts: "+q.Accounts)
	}
	lines, err := s.reader.CoverageLines(ctx)
	if err != nil {
		return err
	}
	for _, line := range lines {
		fmt.Fprintln(notes, "coverage: "+line)
	}
	return nil
}

// counting counts what is written.
type counting struct {
	to    io.Writer
	bytes int
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.bytes += n
	return n, err
}

// refusal is what a question itself says of its parameters or of the study,
// without what the engine says around it.
func refusal(err error) error {
	const thrown = 395 // by throwIf
	var refused *store.QueryError
	if !errors.As(err, &refused) || refused.Code != thrown {
		return err
	}
	sentence, _, _ := strings.Cut(refused.Message, ": while executing")
	return errors.New(sentence)
}

// question finds a query and reads its NAME=VALUE parameters.
func question(name string, given []string) (store.Query, map[string]string, error) {
	q, err := store.Find(name)
	if err != nil {
		return q, nil, fmt.Errorf("%w; `doxtrail query --list` shows them", err)
	}
	params := map[string]string{}
	for _, pair := range given {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return q, nil, errors.New("--param: write it as NAME=VALUE")
		}
		params[name] = value
	}
	params, err = q.Bind(params)
	if err != nil {
		return q, nil, fmt.Errorf("%w; `doxtrail query --list %s` shows its parameters", err, q.Name)
	}
	return q, params, nil
}

// listQueries prints all questions, or one in full.
func listQueries(w io.Writer, names []string) error {
	if len(names) == 1 {
		q, err := store.Find(names[0])
		if err != nil {
			return wrongUse(fmt.Errorf("%w; `doxtrail query --list` shows them", err))
		}
		return describe(w, q)
	}
	all, err := store.Queries()
	if err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, q := range all {
		params := make([]string, 0, len(q.Parameters))
		for _, p := range q.Parameters {
			params = append(params, p.Name)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\n", q.Name, q.Question, strings.Join(params, " "))
	}
	return tw.Flush()
}

func describe(w io.Writer, q store.Query) error {
	fmt.Fprintf(w, "%s\n  %s\n", q.Name, q.Question)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, p := range q.Parameters {
		fmt.Fprintf(tw, "  --param %s=\t%s\t%s\n", p.Name, p.Type, p.Help)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if q.Accounts != "" {
		fmt.Fprintf(w, "  accounts: %s\n", q.Accounts)
	}
	_, err := fmt.Fprintf(w, "  covers: %s\n  cannot show: %s\n", q.Coverage, q.Limits)
	return err
}
