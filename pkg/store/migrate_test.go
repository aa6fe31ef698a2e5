package store_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
)

var update = flag.Bool("update", false, "write golden files anew")

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read golden file (write it with -update): %v", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; if that is meant, run the test with -update (-want +got):\n%s", path, diff)
	}
}

// schema is what the engine says of every table and view, under their ordinary
// names.
func schema(t *testing.T, s *store.Store) string {
	t.Helper()
	var rows []struct {
		Statement string `ch:"create_table_query"`
	}
	err := s.SelectTables(t.Context(), &rows, fmt.Sprintf(
		"SELECT formatQuery(create_table_query) AS create_table_query FROM system.tables WHERE database IN ('%s', '%s') ORDER BY database, name", s.Tables(), s.Research()), nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("-- What the migrations make of an empty ClickHouse (embedded layout).\n-- Written by the tests of pkg/store with -update.\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "\n%s;\n", strings.NewReplacer(s.Tables()+".", "doxtrail.", s.Research()+".", "research.").Replace(r.Statement))
	}
	return b.String()
}

func TestSchema(t *testing.T) {
	golden(t, "schema.sql", schema(t, storetest.New(t)))
}

func TestEveryOlderStateMigratesToTheSameSchema(t *testing.T) {
	count, err := store.MigrationCount()
	if err != nil {
		t.Fatal(err)
	}
	want := schema(t, storetest.New(t))
	// All of them take half a minute and say no more: from wherever one begins, the
	// statements that follow are the same.
	for n := count - 1; n >= 2; n -= 1 + (count-n)/2 {
		t.Run(fmt.Sprintf("from migration %d", n), func(t *testing.T) {
			s := storetest.Open(t, storetest.Config(t))
			if err := s.MigrateFirst(t.Context(), n); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := s.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, schema(t, s)); diff != "" {
					t.Fatalf("schema differs (-from empty +from older):\n%s", diff)
				}
			}
		})
	}
}

func TestMigrateRefuses(t *testing.T) {
	count, err := store.MigrationCount()
	if err != nil {
		t.Fatal(err)
	}
	s := storetest.New(t)
	err = s.MigrateFirst(t.Context(), count-1)
	if err == nil || !strings.Contains(err.Error(), "use a newer one") {
		t.Errorf("an older doxtrail on a newer database: got %v", err)
	}
	err = s.MigrateEdited(t.Context())
	if err == nil || !strings.Contains(err.Error(), "was changed after it was applied") {
		t.Errorf("an edited migration: got %v", err)
	}
}

func TestRenderedForServers(t *testing.T) {
	for _, layout := range []store.Layout{store.LayoutServer, store.LayoutReplicas} {
		text, err := store.Rendered(layout)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/"+string(layout)+".sql", text)
	}
}
