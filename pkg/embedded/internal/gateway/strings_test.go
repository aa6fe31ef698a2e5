package gateway

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
	"github.com/doxtrail/doxtrail/pkg/embedded/internal/judge"
)

// arrayReduce evaluates an expression that stands in a string, where no parsed
// form shows it. Each approved function is given such strings here, on the
// engine: none may read the file that they name.
func TestNoApprovedFunctionRunsWhatStandsInAString(t *testing.T) {
	s := newServer(t)
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(canary), 0o600); err != nil {
		t.Fatal(err)
	}
	engine, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := engine.Connect([]chdb.Setting{{Name: "readonly", Value: "1"}, {Name: "max_execution_time", Value: "1"}, {Name: "max_memory_usage", Value: "500000000"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	read := "file('" + file + "')"
	reads := func(name string) bool {
		for _, text := range []string{read, "groupConcat(" + read + ")", "a String ALIAS " + read} {
			text = "'" + strings.ReplaceAll(text, "'", "''") + "'"
			for _, arguments := range []string{text, text + ", ['a', 'b']", "'a', " + text, text + ", 'a'"} {
				if strings.Contains(say(t.Context(), conn, "SELECT toString(`"+name+"`("+arguments+"))"), canary) {
					return true
				}
			}
		}
		return false
	}
	if !reads("arrayReduce") {
		t.Error("the way that is known was not found, so others would not be either")
	}
	for name := range strings.FieldsSeq(s.ask(t, "SELECT name FROM system.functions WHERE alias_to = ''")) {
		if judge.Approved(name) && reads(name) {
			t.Errorf("%s reads a file that a string names", name)
		}
	}
}

// say gives the result of a statement or the engine's words on why not.
func say(ctx context.Context, c *chdb.Conn, sql string) (text string) {
	_, err := c.Query(ctx, chdb.Statement{SQL: sql, Format: "TSVRaw"}, func(data []byte) error {
		text = string(data)
		return nil
	})
	var e *chdb.Exception
	if errors.As(err, &e) {
		return e.Text
	}
	return text
}
