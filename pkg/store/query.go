package store

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
)

//go:embed queries/*.sql
var queryFiles embed.FS

// Query is a named question: a .sql file whose first lines say what it asks,
// what it can be told, what it rests on and what it cannot show. The file runs
// as it is wherever the databases have their ordinary names.
type Query struct {
	Name string
	// Question is one sentence that ends in a question mark.
	Question   string
	Parameters []Parameter
	// Coverage says what the answer rests on, Limits what it cannot show.
	Coverage, Limits string
	// Accounts says what of single accounts the answer leaves out where terms of a
	// platform do not allow it; empty where it is not about single accounts.
	Accounts string
	// SQL is the whole file, with {name:Type} where parameters go.
	SQL string
}

// Parameter is one {name:Type} of a query.
type Parameter struct {
	Name string
	// Type is ClickHouse's: Nullable(...) may be left out or empty.
	Type string
	// Default is used where no value is given; nothing for a Nullable.
	Default string
	// Help says what the parameter does, in a line.
	Help string
}

// ErrNoQuery says that there is no question of that name.
var ErrNoQuery = errors.New("no such query")

// Queries lists the named questions by name.
func Queries() ([]Query, error) {
	paths, err := fs.Glob(queryFiles, "queries/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list queries: %w", err)
	}
	all := make([]Query, 0, len(paths))
	for _, path := range paths {
		text, err := queryFiles.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read query: %w", err)
		}
		q, err := parseQuery(strings.TrimSuffix(strings.TrimPrefix(path, "queries/"), ".sql"), string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, nil
}

// Find gives the question of that name, or ErrNoQuery.
func Find(name string) (Query, error) {
	all, err := Queries()
	if err != nil {
		return Query{}, err
	}
	for _, q := range all {
		if q.Name == name {
			return q, nil
		}
	}
	return Query{}, ErrNoQuery
}

// parseQuery reads the head of a query file: comment lines "-- Key: text",
// with "-- Parameter name: help. Default: value" for each parameter.
func parseQuery(name, text string) (Query, error) {
	q := Query{Name: name, SQL: text}
	types := make(map[string]string)
	for _, m := range regexp.MustCompile(`\{(\w+):([^{}]+)\}`).FindAllStringSubmatch(text, -1) {
		if old, ok := types[m[1]]; ok && old != m[2] {
			return q, fmt.Errorf("read query %s: parameter %s has two types", name, m[1])
		}
		types[m[1]] = m[2]
	}
	for line := range strings.Lines(text) {
		head, ok := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		if !ok {
			break
		}
		key, value, _ := strings.Cut(head, ": ")
		switch parameter, isParameter := strings.CutPrefix(key, "Parameter "); {
		case isParameter:
			help, fallback, _ := strings.Cut(value, " Default: ")
			p := Parameter{Name: parameter, Type: types[parameter], Default: fallback, Help: help}
			if p.Type == "" {
				return q, fmt.Errorf("read query %s: parameter %s is not used", name, parameter)
			}
			if p.Optional() {
				// The head says in words what happens without it.
				p.Help, p.Default = help+" Without it: "+fallback, ""
			}
			q.Parameters = append(q.Parameters, p)
			delete(types, parameter)
		case key == "Question":
			q.Question = value
		case key == "Coverage":
			q.Coverage = value
		case key == "Accounts":
			q.Accounts = value
		case key == "Limits":
			q.Limits = value
		default:
			return q, fmt.Errorf("read query %s: unknown line %q in its head", name, key)
		}
	}
	if q.Question == "" || q.Coverage == "" || q.Limits == "" {
		return q, fmt.Errorf("read query %s: its head lacks a question, coverage or limits", name)
	}
	if len(types) > 0 {
		return q, fmt.Errorf("read query %s: parameters without a line in its head: %s", name, strings.Join(slices.Sorted(maps.Keys(types)), ", "))
	}
	return q, nil
}

// Optional reports whether the parameter may be absent.
func (p Parameter) Optional() bool { return strings.HasPrefix(p.Type, "Nullable(") }

// null is an absent parameter value.
const null = `\N`

// Bind completes the parameters of a query: unknown names are an error,
// missing ones get their default, empty values of optional ones mean absent.
// The result is what Stream and Select take.
func (q Query) Bind(given map[string]string) (map[string]string, error) {
	bound := make(map[string]string, len(q.Parameters))
	for _, p := range q.Parameters {
		value, ok := given[p.Name]
		switch {
		case p.Optional() && value == "":
			bound[p.Name] = null
		case ok:
			bound[p.Name] = escapeParameter(value)
		case p.Default != "":
			bound[p.Name] = escapeParameter(p.Default)
		default:
			return nil, fmt.Errorf("bind query %s: parameter %s has no value", q.Name, p.Name)
		}
	}
	for name := range given {
		if _, ok := bound[name]; !ok {
			return nil, fmt.Errorf("bind query %s: unknown parameter %s", q.Name, name)
		}
	}
	return bound, nil
}

// escapeParameter writes a value as ClickHouse reads parameters.
func escapeParameter(value string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`).Replace(value)
}
