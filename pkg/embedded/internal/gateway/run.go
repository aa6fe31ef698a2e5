package gateway

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

// run has the engine run a request and writes its result.
func (g *Gateway) run(ctx context.Context, q *request, w *response) (summary chdb.Summary, err error) {
	poolErr := q.account.Pool.Do(ctx, q.settings, func(c *chdb.Conn) bool {
		if q.read.rows {
			summary, err = insert(ctx, c, q)
		} else {
			summary, err = reply(ctx, c, q, w)
		}
		// What changes a connection must not meet the next statement on it,
		// nor must one whose state is not known after an error of the wire. A
		// query that failed on its way keeps its tables locked until its
		// connection closes, and repeats its heading in the next result.
		return !changesConnection(q.read.keyword) && err == nil
	})
	if errors.Is(poolErr, chdb.ErrConnect) {
		poolErr = chdb.NewException(chdb.CodeBadArguments, "BAD_ARGUMENTS", "A setting has a value that it cannot have")
	}
	return summary, errors.Join(poolErr, err)
}

func changesConnection(keyword string) bool {
	return keyword == "SET" || keyword == "USE" || keyword == "CREATE" || keyword == "ATTACH"
}

func insert(ctx context.Context, c *chdb.Conn, q *request) (chdb.Summary, error) {
	return c.Insert(ctx, chdb.Statement{SQL: q.read.head, Format: q.read.format, Params: q.params}, q.body)
}

// reply runs a statement with a result. It streams where it can and asks for
// the whole where not.
func reply(ctx context.Context, c *chdb.Conn, q *request, w *response) (chdb.Summary, error) {
	f := formatOf(q.format)
	w.form(q.format, f)
	st := chdb.Statement{SQL: q.sql, Format: q.format, Params: q.params}
	if q.streams() {
		d := f.document(w)
		summary, err := c.Stream(ctx, st, recoded(q, d.add))
		if err == nil {
			err = d.end(summary)
		}
		if !errors.Is(err, chdb.ErrNotStreamable) {
			return summary, err
		}
	}
	return c.Query(ctx, st, recoded(q, (&lines{out: w}).add))
}

// streams says whether the result comes in chunks that make one document. What
// the engine refuses to stream is left out to save the attempt.
func (q *request) streams() bool {
	switch q.read.keyword {
	case "SELECT", "WITH", "FROM":
		return formatOf(q.format).streams && !q.read.apart && !slices.ContainsFunc(q.settings, func(s chdb.Setting) bool { return isApart(s.Name) })
	}
	return false
}

// wholeBytes bounds, for a limited account, the rows of a result that is built
// in memory before its first byte is sent: the engine counts only part of that
// memory against the statement's limit.
const wholeBytes = 512 << 20

// bound gives a result that cannot be streamed a limit of its own.
func (q *request) bound() {
	const name = "max_result_bytes"
	if !q.account.Limited || q.streams() {
		return
	}
	limit := uint64(wholeBytes)
	q.settings = slices.DeleteFunc(slices.Clone(q.settings), func(s chdb.Setting) bool {
		if s.Name != name {
			return false
		}
		if asked, err := strconv.ParseUint(s.Value, 10, 64); err == nil && asked > 0 {
			limit = min(limit, asked)
		}
		return true
	})
	q.settings = append(q.settings, chdb.Setting{Name: name, Value: strconv.FormatUint(limit, 10)})
}

// isApart are the words that make a result more than its rows: totals and
// extremes, brackets around all of them, or a head whose end cannot be told.
func isApart(word string) bool {
	switch strings.ToLower(word) {
	case "totals", "extremes", "output_format_json_array_of_rows", "output_format_binary_encode_types_in_binary_format":
		return true
	}
	return false
}

// recoded passes chunks on in the revision of Native that was asked for.
func recoded(q *request, use func([]byte) error) func([]byte) error {
	if q.revision == 0 || !isNative(q.format) {
		return use
	}
	recode := newRecoder(q.revision)
	return func(chunk []byte) error {
		if len(chunk) > 0 {
			var err error
			if chunk, err = recode.recode(chunk); err != nil {
				return chdb.NewException(chdb.CodeNotImplemented, "NOT_IMPLEMENTED", "The result has a type that cannot be sent: "+err.Error())
			}
		}
		return use(chunk)
	}
}
