package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

// Config is what a Gateway needs.
type Config struct {
	Accounts []Account
}

// Stats counts since the start.
type Stats struct {
	// Statements were run, of which Failed ended in an error. Refused never
	// reached the engine: no account, another host, a gate.
	Statements, Failed, Refused uint64
	ReadRows, WrittenRows       uint64
	// Active run now.
	Active int64
}

// Gateway is the http.Handler.
type Gateway struct {
	cfg     Config
	known   map[string]bool // settings of this engine
	version string          // of ClickHouse

	statements, failed, refused, readRows, writtenRows atomic.Uint64
	active                                             atomic.Int64
}

const (
	displayName = "doxtrail"
	timezone    = "UTC"
)

// New asks the engine for its version and the names of its settings, by the
// pool of the first account, and makes the handler.
func New(ctx context.Context, cfg Config) (*Gateway, error) {
	g := &Gateway{cfg: cfg, known: map[string]bool{}}
	var err error
	st := chdb.Statement{SQL: "SELECT version(), name FROM system.settings", Format: "TSV"}
	poolErr := cfg.Accounts[0].Pool.Do(ctx, nil, func(c *chdb.Conn) bool {
		_, err = c.Query(ctx, st, func(result []byte) error {
			for line := range strings.Lines(string(result)) {
				version, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
				g.version, g.known[name] = version, true
			}
			return nil
		})
		return err == nil
	})
	return g, errors.Join(poolErr, err)
}

// Stats gives the counts.
func (g *Gateway) Stats() Stats {
	return Stats{
		Statements: g.statements.Load(), Failed: g.failed.Load(), Refused: g.refused.Load(),
		ReadRows: g.readRows.Load(), WrittenRows: g.writtenRows.Load(), Active: g.active.Load(),
	}
}

// drained is how much of the rows of a failed INSERT is read and dropped.
const drained = 256 << 20

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !local(r) {
		g.refused.Add(1)
		http.Error(w, "This address serves its own machine only.", http.StatusForbidden)
		return
	}
	switch {
	case r.URL.Path == "/ping", r.URL.Path == "/" && r.Method == http.MethodGet && r.URL.RawQuery == "":
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		_, _ = w.Write([]byte("Ok.\n"))
		return
	case r.URL.Path != "/":
		http.Error(w, "There is no handle for this path. Use / or /ping.", http.StatusNotFound)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		http.Error(w, "Use GET or POST.", http.StatusMethodNotAllowed)
		return
	}
	query := r.URL.Query()
	queryID := query.Get("query_id")
	if queryID == "" || strings.ContainsAny(queryID, "\r\n") {
		queryID = uuid.NewString()
	}
	response := newResponse(w, query, queryID, g.version)
	q, err := g.admit(r)
	if err != nil {
		g.refused.Add(1)
		response.fail(exception(err), chdb.Summary{})
		return
	}
	g.statements.Add(1)
	g.active.Add(1)
	defer g.active.Add(-1)
	summary, err := g.run(r.Context(), q, response)
	g.readRows.Add(summary.ReadRows)
	g.writtenRows.Add(summary.WrittenRows)
	if err != nil {
		g.failed.Add(1)
		if !response.sent && q.body != nil {
			// A client that is still sending rows may not look for an answer
			// before it is through, and loses it when the connection is closed.
			_, _ = io.CopyN(io.Discard, r.Body, drained)
		}
		response.fail(exception(err), summary)
		return
	}
	response.finish(summary)
}

// admit is everything that is judged before the engine has a word.
func (g *Gateway) admit(r *http.Request) (*request, error) {
	account, err := g.authenticate(r)
	if err != nil {
		return nil, err
	}
	q, err := g.understand(account, r)
	if err != nil {
		return nil, err
	}
	switch {
	case q.read.keyword == "" && strings.TrimSpace(q.sql) == "":
		return nil, chdb.NewException(chdb.CodeSyntaxError, "SYNTAX_ERROR", "Syntax error: empty query")
	case q.read.multiple:
		return nil, chdb.NewException(chdb.CodeSyntaxError, "SYNTAX_ERROR", "Syntax error: Multi-statements are not allowed")
	case q.read.outfile, q.read.infile:
		return nil, chdb.NewException(chdb.CodeNotImplemented, "NOT_IMPLEMENTED", "Files of the server are not read or written for a client")
	}
	if err := g.gate(r.Context(), q); err != nil {
		return nil, err
	}
	q.bound()
	return q, nil
}
