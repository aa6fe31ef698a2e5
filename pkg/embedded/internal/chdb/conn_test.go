package chdb

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func text(err error) string {
	var e *Exception
	if errors.As(err, &e) {
		return e.Text
	}
	return fmt.Sprint(err)
}

func code(err error) int {
	var e *Exception
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

func TestErrorsHaveCodeAndName(t *testing.T) {
	c := connect(t)
	for _, tt := range []struct {
		sql, name string
		code      int
	}{
		{"SELEC 1", "SYNTAX_ERROR", 62},
		{"SELECT * FROM nowhere", "UNKNOWN_TABLE", 60},
		{"SELECT throwIf(1, 'Code: 7. DB::Exception: no (FOO_BAR) at all')", "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO", 395},
		{"SELECT {missing:UInt8}", "UNKNOWN_QUERY_PARAMETER", 456},
	} {
		_, err := c.Query(t.Context(), Statement{SQL: tt.sql, Format: "TSV"}, nil)
		var e *Exception
		if !errors.As(err, &e) || e.Code != tt.code || e.Name != tt.name {
			t.Errorf("%s: got %s, want code %d (%s)", tt.sql, text(err), tt.code, tt.name)
			continue
		}
		if strings.Contains(err.Error(), "nowhere") || strings.Contains(err.Error(), "FOO_BAR") {
			t.Errorf("%s: the error for logs quotes the statement: %v", tt.sql, err)
		}
	}
}

func TestParametersAreData(t *testing.T) {
	c := connect(t)
	for _, value := range []string{"plain", "'; DROP TABLE x; --", "{a:String}", "\x01", strings.Repeat("long", 10000)} {
		got := ask(t, c, "SELECT hex({v:String})", Setting{"v", value})
		if want := fmt.Sprintf("%X", value); got != want {
			t.Errorf("%.20q: got %.40s, want %.40s", value, got, want)
		}
	}
	if got := ask(t, c, "SELECT {v:Nullable(String)} IS NULL", Setting{"v", `\N`}); got != "1" {
		t.Errorf("NULL: got %s", got)
	}
}

func TestStreamRefusesStatementsWithoutRunningThem(t *testing.T) {
	c := connect(t)
	ask(t, c, "CREATE OR REPLACE TABLE refused (a UInt64) ENGINE = MergeTree ORDER BY a")
	for _, sql := range []string{"SHOW TABLES", "INSERT INTO refused SELECT 1", "WITH 1 AS x INSERT INTO refused SELECT x", "DROP TABLE refused"} {
		_, err := c.Stream(t.Context(), Statement{SQL: sql, Format: "TSV"}, func([]byte) error { return nil })
		if !errors.Is(err, ErrNotStreamable) {
			t.Errorf("%s: got %v, want ErrNotStreamable", sql, err)
		}
	}
	if got := ask(t, c, "SELECT count() FROM refused"); got != "0" {
		t.Errorf("got %s rows, want 0", got)
	}
}

func TestStreamEndsWhenTheReaderHasEnough(t *testing.T) {
	c := connect(t)
	enough := errors.New("enough")
	chunks := 0
	_, err := c.Stream(t.Context(), Statement{SQL: "SELECT number FROM numbers(1000000000000)", Format: "TSV"}, func([]byte) error {
		chunks++
		return enough
	})
	if !errors.Is(err, enough) || chunks != 1 {
		t.Errorf("got %v after %d chunks, want the reader's error after 1", err, chunks)
	}
	if got := ask(t, c, "SELECT 1"); got != "1" {
		t.Errorf("the connection after it: got %q", got)
	}
}

func TestInsertWritesAllOrNothing(t *testing.T) {
	rows := strings.Repeat("1\n", 300_000)
	for _, tt := range []struct {
		name string
		data io.Reader
		want string
		code int
	}{
		{"good rows", strings.NewReader(rows), "300000", 0},
		{"a byte at a time", iotest.OneByteReader(strings.NewReader("1\n2\n")), "2", 0},
		{"no rows", strings.NewReader(""), "0", 0},
		{"no line end", strings.NewReader("7"), "1", 0},
		{"a bad row last", strings.NewReader(rows + "x\n"), "0", 27},
		{"a bad row in the middle", strings.NewReader(rows + "x\n" + rows), "0", 27},
		{"broken off", io.MultiReader(strings.NewReader(rows), iotest.ErrReader(io.ErrUnexpectedEOF)), "0", 0},
		{"broken off at once", iotest.ErrReader(io.ErrUnexpectedEOF), "0", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t)
			ask(t, c, "CREATE OR REPLACE TABLE inserted (a UInt64) ENGINE = MergeTree ORDER BY a")
			summary, err := c.Insert(t.Context(), Statement{SQL: "INSERT INTO inserted", Format: "TSV"}, tt.data)
			var broken *DataError
			if code(err) != tt.code || strings.Contains(tt.name, "broken") != errors.As(err, &broken) {
				t.Errorf("got %s, want code %d", text(err), tt.code)
			}
			if got := ask(t, c, "SELECT count() FROM inserted"); got != tt.want {
				t.Errorf("got %s rows, want %s", got, tt.want)
			}
			if err == nil && fmt.Sprint(summary.WrittenRows) != tt.want {
				t.Errorf("got %d rows counted, want %s", summary.WrittenRows, tt.want)
			}
		})
	}
}

func TestInsertTellsWhatIsWrong(t *testing.T) {
	c := connect(t)
	ask(t, c, "CREATE OR REPLACE TABLE told (a UInt64) ENGINE = MergeTree ORDER BY a")
	for sql, want := range map[string]int{"INSERT INTO nowhere": 60, "INSERT INTO": 62, "INSERT INTO told (b)": 16} {
		if _, err := c.Insert(t.Context(), Statement{SQL: sql, Format: "TSV"}, strings.NewReader("1\n")); code(err) != want {
			t.Errorf("%s: got %s, want code %d", sql, text(err), want)
		}
	}
}

func TestEngineLeavesNoLogsBehind(t *testing.T) {
	c := connect(t)
	ask(t, c, "SELECT 'canary of a statement'")
	if got := ask(t, c, "SELECT groupArray(name) FROM system.tables WHERE database = 'system' AND (name LIKE '%\\_log' OR name LIKE '%\\_log\\_%')"); got != "[]" {
		t.Errorf("got log tables %s, want none", got)
	}
	e, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.Walk(e.temporary, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return nil // a part that a merge has just removed
		}
		data, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(data), "canary of a statement") {
			t.Errorf("a statement was written to %s", info.Name())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
