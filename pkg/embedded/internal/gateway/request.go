package gateway

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

// maxStatement is how long a text may be without its rows. ClickHouse's own
// limit for what it parses (max_query_size) is lower, and its error better.
const maxStatement = 4 << 20

// request is one HTTP request, understood.
type request struct {
	account  *Account
	settings []chdb.Setting
	sql      string
	params   []chdb.Setting
	read     statement
	format   string
	revision uint64    // of Native blocks; 0 as the engine writes them
	body     io.Reader // what follows the text: rows of an INSERT
}

// understand reads a request, but of an INSERT's rows only the first ones.
func (g *Gateway) understand(account *Account, r *http.Request) (*request, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, chdb.NewException(chdb.CodeBadArguments, "BAD_ARGUMENTS", "The URL has parameters that cannot be read")
	}
	switch {
	case strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data"):
		return nil, chdb.NewException(chdb.CodeNotImplemented, "NOT_IMPLEMENTED",
			"The embedded ClickHouse has no external tables: write the rows into the statement, as (VALUES (1, 'a'), (2, 'b'))")
	case query.Get("session_id") != "":
		return nil, chdb.NewException(chdb.CodeNotImplemented, "NOT_IMPLEMENTED",
			"The embedded ClickHouse has no sessions: leave session_id out, use WITH for what a temporary table would hold")
	}
	q := &request{account: account, params: params(query)}
	if q.revision, err = revision(query); err != nil {
		return nil, err
	}
	readOnly := r.Method == http.MethodGet || r.Method == http.MethodHead
	if q.settings, err = g.settings(account, query, readOnly); err != nil {
		return nil, err
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(r.Body); err != nil {
			return nil, chdb.NewException(chdb.CodeBadArguments, "BAD_ARGUMENTS", "The body is not gzip")
		}
	}
	if query.Get("decompress") == "1" {
		body = newUnpacker(body)
	}
	if err := q.text(query.Get("query"), body); err != nil {
		return nil, err
	}
	q.format = q.read.format
	for _, other := range []string{query.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated"} {
		if q.format == "" {
			q.format = other
		}
	}
	return q, nil
}

// text puts the statement together: the parameter, then the body. Of an INSERT
// whose rows begin in the parameter, nothing of the body is read here.
func (q *request) text(parameter string, body io.Reader) error {
	if parameter != "" {
		parameter += "\n"
		if q.read = read(parameter); q.read.rows {
			q.sql, q.body = parameter, io.MultiReader(strings.NewReader(parameter[q.read.rowsFrom:]), body)
			return nil
		}
	}
	start, err := io.ReadAll(io.LimitReader(body, maxStatement+1))
	if err != nil {
		return &chdb.DataError{Err: err}
	}
	q.sql = parameter + string(start)
	q.read = read(q.sql)
	if q.read.rows {
		q.body = io.MultiReader(strings.NewReader(q.sql[q.read.rowsFrom:]), body)
		return nil
	}
	if len(start) > maxStatement {
		return chdb.NewException(chdb.CodeQueryTooLarge, "QUERY_IS_TOO_LARGE", "The statement is too long")
	}
	return nil
}

// params gives the statement's parameters, as they are: clients escape them.
func params(query url.Values) []chdb.Setting {
	var all []chdb.Setting
	for key, values := range query {
		if name, ok := strings.CutPrefix(key, "param_"); ok && name != "" {
			all = append(all, chdb.Setting{Name: name, Value: values[len(values)-1]})
		}
	}
	slices.SortFunc(all, func(a, b chdb.Setting) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func revision(query url.Values) (uint64, error) {
	text := query.Get("client_protocol_version")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, chdb.NewException(chdb.CodeBadArguments, "BAD_ARGUMENTS", "client_protocol_version is not a number")
	}
	return n, nil
}

// exception turns any error into one of ClickHouse's form. What is not the
// engine's own has no text that could quote anything.
func exception(err error) *chdb.Exception {
	var e *chdb.Exception
	if errors.As(err, &e) {
		return e
	}
	var data *chdb.DataError
	if errors.As(err, &data) {
		return chdb.NewException(chdb.CodeNetworkError, "NETWORK_ERROR", "The rows of the INSERT broke off")
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return chdb.NewException(chdb.CodeQueryWasCancelled, "QUERY_WAS_CANCELLED", "Query was cancelled")
	}
	return chdb.NewException(chdb.CodeUnknownException, "UNKNOWN_EXCEPTION", fmt.Sprintf("%v", err))
}
