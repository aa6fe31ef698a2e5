package gateway

import (
	"strings"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
	"github.com/doxtrail/doxtrail/pkg/embedded/internal/judge"
)

// What the parsed form does not show is judged by the statement as the engine
// writes it anew: without comments, with every keyword in capitals, every
// string in plain quotes.

func denied(reason string) *chdb.Exception {
	return chdb.NewException(chdb.CodeAccessDenied, "ACCESS_DENIED", reason)
}

// applied judges what stands behind each APPLY: the name of a function, a
// function with parameters, or a lambda, whose text is given back to be judged
// like a query. count is how many the parsed form has.
func applied(text string, count int) (lambdas []string, err error) {
	const how = "write APPLY(name) or APPLY(x -> ...) with functions that this account may use"
	all := words(text)
	for i := range all {
		if !all[i].is("APPLY") {
			continue
		}
		if i+1 == len(all) {
			return nil, denied(how)
		}
		count--
		next := all[i+1]
		if next.token() == "(" {
			end := i + 2
			for end < len(all) && (all[end].token() != ")" || all[end].depth != next.depth) {
				end++
			}
			if end == len(all) {
				return nil, denied(how)
			}
			lambdas = append(lambdas, text[next.end:all[end].start])
			continue
		}
		if next.kind != tokenWord || !judge.Approved(next.token()) {
			return nil, denied("a function behind APPLY is not for this account: " + how)
		}
	}
	if count != 0 {
		return nil, denied(how)
	}
	return lambdas, nil
}

// shown judges a SHOW of lists: it must have one of a few forms, and nothing
// but a LIKE and a LIMIT behind it, because a WHERE can call functions.
func shown(text string, rules judge.Rules) error {
	refusal := denied("this account may use SHOW TABLES, SHOW COLUMNS FROM, SHOW CREATE TABLE, SHOW DATABASES, SHOW FUNCTIONS and " +
		"SHOW SETTINGS, for what it may read, with LIKE and LIMIT")
	p := &phrase{words: words(text)}
	if !p.take("SHOW") {
		return refusal
	}
	switch {
	case p.take("DATABASES"), p.take("FUNCTIONS"), p.take("SETTINGS"):
	case p.take("TABLES"):
		if p.take("FROM") && !readable(p.name(), rules) {
			return refusal
		}
	default:
		p.take("EXTENDED")
		p.take("FULL")
		if !p.take("COLUMNS") || !p.take("FROM") || p.name() == "" || p.take("FROM") && !readable(p.name(), rules) {
			return refusal
		}
	}
	p.take("NOT")
	if (p.take("LIKE") || p.take("ILIKE")) && !p.literal() || p.take("LIMIT") && !p.literal() || len(p.words) > 0 {
		return refusal
	}
	return nil
}

func readable(database string, rules judge.Rules) bool {
	return database == "system" || rules.Readable(database)
}

// phrase is read from its beginning.
type phrase struct{ words []word }

func (p *phrase) take(keyword string) bool {
	if len(p.words) == 0 || !p.words[0].is(keyword) {
		return false
	}
	p.words = p.words[1:]
	return true
}

// name takes a name, quoted or not; a name with an escape in it is none.
func (p *phrase) name() string {
	if len(p.words) == 0 {
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	name := w.token()
	if w.kind != tokenWord {
		name = strings.Trim(name, "`")
		if w.token() != "`"+name+"`" || strings.ContainsAny(name, "\\`") {
			return ""
		}
	}
	return name
}

// literal takes a string or a number.
func (p *phrase) literal() bool {
	if len(p.words) == 0 {
		return false
	}
	text := p.words[0].token()
	p.words = p.words[1:]
	return text[0] == '\'' || text[0] >= '0' && text[0] <= '9'
}
