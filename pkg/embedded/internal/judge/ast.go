package judge

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Rules say what a reader may read.
type Rules struct {
	// Databases may be read. Each name also stands for those that begin with
	// it and an underscore.
	Databases []string
	// Explains lets the parsed form hold an EXPLAIN, whose query is judged
	// like any other.
	Explains bool
}

// Refusal is the reason why a statement is not run, in words for its author.
type Refusal struct{ Reason string }

// Error gives the reason. It may quote names of the statement, so it is for
// its author and for no log.
func (r *Refusal) Error() string { return r.Reason }

func refuse(parts ...string) error { return &Refusal{strings.Join(parts, "")} }

// Findings are what the caller has to look at further.
type Findings struct {
	// Tables is set when a table is named, or may be.
	Tables bool
	// Applies counts APPLY(...), whose function the parsed form does not show.
	Applies int
	// Qualifiers are first parts of dotted names: tables and columns mostly.
	// The statement must be refused when one is the name of a database.
	Qualifiers []string
}

// Readable tells whether a database may be read.
func (r Rules) Readable(database string) bool {
	return slices.ContainsFunc(r.Databases, func(name string) bool {
		return database == name || strings.HasPrefix(database, name+"_")
	})
}

// AST judges the parsed form of a SELECT or DESCRIBE. Each line is judged by
// itself: a name with a line end in it can add lines, but hide none.
func (r Rules) AST(ast string) (Findings, error) {
	var found Findings
	lines, err := split(ast)
	if err != nil {
		return found, err
	}
	for i, l := range lines {
		// A DESCRIBE with more than its table has a file to write to.
		if l.node == "DescribeQuery" && i == 0 && l.children == 1 {
			found.Tables = true
			continue
		}
		if l.node == "Function" && i > 0 && lines[i-1].node == "TableExpression" && !tableFunction(strings.ToLower(l.text)) &&
			(l.text != "viewExplain" || !r.Explains) {
			return found, refuse("table function ", l.text, " is not for this account: it may use numbers, generateSeries, primes, view and (VALUES ...)")
		}
		if err := r.line(l, &found); err != nil {
			return found, err
		}
	}
	return found, nil
}

func (r Rules) line(l line, found *Findings) error {
	switch l.node {
	case "Function":
		if isIn(l.text) {
			found.Tables = true
		}
		return r.function(l.text)
	case "TableIdentifier":
		found.Tables = true
		return r.table(l.text)
	case "Identifier":
		return r.identifier(l.text, found)
	case "ColumnsApplyTransformer":
		found.Applies++
		return nil
	case "Set":
		return refuse("SETTINGS may stand at the end of a statement only, not inside of it")
	}
	if harmless(l.node) {
		return nil
	}
	return refuse("this account may not use what ClickHouse calls ", l.node)
}

// harmless are the nodes whose meaning is in the nodes below them.
func harmless(node string) bool {
	switch node {
	case "SelectWithUnionQuery", "SelectIntersectExceptQuery", "SelectQuery", "Subquery", "ExpressionList", "Literal",
		"TablesInSelectQuery", "TablesInSelectQueryElement", "TableExpression", "TableJoin", "ArrayJoin", "SampleRatio",
		"Asterisk", "QualifiedAsterisk", "ColumnsRegexpMatcher", "ColumnsListMatcher", "QualifiedColumnsRegexpMatcher",
		"QualifiedColumnsListMatcher", "ColumnsTransformerList", "ColumnsExceptTransformer", "ColumnsReplaceTransformer",
		"ColumnsReplaceTransformer::Replacement", "OrderByElement", "InterpolateElement", "WithElement",
		"WindowListElement", "WindowDefinition":
		return true
	}
	return false
}

// table judges a name in FROM or JOIN. One without a database is a table of the
// connection's database, which is readable, or a subquery of WITH.
func (r Rules) table(name string) error {
	parts := strings.Split(name, ".")
	if len(parts) == 1 || len(parts) == 2 && (r.Readable(parts[0]) || parts[0] == "system" && systemTable(parts[1])) {
		return nil
	}
	return refuse("table ", name, " is not for this account, which reads the views of ", r.Databases[0],
		" (SHOW TABLES lists them) and some tables of system")
}

// identifier judges a name in an expression: a column mostly, but a table on
// the right side of IN.
func (r Rules) identifier(name string, found *Findings) error {
	parts := strings.Split(name, ".")
	switch {
	case len(parts) == 1, r.Readable(parts[0]):
		return nil
	case parts[0] == "system" && !systemTable(parts[1]):
		return r.table(parts[0] + "." + parts[1])
	case parts[0] != "system" && !slices.Contains(found.Qualifiers, parts[0]):
		found.Qualifiers = append(found.Qualifiers, parts[0])
	}
	return nil
}

// Object judges the parsed form of EXISTS and SHOW CREATE: a line, then one for
// the database, if it is named, and one for the table.
func (r Rules) Object(ast string) error {
	lines, err := split(ast)
	if err != nil {
		return err
	}
	switch lines[0].node {
	case "ExistsTableQuery", "ExistsViewQuery", "ShowCreateTableQuery", "ShowCreateViewQuery":
	default:
		return refuse("this account may not use what ClickHouse calls ", lines[0].node)
	}
	for _, l := range lines[1:] {
		if l.node != "Identifier" || strings.Contains(l.text, ".") {
			return refuse("name a view of ", r.Databases[0], " and nothing else")
		}
	}
	if n := len(lines); n < 2 || n > 3 || n == 3 && !r.Readable(lines[1].text) {
		return refuse("this account sees the views of ", r.Databases[0], " only")
	}
	return nil
}

// line is one node of the parsed form, taken apart.
type line struct {
	node, text string
	children   int
}

// split takes a parsed form apart and sees that it is whole: every child that a
// node announces is there.
func split(ast string) ([]line, error) {
	const otherwise = "the statement has a name that this account may not use: one with a line end or the like in it"
	childrenOf := regexp.MustCompile(`^(.*) \(children (\d+)\)$`)
	var lines []line
	announced := 1
	for text := range strings.SplitSeq(strings.TrimSuffix(ast, "\n"), "\n") {
		l := line{}
		text = strings.TrimLeft(text, " ")
		if m := childrenOf.FindStringSubmatch(text); m != nil {
			text = m[1]
			n, err := strconv.Atoi(m[2])
			if err != nil {
				return nil, refuse(otherwise)
			}
			l.children = n
		}
		announced += l.children
		l.node, l.text, _ = strings.Cut(text, " ")
		l.text, _, _ = strings.Cut(l.text, " (alias ")
		lines = append(lines, l)
	}
	if announced != len(lines) {
		return nil, refuse(otherwise)
	}
	return lines, nil
}
