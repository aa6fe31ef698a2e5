package judge

import (
	"strings"
	"testing"
)

func TestEachLineIsJudged(t *testing.T) {
	r := Rules{Databases: []string{"research"}}
	for _, tt := range []struct {
		name, ast string
		ok        bool
	}{
		{"a table", "TableIdentifier posts", true},
		{"one of the database", "TableIdentifier research.posts (alias p)", true},
		{"one of a like database", "TableIdentifier research_x.posts", true},
		{"one of another database", "TableIdentifier researchx.posts", false},
		{"a list of the engine", "TableIdentifier system.functions", true},
		{"another table of the engine", "TableIdentifier system.processes", false},
		{"three names", "TableIdentifier research.a.b", false},
		{"a function", "Function sum", true},
		{"one with combinators", "Function sumIfMerge", true},
		{"one with a combinator that is no aggregate", "Function upperIf", false},
		{"one that is refused with a combinator", "Function fileDistinct", false},
		{"one that is refused in capitals", "Function FILE", false},
		{"one that is new", "Function readAnything", false},
		{"a node that is new", "ReadAnything", false},
		{"settings inside", "Set", false},
		{"a line too many", "Literal 'x'\nLiteral 'y'", false},
		{"a line too few", "SelectQuery (children 1)", false},
		{"a description", "DescribeQuery (children 1)\n TableIdentifier posts", true},
		{"a description to a file", "DescribeQuery (children 2)\n TableIdentifier posts\n Literal 'x'", false},
		{"nothing", "", false},
	} {
		if _, err := r.AST(tt.ast); (err == nil) != tt.ok {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

func TestWhatIsFound(t *testing.T) {
	r := Rules{Databases: []string{"research"}}
	found, err := r.AST("ExpressionList (children 4)\n Identifier p.a\n Identifier p.b\n ColumnsApplyTransformer\n Identifier research.x")
	if err != nil || found.Applies != 1 || strings.Join(found.Qualifiers, " ") != "p" || found.Tables {
		t.Errorf("got %+v, %v", found, err)
	}
}

func FuzzAST(f *testing.F) {
	f.Add("SelectQuery (children 1)\n Function file (children 1)")
	f.Add("TableIdentifier doxtrail.posts (alias x)")
	f.Fuzz(func(t *testing.T, ast string) {
		r := Rules{Databases: []string{"research"}}
		_, err := r.AST(ast)
		_ = r.Object(ast)
		for line := range strings.SplitSeq(ast, "\n") {
			line = strings.TrimLeft(line, " ")
			if err == nil && (strings.HasPrefix(line, "Function file (") || strings.HasPrefix(line, "TableIdentifier doxtrail.")) {
				t.Errorf("passed: %q", ast)
			}
		}
	})
}
