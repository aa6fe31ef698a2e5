package gateway

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

func TestCutEnding(t *testing.T) {
	for _, tt := range []struct {
		sql, query, format string
		settings           []chdb.Setting
	}{
		{"SELECT 1", "SELECT 1", "", nil},
		{" /* a */ SELECT 1 ; -- b", "SELECT 1", "", nil},
		{"SELECT 1 FORMAT JSON;", "SELECT 1", "JSON", nil},
		{"SELECT 1 SETTINGS a = 1 FORMAT JSON", "SELECT 1", "JSON", []chdb.Setting{{Name: "a", Value: "1"}}},
		{"SELECT 1 FORMAT JSON SETTINGS a = -1.5, b = 'x'", "SELECT 1", "JSON", []chdb.Setting{{Name: "a", Value: "-1.5"}, {Name: "b", Value: "x"}}},
		{"SELECT 1 ORDER BY format DESC", "SELECT 1 ORDER BY format DESC", "", nil},
		{"SELECT 1 ORDER BY format descending", "SELECT 1 ORDER BY format descending", "", nil},
		{"SELECT format x", "SELECT format x", "", nil},
		{"SELECT 1 AS format", "SELECT 1 AS format", "", nil},
		{"SELECT 'x' FORMAT 'y'", "SELECT 'x' FORMAT 'y'", "", nil},
		{"SELECT * FROM (SELECT 1 FORMAT CSV)", "SELECT * FROM (SELECT 1 FORMAT CSV)", "", nil},
		{"SELECT * FROM (SELECT 1 SETTINGS a = 1)", "SELECT * FROM (SELECT 1 SETTINGS a = 1)", "", nil},
		{"SELECT 1 SETTINGS a = {'x': 'y'}", "SELECT 1 SETTINGS a = {'x': 'y'}", "", nil},
		{"SELECT 1 SETTINGS a = 1 2", "SELECT 1 SETTINGS a = 1 2", "", nil},
		{"SELECT 1 FORMAT CSV FORMAT JSON", "SELECT 1 FORMAT CSV", "JSON", nil},
		{"FORMAT x", "FORMAT x", "", nil},
		{"", "", "", nil},
		{";", "", "", nil},
	} {
		got := cutEnding(tt.sql)
		want := ending{query: tt.query, format: tt.format, settings: tt.settings}
		if diff := cmp.Diff(got, want, cmp.AllowUnexported(ending{})); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tt.sql, diff)
		}
	}
}
