package gateway

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
	"github.com/doxtrail/doxtrail/pkg/embedded/internal/judge"
)

// errReadonly is the answer to what is no read at all.
func errReadonly() error {
	return chdb.NewException(chdb.CodeReadOnly, "READONLY", "Cannot execute query in readonly mode")
}

// gate is where a limited account's statement is judged by its parsed form. A
// readonly connection alone lets functions like file('...') through. What is
// judged is what is run: the same text with the same parameters.
func (g *Gateway) gate(ctx context.Context, q *request) error {
	if !q.account.Limited {
		return nil
	}
	if q.read.rows {
		return errReadonly()
	}
	if err := g.lift(q); err != nil {
		return err
	}
	// A connection of its own: a setting of the request, limit for instance,
	// could cut the parsed form short.
	var err error
	settings := []chdb.Setting{{Name: "readonly", Value: "1"}, {Name: "max_execution_time", Value: "10"}}
	poolErr := q.account.Pool.Do(ctx, settings, func(c *chdb.Conn) bool {
		b := bench{ctx: ctx, conn: c, q: q, rules: judge.Rules{Databases: q.account.Databases}}
		err = b.judge()
		var e *chdb.Exception
		return err == nil || errors.As(err, &e) && e.Code == chdb.CodeAccessDenied
	})
	return errors.Join(poolErr, err)
}

// lift takes FORMAT and SETTINGS off the end of a statement. The settings then
// count as if they stood in the URL.
func (g *Gateway) lift(q *request) error {
	e := cutEnding(q.sql)
	for _, s := range e.settings {
		if !g.known[s.Name] {
			return errUnknownSetting(s.Name)
		}
		allowed, err := limited(q.account, s.Name, s.Value)
		if err != nil {
			return err
		}
		if allowed {
			q.settings = append(q.settings, s)
		}
	}
	if e.format != "" {
		q.format = e.format
	}
	q.sql, q.read = e.query, read(e.query)
	return nil
}

// bench is where one statement is judged.
type bench struct {
	ctx   context.Context //nolint:containedctx // lives as long as one call
	conn  *chdb.Conn
	q     *request
	rules judge.Rules
}

func (b *bench) judge() error {
	if err := b.class(); err != nil {
		return err
	}
	tables := true
	var err error
	switch b.q.read.keyword {
	case "SELECT", "WITH", "FROM":
		tables, err = b.selects(b.q.sql)
	case "EXPLAIN":
		b.rules.Explains = true
		_, err = b.selects(b.q.sql)
	case "DESCRIBE", "DESC":
		err = b.describes()
	case "EXISTS":
		err = b.object()
	case "SHOW":
		err = b.shows()
	default:
		err = denied("this account may use SELECT, SHOW, DESCRIBE, EXISTS and EXPLAIN")
	}
	if err != nil {
		return b.reason(err)
	}
	return b.database(tables)
}

// reason gives a refusal in ClickHouse's form.
func (b *bench) reason(err error) error {
	var r *judge.Refusal
	if errors.As(err, &r) {
		return denied(r.Reason)
	}
	return err
}

// class asks the engine what the text would do: it must be one statement that
// only reads.
func (b *bench) class() error {
	switch b.conn.Classify(b.q.sql) {
	case chdb.ClassReads:
		return nil
	case chdb.ClassUnknown:
		if _, err := b.ask("EXPLAIN AST "+b.q.sql, b.q.params); err == nil {
			return errReadonly()
		}
		// It does not parse, so it cannot be run either, and asking for it
		// gives the engine's own words on what is wrong, and where.
		_, err := b.conn.Stream(b.ctx, chdb.Statement{SQL: b.q.sql, Format: "Null", Params: b.q.params}, func([]byte) error { return nil })
		var e *chdb.Exception
		if errors.As(err, &e) {
			return e
		}
	}
	return errReadonly()
}

// selects judges what can stand in parentheses: there, INTO OUTFILE and its
// kin are no syntax.
func (b *bench) selects(sql string) (tables bool, err error) {
	ast, err := b.ask("EXPLAIN AST SELECT * FROM ("+sql+"\n)", b.q.params)
	if err != nil {
		var e *chdb.Exception
		if errors.As(err, &e) && e.Code == chdb.CodeSyntaxError && !strings.Contains(e.Text, "Max query size exceeded") {
			return false, denied("this account may use a query that can stand in parentheses: nothing with files, no FORMAT or SETTINGS but at the end")
		}
		return false, err
	}
	found, err := b.rules.AST(ast)
	if err != nil {
		return false, err
	}
	if err := b.qualifiers(found.Qualifiers); err != nil {
		return false, err
	}
	if found.Applies == 0 {
		return found.Tables, nil
	}
	text, err := b.canonical(sql)
	if err != nil {
		return false, err
	}
	lambdas, err := applied(text, found.Applies)
	for _, lambda := range lambdas {
		if err == nil && len(lambda) < len(sql) {
			_, err = b.selects("SELECT " + lambda)
		}
	}
	return true, err
}

// qualifiers refuses names of databases. Dotted names are columns mostly, and
// whether the first part is a database only the engine can tell.
func (b *bench) qualifiers(names []string) error {
	if len(names) == 0 {
		return nil
	}
	databases, err := b.ask("SELECT name FROM system.databases", nil)
	if err != nil {
		return err
	}
	for name := range strings.Lines(databases) {
		if name = strings.TrimSpace(name); slices.Contains(names, name) {
			return denied("database " + name + " is not for this account, and its name not for a table or column that is given another name")
		}
	}
	return nil
}

func (b *bench) describes() error {
	ast, err := b.ask("EXPLAIN AST "+b.q.sql, b.q.params)
	if err != nil {
		return err
	}
	found, err := b.rules.AST(ast)
	if err == nil && found.Applies > 0 {
		err = denied("APPLY cannot be described for this account")
	}
	if err != nil {
		return err
	}
	return b.qualifiers(found.Qualifiers)
}

func (b *bench) object() error {
	ast, err := b.ask("EXPLAIN AST "+b.q.sql, b.q.params)
	if err != nil {
		return err
	}
	return b.rules.Object(ast)
}

func (b *bench) shows() error {
	ast, err := b.ask("EXPLAIN AST "+b.q.sql, b.q.params)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(ast, "ShowTables") && !strings.HasPrefix(ast, "ShowColumns") && !strings.HasPrefix(ast, "ShowFunctions") {
		return b.rules.Object(ast)
	}
	text, err := b.canonical(b.q.sql)
	if err != nil {
		return err
	}
	return shown(text, b.rules)
}

// canonical is a statement as the engine writes it, on one line.
func (b *bench) canonical(sql string) (string, error) {
	escaped := strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`).Replace(sql)
	return b.ask("SELECT formatQuerySingleLine({q:String})", []chdb.Setting{{Name: "q", Value: escaped}})
}

func (b *bench) ask(sql string, params []chdb.Setting) (string, error) {
	var result string
	_, err := b.conn.Query(b.ctx, chdb.Statement{SQL: sql, Format: "TSVRaw", Params: params}, func(data []byte) error {
		result = string(data)
		return nil
	})
	return result, err
}

// database sees that names without a database mean one that may be read.
// Clients ask for "default" when they are told nothing: it means the account's
// own, unless no table is named, because that one may not be there yet.
func (b *bench) database(tables bool) error {
	for i, s := range b.q.settings {
		switch {
		case s.Name != "database" || b.rules.Readable(s.Value):
		case s.Value != "default":
			return denied("database " + s.Value + " is not for this account, which reads " + b.rules.Databases[0])
		case tables:
			b.q.settings = slices.Clone(b.q.settings)
			b.q.settings[i].Value = b.q.account.Database
		}
	}
	return nil
}
