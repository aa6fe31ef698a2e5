package gateway

import (
	"strings"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

// ending is what stands behind a query and is not part of it.
type ending struct {
	query    string // the text before
	format   string // of a FORMAT clause
	settings []chdb.Setting
}

// word is one token of a text.
type word struct {
	lexer // at the token: kind, start and end
	depth int
}

func (w *word) is(keyword string) bool {
	return w.kind == tokenWord && strings.EqualFold(w.token(), keyword)
}

func words(text string) []word {
	var all []word
	depth := 0
	l := lexer{text: text}
	for l.next() {
		if l.token() == ")" {
			depth--
		}
		all = append(all, word{l, depth})
		if l.token() == "(" {
			depth++
		}
	}
	return all
}

// cutEnding takes the semicolon, FORMAT and SETTINGS off the end of a
// statement. The query then is exactly what is judged and what is run.
func cutEnding(sql string) ending {
	all := words(sql)
	if n := len(all); n > 0 && all[n-1].kind == tokenSemicolon {
		all = all[:n-1]
	}
	e := ending{}
	for {
		n := len(all)
		if at, settings := settingsClause(all); at > 0 && e.settings == nil {
			e.settings, all = settings, all[:at]
			continue
		}
		if n > 2 && e.format == "" && isFormatClause(all[n-3:]) {
			e.format, all = all[n-1].token(), all[:n-2]
			continue
		}
		break
	}
	if len(all) > 0 {
		e.query = sql[all[0].start:all[len(all)-1].end]
	}
	return e
}

// formatClause gives the name in a statement's own FORMAT clause, or "".
func formatClause(sql string) string {
	all := words(sql)
	if n := len(all); n > 0 && all[n-1].kind == tokenSemicolon {
		all = all[:n-1]
	}
	for i := len(all) - 3; i >= 0; i-- {
		if isFormatClause(all[i:]) && (i+3 == len(all) || all[i+3].is("SETTINGS")) {
			return all[i+2].token()
		}
	}
	return ""
}

// isFormatClause says whether the second and third word are FORMAT name, and
// not a column called format: that stands behind a comma, an operator or a word
// which calls for more, or before one which speaks of an order.
func isFormatClause(all []word) bool {
	before, format, name := &all[0], &all[1], &all[2]
	if !format.is("FORMAT") || format.depth != 0 || name.kind != tokenWord {
		return false
	}
	for _, order := range []string{"ASC", "ASCENDING", "DESC", "DESCENDING", "NULLS", "COLLATE"} {
		if name.is(order) {
			return false
		}
	}
	if before.kind != tokenWord {
		return strings.IndexByte(",=<>+-/%|.:?(", before.token()[0]) < 0
	}
	for _, more := range []string{
		"SELECT", "DISTINCT", "AS", "BY", "FROM", "JOIN", "ON", "USING", "WHERE", "PREWHERE", "HAVING", "QUALIFY", "AND", "OR", "NOT", "IN",
		"LIKE", "ILIKE", "BETWEEN", "WHEN", "THEN", "ELSE", "WITH", "LIMIT", "OFFSET",
	} {
		if before.is(more) {
			return false
		}
	}
	return true
}

// settingsClause finds SETTINGS name = value, ... at the end: where it begins,
// or 0. A value is a number, a word or a string without escapes.
func settingsClause(all []word) (at int, settings []chdb.Setting) {
	for i := len(all) - 1; i > 0; i-- {
		if all[i].depth != 0 {
			return 0, nil
		}
		if all[i].is("SETTINGS") {
			if settings, ok := assignments(all[i+1:]); ok {
				return i, settings
			}
			return 0, nil
		}
	}
	return 0, nil
}

func assignments(all []word) (settings []chdb.Setting, ok bool) {
	for len(all) >= 3 && all[0].kind == tokenWord && all[1].token() == "=" {
		name, value := all[0].token(), ""
		end := all[1].end
		for all = all[2:]; len(all) > 0 && all[0].token() != ","; all = all[1:] {
			if value != "" && all[0].start != end {
				return nil, false
			}
			value, end = value+all[0].token(), all[0].end
		}
		if n := len(value); n > 1 && value[0] == '\'' && value[n-1] == '\'' {
			value = value[1 : n-1]
		}
		if value == "" || strings.ContainsAny(value, `'"\{}();`+"`$") {
			return nil, false
		}
		settings = append(settings, chdb.Setting{Name: name, Value: value})
		if len(all) == 0 {
			return settings, true
		}
		all = all[1:]
	}
	return nil, false
}
