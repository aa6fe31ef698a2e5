package fake

import (
	"errors"
	"slices"
	"strings"
)

// What is wrong with a query. X tells a position as well.
var (
	errQuote       = errors.New("there is a quote that does not end")
	errParenthesis = errors.New("parentheses do not match")
	errEmpty       = errors.New("a clause is empty")
	errOperator    = errors.New("there is no such operator")
	errValue       = errors.New("an operator has a value that it does not know")
	errGroup       = errors.New("a group may not be negated")
	errAlone       = errors.New("there is no positive clause that can stand alone")
)

// expression is a query that was read.
type expression interface {
	matches(*subject) bool
	// alone says whether it is narrow enough to be a query by itself.
	alone() bool
}

type (
	anyOf  []expression
	allOf  []expression
	clause struct {
		op, value string
		tokens    []string
		not       bool
	}
)

func (a anyOf) matches(s *subject) bool {
	return slices.ContainsFunc(a, func(e expression) bool { return e.matches(s) })
}

func (a anyOf) alone() bool {
	return !slices.ContainsFunc(a, func(e expression) bool { return !e.alone() })
}

func (a allOf) matches(s *subject) bool {
	return !slices.ContainsFunc(a, func(e expression) bool { return !e.matches(s) })
}

func (a allOf) alone() bool { return slices.ContainsFunc(a, expression.alone) }

func (c clause) matches(s *subject) bool { return s.has(c) != c.not }

func (c clause) alone() bool {
	return !c.not && c.op != "is" && c.op != "has" && c.op != "lang" && c.op != "bio"
}

// readQuery reads a query: words, "phrases", operators, OR, parentheses and -.
// AND binds before OR.
func readQuery(query string) (expression, error) {
	symbols, err := split(query)
	if err != nil {
		return nil, err
	}
	r := reader{symbols: symbols}
	e, err := r.or()
	if err != nil {
		return nil, err
	}
	if len(r.symbols) > 0 {
		return nil, errParenthesis
	}
	if !e.alone() {
		return nil, errAlone
	}
	return e, nil
}

// reader reads symbols from the left.
type reader struct{ symbols []string }

func (r *reader) next() string {
	if len(r.symbols) == 0 {
		return ""
	}
	return r.symbols[0]
}

func (r *reader) or() (expression, error) {
	var any anyOf
	for {
		all, err := r.and()
		if err != nil {
			return nil, err
		}
		any = append(any, all)
		if r.next() != "OR" {
			return any, nil
		}
		r.symbols = r.symbols[1:]
	}
}

func (r *reader) and() (expression, error) {
	var all allOf
	for r.next() != "" && r.next() != ")" && r.next() != "OR" {
		e, err := r.one()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		return nil, errEmpty
	}
	return all, nil
}

func (r *reader) one() (expression, error) {
	symbol := r.next()
	r.symbols = r.symbols[1:]
	switch symbol {
	case "-(":
		return nil, errGroup
	case "(":
		e, err := r.or()
		if err != nil {
			return nil, err
		}
		if r.next() != ")" {
			return nil, errParenthesis
		}
		r.symbols = r.symbols[1:]
		return e, nil
	}
	return newClause(symbol)
}

// split cuts a query into "(", "-(", ")", OR and clauses. A quote belongs to the
// clause it stands in.
func split(query string) ([]string, error) {
	var symbols []string
	var current strings.Builder
	quoted := false
	flush := func() {
		if current.Len() > 0 {
			symbols = append(symbols, current.String())
			current.Reset()
		}
	}
	for _, c := range query {
		switch {
		case c == '"':
			quoted = !quoted
			current.WriteRune(c)
		case quoted:
			current.WriteRune(c)
		case c == ' ' || c == '\t' || c == '\n':
			flush()
		case c == '(' && current.String() == "-":
			current.WriteRune(c)
			flush()
		case c == '(' || c == ')':
			flush()
			symbols = append(symbols, string(c))
		default:
			current.WriteRune(c)
		}
	}
	flush()
	if quoted {
		return nil, errQuote
	}
	return symbols, nil
}

func newClause(symbol string) (expression, error) {
	rest, not := strings.CutPrefix(symbol, "-")
	op, value := "word", rest
	if i := strings.IndexByte(rest, ':'); i > 0 && !strings.HasPrefix(rest, `"`) {
		op, value = strings.ToLower(rest[:i]), rest[i+1:]
		if !operators(op) {
			return nil, errOperator
		}
	}
	value = strings.ToLower(strings.Trim(value, `"`))
	if strings.Contains(value, `"`) {
		return nil, errValue // "a b"~2 and its like
	}
	if strings.HasPrefix(value, "#") && op == "word" {
		op = "hashtag"
	}
	c := clause{op: op, value: value, tokens: tokens(value), not: not}
	if value == "" || len(c.tokens) == 0 {
		return nil, errEmpty
	}
	if !knownValue(op, value) {
		return nil, errValue
	}
	return c, nil
}

func operators(op string) bool {
	switch op {
	case "url", "url_contains", "url_title", "url_description", "from", "to", "retweets_of", "retweets_of_tweet_id",
		"in_reply_to_tweet_id", "conversation_id", "lang", "is", "has":
		return true
	}
	return false
}

func knownValue(op, value string) bool {
	switch op {
	case "is":
		return value == "retweet" || value == "quote" || value == "reply"
	case "has":
		return value == "links" || value == "media" || value == "images" || value == "videos" || value == "hashtags" || value == "mentions"
	}
	return true
}
