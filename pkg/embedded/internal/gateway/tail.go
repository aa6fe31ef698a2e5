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
		// ORDER BY format DESC has a column of that name.
		if n > 2 && e.format == "" && all[n-2].is("FORMAT") && all[n-2].depth == 0 && all[n-1].kind == tokenWord &&
			!all[n-1].is("ASC") && !all[n-1].is("DESC") && !all[n-3].is("AS") {
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
