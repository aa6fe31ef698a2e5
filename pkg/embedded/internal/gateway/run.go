package gateway

import (
	"context"
	"errors"

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
	use := writer(q, f, w)
	st := chdb.Statement{SQL: q.sql, Format: q.format, Params: q.params}
	if f.streams && mayStream(q.read.keyword) {
		summary, err := c.Stream(ctx, st, use)
		if !errors.Is(err, chdb.ErrNotStreamable) {
			return summary, err
		}
	}
	return c.Query(ctx, st, use)
}

// mayStream leaves out what the engine refuses to stream, to save the attempt.
func mayStream(keyword string) bool {
	return keyword == "SELECT" || keyword == "WITH" || keyword == "FROM"
}

// writer gives the function that makes one document out of the chunks.
func writer(q *request, f format, w *response) func([]byte) error {
	var recode *recoder
	if q.revision > 0 && f.contentType == typeBinary && isNative(q.format) {
		recode = newRecoder(q.revision)
	}
	first := true
	return func(chunk []byte) error {
		if recode != nil && len(chunk) > 0 {
			var err error
			if chunk, err = recode.recode(chunk); err != nil {
				return chdb.NewException(chdb.CodeNotImplemented, "NOT_IMPLEMENTED", "The result has a type that cannot be sent: "+err.Error())
			}
		}
		if !first && f.header != nil {
			chunk = chunk[f.header(chunk):]
		}
		first = false
		_, err := w.Write(chunk)
		return err
	}
}
