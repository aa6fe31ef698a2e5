package judge

import (
	_ "embed"
	"strings"
	"sync"
)

// The functions of the pinned engine that readers may use, one a line, with
// " aggregate" behind those that are. Each was looked at by a person.
//
//go:embed approved.txt
var approvedText string

// approved tells of each approved function, in lower case, whether it is an
// aggregate function.
//
//nolint:gochecknoglobals // read once, never changed
var approved = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for text := range strings.Lines(approvedText) {
		name, kind, _ := strings.Cut(strings.TrimSpace(text), " ")
		if kind == "" {
			// Names may differ by their case alone: aggregate wins below.
			all[strings.ToLower(name)] = all[strings.ToLower(name)] || false
			continue
		}
		all[strings.ToLower(name)] = true
	}
	return all
})

// Approved tells whether readers may use a function: one of the list, or an
// aggregate function of the list with combinators like If and Merge.
func Approved(name string) bool {
	name = strings.ToLower(name)
	if reason(name) != "" {
		return false
	}
	if _, ok := approved()[name]; ok || isSyntax(name) || tableFunction(name) {
		return true
	}
	for range 8 {
		base, ok := withoutCombinator(name)
		if !ok {
			return false
		}
		if reason(base) != "" {
			return false
		}
		if approved()[base] {
			return true
		}
		name = base
	}
	return false
}

// withoutCombinator takes the last combinator off the name of an aggregate
// function. No combinator ends in another one but OrNull and ArgMin and their
// like, which are longer and come first.
func withoutCombinator(name string) (string, bool) {
	for _, c := range []string{
		"simplestate", "ordefault", "distinct", "resample", "foreach", "argmax", "argmin", "ornull", "tuple", "merge", "state", "array",
		"null", "map", "if",
	} {
		if base, ok := strings.CutSuffix(name, c); ok && base != "" {
			return base, true
		}
	}
	return "", false
}

func (r Rules) function(name string) error {
	switch {
	case name == "viewExplain" && r.Explains:
		return nil
	case Approved(name):
		return nil
	}
	if why := reason(strings.ToLower(name)); why != "" {
		return refuse("function ", name, " is not for this account: it ", why)
	}
	return refuse("function ", name, " is not on the list of those that this account may use")
}

// isSyntax are functions that the parser makes of syntax, and that are in no
// list of the engine.
func isSyntax(name string) bool {
	switch name {
	case "lambda", "exists", "untuple", "grouping", "sqlstandardvalues":
		return true
	}
	return false
}

// isIn are the operators whose right side may be a table.
func isIn(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, "in") || strings.HasSuffix(name, "inignoreset")
}

// tableFunction are those that make their rows up from numbers, or only pass on
// a query that is judged with the rest. None takes its columns as a string:
// there, values('a String ALIAS file(...)', 1) reads a file unseen.
func tableFunction(name string) bool {
	switch name {
	case "numbers", "numbers_mt", "generateseries", "generate_series", "primes", "view", "sqlstandardvalues":
		return true
	}
	return false
}

// systemTable are the tables of system without anything of another's: lists of
// what the engine can do, and the names and columns of tables. Not among them:
// processes (the statements of others), server_settings, disks, parts,
// stack_trace, errors, dictionaries, named_collections.
func systemTable(name string) bool {
	switch name {
	case "one", "numbers", "numbers_mt", "zeros", "zeros_mt", "primes",
		"databases", "tables", "columns",
		"functions", "table_functions", "aggregate_function_combinators", "formats", "data_type_families", "keywords",
		"settings", "time_zones", "collations", "build_options", "contributors", "licenses":
		return true
	}
	return false
}
